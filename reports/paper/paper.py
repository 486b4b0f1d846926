"""A paper's tables and figures from runs, as an article; without a run, the published tables alone."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from baselines import published
from reports.article import Article, Command, Section
from reports.grid import Column, grid
from reports.paper.cells import cells
from reports.paper.figures import DATASET, METHODS, NETWORK, figures
from reports.paper.layout import PaperTable, tables
from reports.paper.opened import Opened, open_runs
from reports.paper.table_grids import compared_grid, gaps, published_grid
from reports.paper.variants import Trained

PAPER_TITLES = {"augmix": "AugMix (Hendrycks et al. 2020)"}
ROUNDED = (
    "Measured numbers are rounded to one decimal, published ones stand as printed. A difference is that of the "
    "unrounded measured number and the printed one, which is itself rounded: to 0.05, without decimals to 0.5."
)
SEEDS = (
    "Of one run, the 95% interval is over its test images; of several seeds, Student's interval of the mean over the "
    "seeds, with their standard deviation (SD). The published number is taken as exact. A mean over networks has no "
    "interval."
)
LOWEST = (
    "The lowest number of each column, in table 1 of each row, is marked, among the measured and among the published. "
    "That marks the order, not significance."
)
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
    laid_out = tables(paper)
    opened = open_runs(paths, any_recipe, places(laid_out))
    computed = [cells(table, opened.placed) for table in laid_out]
    by_name: dict[str, list[tuple[PaperTable, pd.DataFrame]]] = {}
    for table, found in zip(laid_out, computed, strict=True):
        by_name.setdefault(table.name, []).append((table, found))
    sections, count = [], 1
    for name, parts in by_name.items():
        section = _section(name, parts, bool(paths), count)
        count += len(section.commands)
        sections.append(section)
    drawn = figures(opened, pooled)
    if drawn:
        sections.append(Section("Figures", drawings=tuple(drawn)))
    if paths:
        sections.append(_runs(opened))
    reading = (LOWEST, ROUNDED, SEEDS) if paths else (LOWEST,)
    sections.append(Section("How to read the numbers", notes=reading))
    facts = _facts(opened, len(paths))
    article = Article(f"Tables of {PAPER_TITLES[paper]}", facts, tuple(sections))
    return article, pd.concat(computed, ignore_index=True)


def places(laid_out: Sequence[PaperTable]) -> set[tuple[Trained, str]]:
    """Return the (trained network, suite) that the tables and figures show."""
    shown = {(slot.trained, slot.suite) for table in laid_out for slot in table.slots.values()}
    return shown | {(Trained(name, NETWORK, DATASET), "cifar-10-p") for name in METHODS}


def _facts(opened: Opened, given: int) -> str:
    if not given:
        return "The published numbers alone"
    return (
        f"Measured beside published · {len(opened.placed)} of {given} runs have a place in a table"
    )


def _section(
    name: str, parts: Sequence[tuple[PaperTable, pd.DataFrame]], compare: bool, first: int
) -> Section:
    source = published.sources().set_index("name").loc[name]
    grids, commands = [], list[Command]()
    for table, found in parts:
        if not compare:
            grids.append(published_grid(table))
            continue
        numbers, more = gaps(table, found, first + len(commands))
        commands += more
        grids.append(compared_grid(table, found, numbers))
    notes = [str(source["note"])]
    if any("*" in text for text in _headings(parts[0][0])):
        notes.append(STAR)
    if commands:
        notes.append(GAPS)
    return Section(
        heading=str(source["table"]),
        paragraphs=(f"{source['source']}, {source['table']}.",),
        grids=tuple(grids),
        notes=tuple(notes),
        commands=tuple(commands),
    )


def _headings(table: PaperTable) -> list[str]:
    return [*table.rows.values(), *(each.text for each in table.columns.values())]


def _runs(opened: Opened) -> Section:
    columns = [
        Column("suite", "Suite", "text"),
        Column("place", "Place", "text"),
        Column("seed", "Seed", "text"),
        Column("recipe", "Recipe", "text"),
        Column("data", "Data", "text"),
    ]
    shown = grid(opened.listed, columns, "Every run given, and its row and network in the tables")
    return Section("The runs", grids=(shown,))
