"""Anomaly detection for any pair of image sets: one run on images of the model's classes, others beside it on none.

``RUN`` is a run as any other, of the inside images; ``RUN/outside/<name>`` is one for every set of outside images. The
scores follow from the records of both.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from robench import suites
from robench.datasets import Source, stratified
from robench.datasets.unlabelled import framing_like, open_pictures, without_labels
from robench.download import open_or_advise
from robench.errors import RobenchError
from robench.evaluation import Evaluation, evaluate
from robench.models import Model
from robench.registry import unknown_name
from robench.suites import CLEAN, Suite
from robench.suites.benchmark import Benchmark, open_benchmark


def open_inside(
    spec: str, data_dir: str | Path | None = None, *, limit: int | None = None
) -> Benchmark:
    """Open images of the model's classes.

    ``spec`` names a suite, of which the clean images are taken, or a folder with a sub-folder per class. Raises
    RobenchError for anything else, and for missing data.
    """
    if spec in suites.registry():
        return _opened(_clean(suites.registry()[spec]), data_dir, limit)
    if Path(spec).is_dir():
        return open_benchmark(suites.registry()["folder"], spec, limit=limit)
    raise _neither(spec)


def open_outside(
    spec: str,
    inside: Benchmark,
    data_dir: str | Path | None = None,
    *,
    limit: int | None = None,
) -> Benchmark:
    """Open images of none of the model's classes, to be shown as the inside ones are.

    ``spec`` names a suite, of which the clean images are taken, or any folder of pictures, in any layout. The same
    classes' logits count on both sides: those of the inside suite. Raises RobenchError for anything else, for missing
    data, and for stored squares of another size.
    """
    source: Source
    if spec in suites.registry():
        known = _clean(suites.registry()[spec])
        source, name = _opened(known, data_dir).full, known.name
    elif Path(spec).is_dir():
        source = open_pictures(Path(spec), framing_like(inside.full))
        name = source.name
    else:
        raise _neither(spec)
    suite = replace(_clean(inside.suite), name=name, summary="", dataset=source.name)
    full = without_labels(source, inside.full)
    count = len(full.labels)
    chosen = np.arange(count) if limit is None else stratified(source.labels, min(limit, count))
    return Benchmark(suite, full, chosen, None, 0)


def detect(
    model: Model,
    inside: Benchmark,
    outside: Sequence[Benchmark],
    out: str | Path,
    *,
    batch_size: int | None = None,
    device: str | None = None,
    precision: str = "fp32",
    resume: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], object] = lambda line: None,
) -> list[Evaluation]:
    """Evaluate a model on both sides; return what was done, the inside images first.

    ``robench.scoring.score`` of the inside run gives the scores. Arguments and errors are those of
    ``robench.evaluation.evaluate``; also raises RobenchError for outside images of one name.
    """
    names = [each.suite.name for each in outside]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RobenchError(f"two sets of outside images are called {twice[0]!r}; rename a folder")
    beside = {Path(out) / "outside" / each.suite.name: each for each in outside}
    done: list[Evaluation] = []
    for folder, benchmark in {Path(out): inside, **beside}.items():
        say(f"{benchmark.suite.name}:")
        done.append(
            evaluate(
                model,
                benchmark,
                folder,
                conditions=(CLEAN,),
                batch_size=batch_size,
                device=device,
                precision=precision,
                resume=resume,
                command=command,
                progress=progress,
                say=say,
            )
        )
        if folder != Path(out) and not done[-1].run.is_begun():
            done[
                -1
            ].run.write_info()  # its failure is a part of the whole run: its scores are refused by name
        # Logits of all sides are of one batch size, so that equal images have equal scores.
        batch_size = int(done[-1].run.info["batch_size"])
    return done


def _opened(suite: Suite, data_dir: str | Path | None, limit: int | None = None) -> Benchmark:
    return open_or_advise(
        lambda place: open_benchmark(suite, place, limit=limit), data_dir, suite.name
    )[0]


def _clean(suite: Suite) -> Suite:
    """Return the suite of a suite's clean images alone."""
    own = suites.registry().get(suite.dataset)
    return own if suite.corruptions and own is not None else suite


def _neither(spec: str) -> RobenchError:
    return RobenchError(f"no folder {spec}, and {unknown_name('suite', spec, suites.registry())}")
