"""Numbers of the runs in results/, as they stand in a table."""

import shlex
from pathlib import Path

import pandas as pd

from reports.tables.provenance import hardware
from robench.loaded_run import LoadedRun, load_run
from robench.training.run_file import read_run_file

RESULTS = Path(__file__).parents[2] / "results"
PERCENT, PLAIN = 100.0, 1.0


def opened(run: str) -> LoadedRun:
    """Return a run below results/."""
    return load_run(RESULTS / run)


def cell(run: LoadedRun, corruption: str, metric: str, scale: float = PERCENT) -> str:
    """Return a score with its interval, such as "8.27% [7.75, 8.83]": of the clean images or a mean over severities."""
    row = row_of(run, corruption, metric)
    digits, unit = (2, "%") if scale == PERCENT else (3, "")
    value, low, high = (f"{scale * float(row[key]):.{digits}f}" for key in ("value", "low", "high"))
    return f"{value}{unit} [{low}, {high}]"


def row_of(run: LoadedRun, corruption: str, metric: str) -> pd.Series:
    """Return a row of the scores."""
    scores = run.scores
    chosen = scores[(scores["corruption"] == corruption) & (scores["metric"] == metric)]
    if corruption != "clean":
        chosen = chosen[chosen["severity"].isna()]
    (found,) = (row for _, row in chosen.iterrows())
    return found


def corruptions(run: LoadedRun) -> list[str]:
    """Return the corruptions or sequences of a run, in the order of its conditions."""
    names = [name.rpartition("-")[0] or name for name in run.info["conditions"]]
    return [name for name in dict.fromkeys(names) if name != "clean"]


def made(run: str) -> tuple[str, str, str]:
    """Return on what a run below results/ was computed, in how long, and by which command."""
    folder = RESULTS / run
    if (folder / "scores.csv").exists():
        known = load_run(folder).info
        seconds = known["seconds"]
    else:  # a training run
        known = read_run_file(folder)
        seconds = pd.read_json(folder / "log.jsonl", lines=True)["seconds"].sum()
    command = shlex.join(map(str, known["command"]))
    return f"{known['precision']} on {hardware(known)}", f"{float(seconds) / 60:.0f} min", command


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
