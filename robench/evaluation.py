"""The one loop: the conditions that are needed minus those that are stored, one pass each."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from robench.errors import RobenchError
from robench.models import Model
from robench.provenance import now
from robench.records import Run, locked, records_of, start_run
from robench.run_info import run_info
from robench.suites import Condition
from robench.suites.benchmark import Benchmark


class _Readable(Protocol):
    @property
    def labels(self) -> NDArray[np.int64]: ...
    @property
    def indices(self) -> NDArray[np.int64]: ...
    def read(self, start: int, stop: int) -> NDArray[np.uint8]: ...


class NonFiniteLogitsError(RobenchError):
    """A model gave NaN or infinite logits, so that its predictions mean nothing."""


@dataclass(frozen=True)
class Evaluation:
    """What ``evaluate`` did: the run, and per condition it could not finish the reason."""

    run: Run
    failed: dict[Condition, str]

    def failure_sentence(self) -> str:
        """Return one line that names the conditions that failed and the first reason."""
        names = ", ".join(map(str, self.failed))
        reason = next(iter(self.failed.values()))
        return (
            f"{self.run.name}: {len(self.failed)} conditions not stored ({names}): {reason}; "
            f"the {len(self.run.conditions())} others are kept in {self.run.path}"
        )


def evaluate(
    model: Model,
    benchmark: Benchmark,
    out: str | Path,
    *,
    conditions: Sequence[Condition] | None = None,
    batch_size: int = 256,
    device: str | None = None,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
) -> Evaluation:
    """Evaluate a model on a benchmark and store one record per image and condition.

    Conditions whose records are stored already are not computed again, so a run that was stopped at any moment goes
    on where it was, and none of what it had finished is lost.

    Args:
        model: the classifier with its preprocessing.
        benchmark: from ``robench.suites.benchmark.open_benchmark``.
        out: the run directory, new unless ``resume``.
        conditions: of ``benchmark.suite.conditions(...)``; all when None.
        batch_size: images per forward pass; changes logits by float rounding only.
        device: of torch, such as ``"cuda"``; a GPU if there is one, else the CPU, when None.
        resume: continue the run that is in ``out``.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.

    Raises:
        RobenchError: for a device that is not there, a run that cannot be continued, or a folder that cannot be
            written. A condition whose logits are not finite or whose data is damaged does not raise: it is left out,
            and named in ``failed``.
    """
    if batch_size < 1:
        raise RobenchError(f"batch size must be at least 1, got {batch_size}")
    place = chosen_device(device)
    wanted = tuple(conditions) if conditions is not None else benchmark.suite.conditions()
    info = run_info(model, benchmark, wanted, batch_size, place, command)
    failed: dict[Condition, str] = {}
    with locked(out):
        run = start_run(out, info, resume=resume)
        stored = set(run.conditions())
        missing = [condition for condition in wanted if condition not in stored]
        model.to(place)
        began = time.monotonic()
        with _bar(len(missing) * len(benchmark.positions), progress) as bar:
            for condition in missing:
                bar.set_description(str(condition))
                try:
                    source = benchmark.source(condition)
                    run.write(condition, _records(model, source, condition, batch_size, place, bar))
                except NonFiniteLogitsError as error:
                    failed[condition] = str(error)
        run.info["finished"] = now() if not failed else None
        run.info["seconds"] = round(run.info.get("seconds", 0.0) + time.monotonic() - began, 3)
        run.write_info()
    return Evaluation(run, failed)


def chosen_device(name: str | None) -> torch.device:
    """Return the torch device of that name, or the best there is; raise RobenchError when it is not there."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise RobenchError(f"device {name!r} cannot be used ({reason}); try --device cpu") from None
    return device


def _records(
    model: Model,
    source: _Readable,
    condition: Condition,
    batch_size: int,
    device: torch.device,
    bar: "tqdm[Any]",
) -> pd.DataFrame:
    parts = []
    for batch, images in _batches(source, batch_size):
        logits = _checked_logits(model, images, device, source.labels, condition)
        parts.append(records_of(logits, source.labels[batch], source.indices[batch]))
        bar.update(len(images))
    return pd.concat(parts, ignore_index=True)


def _batches(source: _Readable, size: int) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
    """Yield the source in batches, reading (and corrupting) the next one while the caller works on this one."""
    count = len(source.labels)
    slices = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(source.read, slices[0].start, slices[0].stop)
        for batch, following in zip(slices, [*slices[1:], None], strict=True):
            images = ahead.result()
            if following is not None:
                ahead = reader.submit(source.read, following.start, following.stop)
            yield batch, images


def _checked_logits(
    model: Model,
    images: NDArray[np.uint8],
    device: torch.device,
    labels: NDArray[np.int64],
    condition: Condition,
) -> torch.Tensor:
    try:
        logits = model.logits(images, device)
    except RuntimeError as error:
        if "shape" not in str(error) and "size" not in str(error):
            raise
        raise RobenchError(
            f"{model.name} cannot take images of {images.shape[1]} x {images.shape[2]} pixels "
            f"({str(error).splitlines()[0]})"
        ) from error
    if logits.ndim != 2 or len(logits) != len(images) or logits.shape[1] <= labels.max():
        raise RobenchError(
            f"{model.name} gave logits of shape {tuple(logits.shape)} for {len(images)} images "
            f"with labels up to {labels.max()}"
        )
    if bad := int((~torch.isfinite(logits)).any(1).sum()):
        raise NonFiniteLogitsError(
            f"{bad} of {len(images)} images of a batch have NaN or infinite logits"
        )
    return logits


def _bar(total: int, shown: bool) -> "tqdm[Any]":
    return tqdm(total=total, unit="img", unit_scale=True, disable=not shown, dynamic_ncols=True)
