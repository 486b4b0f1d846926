"""Write the tables of docs/reproduction.md from the runs in results/.

``python docs/reproduce.py`` changes what stands between the marks; the words around the tables stay. results/make.sh
makes the runs.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reports.tables.provenance import hardware
from robench.loaded_run import LoadedRun, load_run
from robench.training.run_file import read_run_file

DOCUMENT = Path(__file__).parent / "reproduction.md"
RESULTS = DOCUMENT.parent.parent / "results"
MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PERCENT, PLAIN = 100.0, 1.0


@dataclass(frozen=True)
class Claim:
    """A number somebody else published, or that theory gives, and the run of ours that measures it.

    Attributes:
        words: what is claimed.
        published: the number as printed, or what was said of it.
        run: folder below results/.
        corruption, metric: the row of its scores.csv that is a mean over severities, or of the clean images.
        scale: what the measured number is multiplied by.
    """

    words: str
    published: str
    run: str
    corruption: str
    metric: str
    scale: float = PERCENT


def main() -> None:
    """Replace the document's tables."""
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def filled(text: str) -> str:
    """Return a text with the tables that its marks ask for."""
    makers = (claims, network, methods, runs)
    tables = {make.__name__: make() for make in makers}
    return MARKED.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", text)


def claims() -> str:
    """Return the table of claims: published beside measured."""
    rows = []
    for claim in CLAIMS:
        measured = cell(opened(claim.run), claim.corruption, claim.metric, claim.scale)
        rows.append((claim.words, claim.published, measured, f"`results/{claim.run}`"))
    return table(("claim", "published", "measured [95%]", "run"), rows)


def methods() -> str:
    """Return a row for each network that was trained here, with what its seeds gave."""
    rows = []
    for folder in sorted((RESULTS / "trained").glob("*/cifar-10-c")):
        run, training = load_run(folder), read_run_file(folder.parent)
        name = f"`{shlex.join(training['command'][2:3])}` {options(training['command'])}".strip()
        rows.append(
            (
                name,
                training["seed"],
                training["recipe"]["epochs"],
                cell(run, "clean", "error"),
                cell(run, "all", "mean_uce"),
                cell(run, "clean", "rms_calibration_error"),
                cell(run, "all", "rms_calibration_error"),
                cell(run, "all", "brier_score", PLAIN),
            )
        )
    rows.sort(key=lambda row: (row[0] != "`standard`", row[0], row[1]))
    head = ("method", "seed", "epochs", "clean error", "mean corruption error")
    return table((*head, "RMS calibration, clean", "RMS calibration, -C", "Brier, -C"), rows)


def network() -> str:
    """Return what a network published by others scores on clean and on corrupted images."""
    run = opened("resnet20/cifar-10-c")
    rows = []
    for words, clean, corrupted, scale in SCORES:
        cells = cell(run, "clean", clean, scale), cell(run, "all", corrupted, scale)
        rows.append((words, *cells))
    return table(("ResNet-20", "CIFAR-10", "CIFAR-10-C"), rows)


def runs() -> str:
    """Return where each run was made: hardware, time and command."""
    rows = []
    for path in sorted(RESULTS.rglob("run.json")):
        run = path.parent
        known = load_run(run).info if (run / "scores.csv").exists() else read_run_file(run)
        on = f"{known['precision']} on {hardware(known)}"
        command = shlex.join(map(str, known["command"]))
        rows.append((f"`{run.relative_to(RESULTS)}`", spent(known, run), on, f"`{command}`"))
    return table(("run", "time", "computed with", "command"), rows)


def spent(known: dict[str, object], run: Path) -> str:
    """Return the minutes of computing of an evaluation, or of a training run's epochs."""
    seconds = known.get("seconds")
    if seconds is None:
        log = pd.read_json(run / "log.jsonl", lines=True)
        seconds = log["seconds"].sum()
    return f"{float(str(seconds)) / 60:.0f} min"


def opened(run: str) -> LoadedRun:
    """Return a run below results/."""
    return load_run(RESULTS / run)


def row_of(run: LoadedRun, corruption: str, metric: str) -> pd.Series:
    """Return a row of the scores: of the clean images or a mean over severities."""
    scores = run.scores
    chosen = scores[(scores["corruption"] == corruption) & (scores["metric"] == metric)]
    if corruption != "clean":
        chosen = chosen[chosen["severity"].isna()]
    (found,) = (row for _, row in chosen.iterrows())
    return found


def cell(run: LoadedRun, corruption: str, metric: str, scale: float = PERCENT) -> str:
    """Return a score with its interval, such as "8.27% [7.75, 8.83]"."""
    row = row_of(run, corruption, metric)
    digits, unit = (2, "%") if scale == PERCENT else (3, "")
    value, low, high = (f"{scale * float(row[key]):.{digits}f}" for key in ("value", "low", "high"))
    return f"{value}{unit} [{low}, {high}]"


def options(command: list[str]) -> str:
    """Return the words of a training command that choose a variant of the method."""
    return " ".join(f"`{word}`" for word in command if word == "--no-jsd")


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


SCORES = (
    ("error", "error", "mean_uce", PERCENT),
    ("RMS calibration error", "rms_calibration_error", "rms_calibration_error", PERCENT),
    ("expected calibration error", "ece", "ece", PERCENT),
    ("negative log-likelihood", "nll", "nll", PLAIN),
    ("Brier score", "brier_score", "brier_score", PLAIN),
    ("area under risk against coverage", "aurc", "aurc", PERCENT),
)
CLAIMS = (
    Claim(
        "ResNet-20, error on the CIFAR-10 test set",
        "8.27%",
        "resnet20/cifar-10-c",
        "clean",
        "error",
    ),
)


if __name__ == "__main__":
    main()
