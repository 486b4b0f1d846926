"""Write a report: one HTML page, the same as Markdown, the scores as CSV and every figure as files."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from reports.content import compose
from reports.figures.drawing import write_bytes, write_drawing
from reports.page.document import html_document
from reports.page.markdown import FIGURES, markdown_document
from reports.results import read_results
from reports.tables.attacks import is_attack
from robench.errors import RobenchError


def write_report(runs: Sequence[Path], out: Path, *, mixed: bool = False) -> Path:
    """Write ``report.html``, ``report.md``, ``report.csv`` and ``figures/``, and return the page's path.

    The same runs always give the same bytes. ``report.csv`` holds the tidy scores of all runs, fractions at full
    precision; ``report.html`` holds its figures and loads nothing.

    Args:
        runs: the run folders, in the order in which the report shows them; folders of ``robench attack`` among them get
            a table of their own.
        out: the folder to write into; made if need be. A report that is there is replaced.
        mixed: accept runs of different suites or protocols, and say so on the page.

    Raises:
        RobenchError: for no run, a folder that is not a run or is given twice, a run without a finished condition,
        runs that differ in
            suite, preset, seed, limit or data unless ``mixed``, and a folder that cannot be written.
    """
    runs, out = [Path(run) for run in runs], Path(out)
    attacked = [folder for folder in runs if is_attack(folder)]
    results = read_results([run for run in runs if run not in attacked], mixed)
    make_folder(out / FIGURES)
    content = compose(results, attacked)
    for drawing in content.drawings:
        write_drawing(drawing, out / FIGURES)
    scores = pd.concat([results.scores, results.anomalies]).to_csv(index=False, lineterminator="\n")
    write_bytes(out / "report.csv", scores.encode())
    write_bytes(out / "report.md", markdown_document(content).encode())
    write_bytes(out / "report.html", html_document(content).encode())
    return out / "report.html"


def make_folder(out: Path) -> None:
    """Make the output folder before the long part of the work; raise RobenchError if that is not possible."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RobenchError(f"cannot write a report into {out}: {error.strerror}") from error
