"""The one loop: the chunks that are needed minus those that are stored, one pass each."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from robench.arguments import argument
from robench.computation import Computation, arranged
from robench.contamination import contamination_of
from robench.errors import RobenchError
from robench.folder_lock import in_turn, locked
from robench.forward_pass import ForwardPass
from robench.inference import chosen_device, prepare
from robench.metrics.perturbation import against_first
from robench.models import Model, wrap
from robench.progress import bar
from robench.provenance import now
from robench.reading import Batch, Unreadable, read_ahead
from robench.records import (
    Run,
    merge_runs,
    open_run,
    prepare_run,
    records_of,
    run_to_continue,
)
from robench.run_info import run_identity, run_info
from robench.sequence_records import sequence_records_of
from robench.shard import WHOLE, Shard
from robench.suites import Chunk, Condition, chunks_of
from robench.suites.benchmark import Benchmark
from robench.temperature_scaling import (
    Temperature,
    arranged_temperature,
    check,
    recorded_or_asked,
)
from robench.upload import uploaded
from robench.writing import write_behind

# What an interruption costs at most. A multiple of the usual batch sizes, and seconds of work even for a slow network.
CHUNK_IMAGES = 2048
CHUNK_SEQUENCES = 256  # of some thirty frames each
# Images are read and their records made in pieces of this size, or of a batch where that is larger: enough to make
# what is done once per piece cheap, and little beside the network's own memory.
PIECE_BYTES = 8 * 2**20


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
        others = len(self.run.conditions())
        kept = f"the {others} others are kept in {self.run.path}" if others else "nothing is kept"
        return (
            f"{self.run.name}: {len(self.failed)} conditions not stored ({names}): {reason}; {kept}"
        )


def evaluate(
    model: Model | Callable[[torch.Tensor], torch.Tensor],
    benchmark: Benchmark,
    out: str | Path,
    *,
    conditions: Sequence[Condition] | None = None,
    batch_size: int | None = None,
    device: str | None = None,
    precision: str = "fp32",
    compiled: bool = False,
    temperature: float | str | None = None,
    shard: Shard = WHOLE,
    resume: bool = False,
    strict: bool = False,
    command: Sequence[str] = (),
    asked: Mapping[str, Any] | None = None,
    assumed: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], object] = lambda line: None,
) -> Evaluation:
    """Evaluate a model on a benchmark and store one record per image and condition.

    Work is stored in chunks of ``CHUNK_IMAGES`` images or ``CHUNK_SEQUENCES`` sequences, and nothing that is stored is
    computed again, so a run that was stopped at any moment goes on where it was.

    Args:
        model: the classifier with its preprocessing, or a callable from float32 (N, 3, H, W) in [0, 1] to logits.
        benchmark: from ``robench.suites.benchmark.open_benchmark``.
        out: the run directory, new or with this very run in it, which is then continued.
        conditions: of ``benchmark.suite.conditions(...)``; all when None.
        batch_size: images per forward pass; changes logits by float rounding only. When None, that of the run that is
            continued, else the fastest in a short measurement. Halved where memory is too small for it.
        device: of torch, such as ``"cuda"``; a GPU if there is one, else the CPU, when None.
        precision: ``"fp32"`` or ``"bf16"``.
        compiled: use ``torch.compile``.
        temperature: what logits are divided by, so that the records hold the probabilities after temperature scaling; a
            number, or ``"fit"`` as in ``robench.temperature_scaling``.
        shard: do this part of the work only; all parts may write the same run directory at the same time.
        resume: continue the run also of a function in no file, of which nothing else tells that it is the same;
            implied by a shard.
        strict: refuse a model trained with operations that overlap with test corruptions.
        command: the command line, to be recorded.
        asked: what the model was asked for with, to be recorded.
        assumed: what nobody had said, in sentences, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is told, a line at a time, what was chosen or happened that a reader of the numbers should know.

    Raises:
        RobenchError: for a device that is not there, a model that ``strict`` refuses, a run that cannot be continued,
            or a folder that cannot be written. A condition whose logits are not finite or whose data is missing or
            damaged does not raise: it is left out, and named in ``failed``.
    """
    if batch_size is not None and batch_size < 1:
        raise RobenchError(f"batch size must be at least 1, got {batch_size}")
    model = wrap(model)
    model.known_normalisation()  # or a refusal, before anything is written
    if strict and benchmark.suite.corruptions:
        _refuse_contaminated(model)
    place = chosen_device(device)
    check(temperature, benchmark.suite)
    wanted = tuple(conditions) if conditions is not None else benchmark.suite.conditions()
    inference = prepare(model, place, benchmark.size_px, precision=precision, compiled=compiled)
    part = None if shard == WHOLE else shard.file_name
    resume = resume or part is not None
    with locked(out, part):
        # Shards that start together would measure two batch sizes: the first chooses for all.
        with in_turn(out) if part else contextlib.nullcontext():
            there = same_run(model, benchmark, out, precision, temperature, resume=resume)
            recorded = None if there is None else there.info
            computation = arranged(
                model,
                benchmark,
                inference,
                place,
                batch_size=batch_size,
                images=sum(map(benchmark.frame_count, wanted)) * len(benchmark.positions),
                recorded=recorded,
                say=say,
            )
            divisor = arranged_temperature(
                temperature,
                benchmark,
                computation,
                recorded=recorded,
                progress=progress,
                say=say,
            )
            info = run_info(
                model,
                benchmark,
                wanted,
                computation,
                command,
                divisor,
                asked=asked,
                assumed=assumed,
            )
            run = prepare_run(out, info, resume=resume)
            if (
                there is not None or part
            ):  # else with the first records: what stores none leaves no run
                run.write_info()
        _say_other_libraries(recorded, info, say)
        work = _Work(run, wanted, len(benchmark.positions))
        began = time.monotonic()
        failed = _work_off(computation, benchmark, divisor, work, shard, progress, say)
        if run.is_begun():
            if work.is_done():
                run.info["finished"] = now()
            run.info["seconds"] = round(run.info.get("seconds", 0.0) + time.monotonic() - began, 3)
            run.write_info()
    return Evaluation(run, failed)


def same_run(
    model: Model,
    benchmark: Benchmark,
    out: str | Path,
    precision: str = "fp32",
    temperature: float | str | None = None,
    *,
    resume: bool = False,
) -> Run | None:
    """Return the run of this very evaluation in ``out``, or None where that is free; arguments as of ``evaluate``.

    Raises RobenchError as ``robench.records.run_to_continue`` does.
    """
    out = Path(out)
    recorded = open_run(out).info if (out / "run.json").exists() else None
    temperatures = recorded_or_asked(temperature, recorded)
    identity = run_identity(model, benchmark, precision=precision, temperatures=temperatures)
    return run_to_continue(out, identity, resume=resume)


def _say_other_libraries(
    recorded: Mapping[str, Any] | None, info: Mapping[str, Any], say: Callable[[str], object]
) -> None:
    before: Mapping[str, str] = recorded["libraries"] if recorded else {}
    differ = [
        f"{name} {before[name]}, now {version}"
        for name, version in info["libraries"].items()
        if before.get(name, version) != version
    ]
    if differ:
        say(f"note: the run was begun with {'; '.join(differ)}; run.json keeps both")


def merge(sources: Sequence[str | Path], out: str | Path) -> Run:
    """Make one run of several that hold shards of it, such as those of a job array without a common disk.

    Raises RobenchError when the runs do not belong together or ``out`` holds something else.
    """
    run = merge_runs(sources, out)
    wanted = tuple(map(Condition.parse, run.info["conditions"]))
    with locked(out):
        if _Work(run, wanted, run.info["data"]["images"]).is_done():
            run.info["finished"] = now()
            run.write_info()
    return run


def _refuse_contaminated(model: Model) -> None:
    contamination = contamination_of(model.record())
    if contamination.operations:
        raise RobenchError(
            f"{contamination.sentence(model.name)}; without {argument('strict')} it is evaluated"
        )


@dataclass(frozen=True)
class _Work:
    """What a run needs, in chunks, and what of it is stored."""

    run: Run
    wanted: tuple[Condition, ...]
    count: int
    chunks: dict[Condition, tuple[Chunk, ...]] = field(init=False)

    def __post_init__(self) -> None:
        chunks = {
            each: chunks_of(each, self.count, CHUNK_SEQUENCES if each.is_sequence else CHUNK_IMAGES)
            for each in self.wanted
        }
        object.__setattr__(self, "chunks", chunks)
        for whole in chunks.values():
            self.run.join(
                whole
            )  # a run can have been stopped between its last chunk and the joining

    def missing(self, shard: Shard) -> list[Chunk]:
        every = [chunk for whole in self.chunks.values() for chunk in whole]
        part = shard.part(len(every))
        return [chunk for chunk in every[part.start : part.stop] if not self.run.has(chunk)]

    def store(self, chunk: Chunk, records: pd.DataFrame) -> None:
        if not self.run.is_begun():
            self.run.write_info()
        self.run.write_chunk(chunk, records, self.chunks[chunk.condition])

    def is_done(self) -> bool:
        return set(self.wanted) <= set(self.run.conditions())


def _work_off(
    computation: Computation,
    benchmark: Benchmark,
    temperature: Temperature | None,
    work: _Work,
    shard: Shard,
    progress: bool,
    say: Callable[[str], object],
) -> dict[Condition, str]:
    """Evaluate what is missing, chunk by chunk; return the conditions that failed, with the reason."""
    failed: dict[Condition, str] = {}
    missing = work.missing(shard)
    parts: list[pd.DataFrame] = []

    def halved(before: int, after: int) -> None:
        say(f"batch size: {after}, because memory was too small for {before}")
        work.run.info["batch_size"] = after
        work.run.info["batch_size_origin"] += f", halved from {before}: out of memory"
        if work.run.is_begun():
            work.run.write_info()

    forward = ForwardPass(
        computation.inference.model, computation.device, computation.batch_size, halved
    )
    piece = _piece_images(benchmark, computation.batch_size)
    on_gpu = computation.device.type == "cuda"
    frames = [benchmark.frame_count(chunk.condition) for chunk in missing]
    total = sum((chunk.stop - chunk.start) * n for chunk, n in zip(missing, frames, strict=True))
    with bar(total, unit="img", shown=progress, unit_scale=True) as shown, write_behind() as write:
        pieces = read_ahead(benchmark, missing, piece, readers=2 if on_gpu else 1)
        for ready in uploaded(pieces, computation.device):
            condition = ready.chunk.condition
            if isinstance(ready, Unreadable):
                failed.setdefault(condition, ready.reason)
            if condition in failed or isinstance(ready, Unreadable):
                parts = []
                continue
            shown.set_description(str(condition), refresh=False)
            try:
                parts.append(_records(forward, benchmark, temperature, ready, shown.update))
            except NonFiniteLogitsError as error:
                failed[condition] = str(error)
                parts = []
                continue
            if ready.last:
                write(partial(work.store, ready.chunk, pd.concat(parts, ignore_index=True)))
                parts = []
    return failed


def _piece_images(benchmark: Benchmark, batch_size: int) -> int:
    """Return how many images to read at a time: whole batches, so that batches are the same for any piece."""
    height, width = benchmark.size_px
    return batch_size * max(1, PIECE_BYTES // (height * width * 3 * batch_size))


def _records(
    forward: ForwardPass,
    benchmark: Benchmark,
    temperature: Temperature | None,
    batch: Batch,
    advanced: Callable[[int], object],
) -> pd.DataFrame:
    logits = forward.logits(batch.images, advanced)
    expected = (len(batch.images), len(benchmark.full.classes))
    if tuple(logits.shape) != expected:
        raise RobenchError(
            f"{forward.model.name} gave logits of shape {tuple(logits.shape)} where {benchmark.suite.name} "
            f"needs {expected}: a row per image, a column per class"
        )
    if bad := int((~torch.isfinite(logits)).any(1).sum()):
        raise NonFiniteLogitsError(
            f"{bad} of {len(logits)} images of a batch have NaN or infinite logits"
        )
    condition = batch.chunk.condition
    if condition.is_sequence:
        of_frames = logits.view(len(batch.labels), -1, logits.shape[1])
        to_first = against_first(condition.corruption)
        return sequence_records_of(of_frames, batch.labels, batch.indices, to_first)
    if temperature is not None:
        logits = temperature.divided(logits, batch.indices)
    return records_of(benchmark.suite.of_classes_used(logits), batch.labels, batch.indices)
