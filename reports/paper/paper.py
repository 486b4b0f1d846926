"""A paper's tables and figures from runs, as an article; without a run, the published tables alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from baselines import published
from reports.article import Article, Command, Section
from reports.formats import write_article
from reports.grid import MISSING, Column, grid
from reports.paper.cells import cells
from reports.paper.figures import figure_places, figures
from reports.paper.layout import PaperTable
from reports.paper.opened import listed, open_runs
from reports.paper.own_rows import with_own_rows
from reports.paper.papers import Paper, paper_named
from reports.paper.placed_run import PlacedRun
from reports.paper.table_grids import compared_grid, gaps, published_grid, unlike
from reports.paper.variants import Trained

ROUNDED = (
    "Measured numbers are rounded to one decimal, published ones stand as printed. A difference is that of the "
    "unrounded measured number and the printed one, which is itself rounded: to 0.05, without decimals to 0.5."
)
SEEDS = (
    "Of one run, the 95% interval is over its test images; of several seeds, Student's interval of the mean over the "
    "seeds, with their standard deviation (SD). The published number is taken as exact. A mean over networks has no "
    "interval."
)
BEST = (
    "The best number of each column, in a table of networks of each row, is marked, among the measured and among the "
    "published. That marks the order, not significance. Rows below the paper's own, of other networks, recipes or "
    "images, compete with those of the same network, recipe and images only."
)
NOT_KNOWN = (
    "A question mark: what the paper says there is not known to us; no source that we could read has it, so nothing "
    "stands beside what was measured."
)
NO_SOURCE = "None of the paper's numbers of this comparison is known to us."
LEFT_OUT = "Compared in the paper, too, without a number that is known to us: {}. With runs these are shown as well."
GAPS = "A number in brackets stands for the command below that fills the cell, or the reason why there is none."
STAR = "A star: without the operations that overlap with test corruptions."


def paper_article(
    paper: str, paths: Sequence[Path], *, any_recipe: bool = False, pooled: bool = False
) -> tuple[Article, pd.DataFrame]:
    """Return a paper's tables and figures with the runs' numbers, and every cell of the tables as tidy rows.

    Args:
        paper: a name of ``PAPERS``.
        paths: run folders, or none.
        any_recipe: also place runs that were trained by another recipe than the table's.
        pooled: in the figures, calibration of all corruptions' images at a severity as one set.

    Raises RobenchError for an unknown paper and as ``open_runs`` and ``cells``.
    """
    return placed_article(paper, open_runs(paths, any_recipe), pooled=pooled)


def write_paper(
    paper: str,
    paths: Sequence[Path],
    out: Path,
    formats: Sequence[str],
    *,
    any_recipe: bool = False,
    pooled: bool = False,
    progress: Callable[[float], object] = lambda part: None,
) -> Path:
    """Write a paper's tables and figures as ``paper.*`` into ``out``, and return the first file's path.

    ``progress`` is told after each step which part of the whole it was. Errors and the rest are those of
    ``paper_article`` and ``write_article``.
    """
    runs = open_runs(paths, any_recipe, lambda: progress(1 / (len(paths) + 1)))
    article, rows = placed_article(paper, runs, pooled=pooled)
    return write_article(article, rows, out, "paper", formats)


def shown_in(paper: str, runs: Sequence[PlacedRun]) -> list[PlacedRun]:
    """Return the runs that a paper's tables or figures show, in cells or in rows of their own."""
    laid_out, in_cells = _places_of(paper_named(paper))
    shown = in_cells | places([with_own_rows(table, runs, in_cells) for table in laid_out])
    return [run for run in runs if (run.trained, run.suite) in shown]


def _places_of(described: Paper) -> tuple[list[PaperTable], set[tuple[Trained, str]]]:
    laid_out = described.tables()
    return laid_out, places(laid_out) | (figure_places() if described.has_figures else set())


