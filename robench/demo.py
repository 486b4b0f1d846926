"""The whole way once, on data that ships with a library: train, corrupt, evaluate, report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reports.report import write_report
from robench import scoring, suites
from robench.evaluation import evaluate
from robench.models import load_checkpoint
from robench.records import Run
from robench.scoring import Scores
from robench.suites.benchmark import Benchmark, open_benchmark
from robench.training import train

METHODS = ("standard", "augmix")
ARCHITECTURE = "digits_cnn"
SUITE = "digits-c"


@dataclass(frozen=True)
class Demo:
    """What the demo made: the report's page and the scores per method."""

    page: Path
    scores: dict[str, Scores]


def run_demo(
    out: str | Path,
    *,
    epochs: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Demo:
    """Train a small network on the digits with each of ``METHODS``, evaluate both on digits-C and write a report.

    A demo that was stopped goes on where it was when it is started again with the same arguments.

    Args:
        out: the folder for everything: ``<method>/train``, ``<method>/digits-c`` and ``report``.
        epochs: of training; the recipe's when None.
        limit: evaluate this many images of 500; all when None.
        seed: of training and corruptions.
        progress: show a bar per stage on stderr.
        say: is given a line at the start of each stage.

    Raises:
        RobenchError: when the folder cannot be written or holds runs made with other arguments.
    """
    out = Path(out)
    benchmark = open_benchmark(suites.registry()[SUITE], seed=seed, limit=limit)
    runs: list[Run] = []
    stages = 2 * len(METHODS) + 1
    for number, method in enumerate(METHODS):
        say(f"[{2 * number + 1}/{stages}] train {ARCHITECTURE} on the digits: {method}")
        checkpoint = _trained(method, out / method / "train", epochs, seed, progress)
        say(f"[{2 * number + 2}/{stages}] evaluate {method} on {SUITE}")
        runs.append(_evaluated(method, checkpoint, benchmark, out / method / SUITE, progress))
    say(f"[{stages}/{stages}] write the report")
    scores = {run.name: scoring.write_scores(run) for run in runs}
    return Demo(write_report([run.path for run in runs], out / "report"), scores)


def _trained(method: str, out: Path, epochs: int | None, seed: int, progress: bool) -> Path:
    return train(
        method,
        ARCHITECTURE,
        "digits",
        out,
        epochs=epochs,
        seed=seed,
        device="cpu",
        command=["robench", "demo"],
        progress=progress,
    ).checkpoint


def _evaluated(
    method: str, checkpoint: Path, benchmark: Benchmark, out: Path, progress: bool
) -> Run:
    model = load_checkpoint(checkpoint, classes=len(benchmark.full.classes), name=method)
    result = evaluate(
        model,
        benchmark,
        out,
        device="cpu",
        resume=_is_run(out),
        command=["robench", "demo"],
        progress=progress,
    )
    return result.run


def _is_run(path: Path) -> bool:
    return (path / "run.json").exists()
