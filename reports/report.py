"""Write a report: one HTML page, the same as Markdown, its tables as LaTeX, the scores, and every figure as files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from reports.article import Article, Section
from reports.contact_sheets import sheet_png
from reports.content import CAUTIONS_HEADING, Content, compose
from reports.figures.drawing import picture_files
from reports.folder import SUFFIXES, ReportFolder, check_formats, report_folder
from reports.formats import json_rows, json_text, write_article
from reports.found_runs import is_attack, is_training
from reports.page.document import html_document
from reports.page.latex import latex_article
from reports.page.markdown import FIGURES, markdown_document
from reports.results import Results, read_results
from reports.sheet import SHEET_STEM, drawn
from reports.training import training_article
from robench.errors import RobenchError

SCORES_PART, TABLES_PART = 0.3, 0.1  # of the time that a report takes


def write_report(
    runs: Sequence[Path],
    out: Path,
    *,
    mixed: bool = False,
    formats: Iterable[str] = (),
    data_dir: Path | None = None,
    progress: Callable[[float], object] = lambda part: None,
) -> Path:
    """Write ``report.html``, ``.md``, ``.tex``, ``.csv``, ``.json`` and ``figures/``; return the first one's path.

    The same runs always give the same bytes. ``report.csv`` holds the tidy scores of all runs, fractions at full
    precision; ``report.json`` these, the cautions, what has no score and why, and each run.json; ``report.html``
    holds its figures and loads nothing.

    Args:
        runs: the run folders, in the order in which the report shows them; folders of ``robench attack`` among them get
            a table of their own, and ``published:NAME`` puts a published model's numbers below the runs'. Or training
            runs alone: their curves and recipes.
        out: the folder to write into; made if need be. A report that is there is replaced.
        mixed: accept runs of different suites or protocols, and say so on the page.
        formats: of ``html``, ``markdown``, ``latex``, ``csv`` and ``json``; all when none is given.
        data_dir: the folder of the data that the runs were evaluated on, to show its images and the names of its
            classes; without it a photograph shows the corruptions.
        progress: is told after each step which part of the whole it was.

    Raises:
        RobenchError: for no run, a folder that is not a run or is given twice, a run without a finished
        condition, runs that differ in suite, preset, seed, limit or data unless ``mixed``, an unknown format, a
        ``data_dir`` that holds other images, and a folder that cannot be written.
    """
    runs, out, chosen = [Path(run) for run in runs], Path(out), check_formats(formats)
    trained = [run for run in runs if is_training(run)]
    if trained and len(trained) < len(runs):
        raise RobenchError(
            f"{trained[0]} is a training run, others are evaluations; report them apart: their numbers are no table"
        )
    if trained:
        article, rows = training_article(runs)
        return write_article(article, rows, out, "report", chosen)
    attacked = [folder for folder in runs if is_attack(folder)]
    evaluated = [run for run in runs if run not in attacked]
    results = read_results(evaluated, mixed, lambda: progress(SCORES_PART / len(evaluated)))
    with report_folder(out, "report") as folder:
        folder.below(FIGURES).make()
        content = compose(results, attacked, data_dir)
        progress(TABLES_PART)
        figures_part = 1 - SCORES_PART - TABLES_PART
        return put_report(
            content, results, folder, chosen, lambda part: progress(figures_part * part)
        )


def put_report(
    content: Content,
    results: Results,
    folder: ReportFolder,
    formats: Sequence[str],
    drawn_part: Callable[[float], object] = lambda part: None,
) -> Path:
    """Write a report into a folder that is open, and return the first file's path; see ``write_report``.

    ``drawn_part`` is told after each figure which part of all of them that was.
    """
    if content.sheet and content.sheet.examples:
        folder.write(f"{FIGURES}/{SHEET_STEM}.png", sheet_png(drawn(content.sheet, content.title)))
    for drawing in content.drawings:
        for file, picture in picture_files(drawing).items():
            folder.write(f"{FIGURES}/{file}", picture)
        drawn_part(1 / len(content.drawings))
    paths = [
        folder.write(f"report.{SUFFIXES[name]}", _text(name, content, results).encode())
        for name in formats
    ]
    return paths[0]


def _text(name: str, content: Content, results: Results) -> str:
    if name == "html":
        return html_document(content)
    if name == "markdown":
        return markdown_document(content)
    if name == "latex":
        return latex_article(_article(content))
    scores = pd.concat([results.scores, results.anomalies])
    if name == "csv":
        return scores.to_csv(index=False, lineterminator="\n")
    runs = [{"run": name, **info} for name, info in zip(results.names, results.infos, strict=True)]
    rows = {"scores": json_rows(scores), "refused": json_rows(results.refused), "runs": runs}
    warned = {"mixed": content.mixed, "cautions": [asdict(each) for each in content.cautions]}
    return json_text({"title": content.title, **warned, **rows})


def _article(content: Content) -> Article:
    """Return the tables and figures of a report, without the parts that only a page can show."""
    grids = {
        "Summary": (content.summary,),
        "Error by corruption": content.by_corruption,
        "Perturbation sequences": content.by_sequence,
        "Severity": tuple(each.numbers for each in content.severity),
        "Confidence": (content.probabilities, *(each.numbers for each in content.risk)),
        "Worst classes": (content.worst_classes,) if content.worst_classes else (),
        "Images that changed": content.changed,
        "Anomaly detection": content.detection,
        "Under attack": (content.attacks,) if content.attacks else (),
        "Refused scores": (content.refused,) if content.refused else (),
    }
    warned = tuple(map(str, content.cautions))
    sections = [Section(CAUTIONS_HEADING, notes=warned)] if warned else []
    sections += [Section(title, grids=each) for title, each in grids.items() if each]
    sections.append(Section("Figures", drawings=tuple(content.drawings)))
    sections.append(Section("How to read the numbers", notes=content.notes))
    mixed = f"Not one protocol. {content.mixed}" if content.mixed else ""
    return Article(content.title, content.facts or mixed, tuple(sections))
