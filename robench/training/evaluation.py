"""The evaluation that follows a training, or several seeds of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robench import models, scoring, suites
from robench.contamination import contamination_of
from robench.errors import RobenchError
from robench.evaluation import evaluate, same_run
from robench.places import choose_run_folder
from robench.scoring import Scores
from robench.suites.benchmark import Benchmark, open_benchmark
from robench.training.loop import Trained


@dataclass(frozen=True)
class Evaluated:
    """An evaluation's folder, its run.json, its scores, and what a reader of them must know of the training."""

    path: Path
    info: dict[str, Any]
    scores: Scores
    warning: str | None


def opened(names: Sequence[str], data_dir: str | Path | None) -> list[Benchmark]:
    """Open suites before a training that is to be evaluated on them, so that what is missing is known early."""
    return [open_benchmark(suites.registry()[name], data_dir) for name in names]


def evaluate_trained(
    trained: Sequence[Trained],
    benchmark: Benchmark,
    *,
    as_ensemble: bool = False,
    **settings: Any,
) -> list[Evaluated]:
    """Evaluate each training's last epoch in a folder of the suite's name in its own, beside ``checkpoints``.

    An evaluation that was stopped is continued. With ``as_ensemble`` the mean softmax of all is evaluated, too, in
    ``ensemble`` beside the trainings' folders. ``settings`` are those of ``evaluate``.
    """
    folders = [each.checkpoint.parent.parent for each in trained]
    jobs = [
        ([each.checkpoint], _title(folder), folder)
        for each, folder in zip(trained, folders, strict=True)
    ]
    if as_ensemble:
        together = folders[0].parent / "ensemble"
        jobs.append(([each.checkpoint for each in trained], _title(together), together))
    return [
        _evaluated(checkpoints, name, benchmark, folder / benchmark.suite.name, settings)
        for checkpoints, name, folder in jobs
    ]


def _evaluated(
    checkpoints: Sequence[Path],
    name: str,
    benchmark: Benchmark,
    out: Path,
    settings: dict[str, Any],
) -> Evaluated:
    model = models.load_all(
        [str(path) for path in checkpoints],
        classes=len(benchmark.full.classes),
        name=name,
        as_ensemble=len(checkpoints) > 1,
    )
    precision = str(settings.get("precision", "fp32"))

    def continues(folder: Path) -> bool:
        try:
            same_run(model, benchmark, folder, precision)
        except RobenchError:  # of a checkpoint that is there no longer, say
            return False
        return True

    out = choose_run_folder(out, continues)
    result = evaluate(model, benchmark, out, **settings)
    if result.failed:
        raise RobenchError(result.failure_sentence())
    warning = contamination_of(model.record()).sentence(model.name)
    return Evaluated(out, result.run.info, scoring.stored_or_written(result.run), warning)


def _title(folder: Path) -> str:
    """Return how tables call a run: its folder's name, with the one above where that is only a number or a role."""
    resolved = folder.resolve()
    if resolved.name == "ensemble" or resolved.name.startswith("seed-"):
        return f"{resolved.parent.name}-{resolved.name}"
    return resolved.name