def placed_article(
    paper: str, runs: Sequence[PlacedRun], *, pooled: bool = False
) -> tuple[Article, pd.DataFrame]:
    """Return a paper's tables and figures with runs that are open; see ``paper_article``."""
    described = paper_named(paper)
    laid_out, in_cells = _places_of(described)
    whole = [with_own_rows(table, runs, in_cells) for table in laid_out]
    shown = list(zip(whole, [cells(table, runs) for table in whole], strict=True))
    sections = _sections(shown, bool(runs))
    drawn = figures(runs, pooled) if described.has_figures else []
    if drawn:
        sections.append(Section("Figures", drawings=tuple(drawn)))
    if runs:
        sections.append(_runs(listed(runs, in_cells, places(whole) - in_cells)))
    reading = [BEST, ROUNDED, SEEDS] if runs else [BEST, *_left_out(laid_out)]
    sections.append(Section("How to read the numbers", notes=tuple(reading)))
    facts = _facts(runs, in_cells, places(whole))
    article = Article(f"Tables of {described.title}", facts, tuple(sections))
    return article, pd.concat([found for _, found in shown], ignore_index=True)


def places(laid_out: Sequence[PaperTable]) -> set[tuple[Trained, str]]:
    """Return the (trained network, suite) that tables show."""
    return {(slot.trained, slot.suite) for table in laid_out for slot in table.slots.values()}


def _facts(
    runs: Sequence[PlacedRun], in_cells: set[tuple[Trained, str]], shown: set[tuple[Trained, str]]
) -> str:
    if not runs:
        return "The published numbers alone"
    found = [(run.trained, run.suite) for run in runs]
    own = sum(each in shown and each not in in_cells for each in found)
    cells_filled = sum(each in in_cells for each in found)
    return (
        f"Measured beside published · of {len(runs)} runs {cells_filled} belong to a cell of the paper, {own} have a "
        "row of their own"
    )


def _sections(shown: Sequence[tuple[PaperTable, pd.DataFrame]], compare: bool) -> list[Section]:
    """Return a section for each of the paper's tables; without runs, of those of which numbers are published."""
    by_name: dict[str, list[tuple[PaperTable, pd.DataFrame]]] = {}
    for table, found in shown:
        if compare or table.published:
            by_name.setdefault(table.name, []).append((table, found))
    sections, count = [], 1
    for parts in by_name.values():
        sections.append(_section(parts, compare, count))
        count += len(sections[-1].commands)
    return sections


def _left_out(laid_out: Sequence[PaperTable]) -> list[str]:
    """Return what the published tables alone do not show."""
    names = []
    for table in laid_out:
        known = {row for row, _ in table.published}
        unknown = [name for row, name in table.rows.items() if row not in known]
        if not known:
            names.append(table.heading)
        elif unknown:
            names.append(f"{table.heading} of {', '.join(unknown)}")
    return [LEFT_OUT.format("; ".join(dict.fromkeys(names)))] if names else []


def _section(
    parts: Sequence[tuple[PaperTable, pd.DataFrame]], compare: bool, first: int
) -> Section:
    table = parts[0][0]
    grids, commands, notes = [], list[Command](), _notes(table)
    for each, found in parts:
        if not compare:
            grids.append(published_grid(each))
            continue
        numbers, more = gaps(each, found, first + len(commands))
        commands += more
        grids.append(compared_grid(each, found, numbers))
        notes += [sentence for sentence in unlike(each, found) if sentence not in notes]
    if compare and table.unknown != MISSING:
        notes.append(NOT_KNOWN)
    if commands:
        notes.append(GAPS)
    return Section(
        heading=table.heading,
        paragraphs=(_origin(table),),
        grids=tuple(grids),
        notes=tuple(notes),
        commands=tuple(commands),
    )


def _origin(table: PaperTable) -> str:
    if not table.published:
        return NO_SOURCE
    source = published.sources().set_index("name").loc[table.name]
    return f"{source['source']}, {source['table']}."


def _notes(table: PaperTable) -> list[str]:
    """Return what a reader must know of a table, whatever was measured."""
    notes = []
    if table.published:
        notes.append(str(published.sources().set_index("name").loc[table.name, "note"]))
    if any("*" in text for text in _headings(table)):
        notes.append(STAR)
    return notes


def _headings(table: PaperTable) -> list[str]:
    return [*table.rows.values(), *(each.text for each in table.columns.values())]


def _runs(table: pd.DataFrame) -> Section:
    columns = [
        Column("suite", "Suite", "text"),
        Column("place", "Place", "text"),
        Column("seed", "Seed", "text"),
        Column("recipe", "Recipe", "text"),
        Column("data", "Data", "text"),
    ]
    shown = grid(table, columns, "Every run given, and its row and network in the tables")
    return Section("The runs", grids=(shown,))
