"""A paper's table as it is shown: the published numbers alone, or measured, published and difference row by row."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.article import Command
from reports.grid import MINUS, MISSING, Cell, Column, Grid
from reports.paper.layout import PaperTable

KIND = Column("kind", "", "text")


def published_grid(table: PaperTable) -> Grid:
    """Return the table as it was printed, the lowest number of each row or column marked as the paper does."""
    texts = {
        key: f"{value:.{table.columns[key[1]].decimals}f}"
        for key, value in table.published.items()
        if not pd.isna(value)
    }
    best = _best(table, texts)
    rows = tuple(
        tuple(_published(table, texts, best, row, column) for column in table.columns)
        for row in table.rows
    )
    return Grid(table.title, table.corner, _columns(table), tuple(table.rows.values()), rows)


def compared_grid(
    table: PaperTable, cells: pd.DataFrame, numbers: Mapping[tuple[str, str], int]
) -> Grid:
    """Return three rows for each of the table's: measured with interval or spread, published, and their difference.

    ``cells`` are those of ``reports.paper.cells``; a missing one shows the number of its command in ``numbers``.
    A row of which nothing was measured has no differences.
    """
    found = {(cell["row"], cell["column"]): cell for cell in cells.to_dict("records")}
    measured = {
        key: f"{cell['measured']:.1f}"
        for key, cell in found.items()
        if not pd.isna(cell["measured"])
    }
    best = _best(table, measured)
    printed = published_grid(table)
    names, rows = [], []
    for place, (row, name) in enumerate(table.rows.items()):
        keys = [(row, column) for column in table.columns]
        lines = [
            (
                Cell("measured"),
                *(_measured(found[key], key in best, numbers.get(key)) for key in keys),
            ),
            (Cell("published"), *printed.rows[place]),
        ]
        if any(key in measured for key in keys):
            lines.append((Cell("difference"), *(_difference(found[key]) for key in keys)))
        names += [name] * len(lines)
        rows += lines
    return Grid(
        table.title, table.corner, (KIND, *_columns(table)), tuple(names), tuple(rows), grouped=True
    )


def gaps(
    table: PaperTable, cells: pd.DataFrame, first: int
) -> tuple[dict[tuple[str, str], int], list[Command]]:
    """Return missing cell -> the number of what would fill it, and those commands, numbered from ``first`` on."""
    numbers: dict[tuple[str, str], int] = {}
    known: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for cell in cells[cells["measured"].isna()].to_dict("records"):
        if cell["row"] in table.means:
            continue
        what = (cell["command"], cell["reason"])
        number, names = known.setdefault(what, (first + len(known), []))
        names.append(_purpose(table, cell))
        numbers[cell["row"], cell["column"]] = number
    commands = [
        Command(
            number,
            _listed(names) + (f" ({reason})" if command and reason else ""),
            command or None,
            reason,
        )
        for (command, reason), (number, names) in known.items()
    ]
    return numbers, commands


def _purpose(table: PaperTable, cell: Mapping[Any, Any]) -> str:
    row = table.rows[str(cell["row"])]
    across = {slot.suite for slot in table.slots.values()}
    many = len(across) > 1 or table.best_in == "row"
    return f"{row}, {table.columns[str(cell['column'])].text}" if many else row


def _listed(names: list[str]) -> str:
    return "; ".join(dict.fromkeys(names))


def _columns(table: PaperTable) -> tuple[Column, ...]:
    return tuple(
        Column(key, heading.text, "percent", heading.group)
        for key, heading in table.columns.items()
    )


def _best(table: PaperTable, texts: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Return the cells whose number reads lowest in their row or column, where at least two have one."""
    place = 0 if table.best_in == "row" else 1
    competing: dict[str, list[str]] = {}
    for key, text in texts.items():
        competing.setdefault(key[place], []).append(text)
    lowest = {name: min(map(float, shown)) for name, shown in competing.items() if len(shown) > 1}
    return {key for key, text in texts.items() if float(text) == lowest.get(key[place])}


def _published(
    table: PaperTable,
    texts: Mapping[tuple[str, str], str],
    best: set[tuple[str, str]],
    row: str,
    column: str,
) -> Cell:
    key = (row, column)
    if key not in texts:
        return Cell(MISSING)
    return Cell(texts[key], "", table.published[key], key in best)


def _measured(cell: Mapping[Any, Any], best: bool, number: int | None) -> Cell:
    value, runs = cell["measured"], cell["runs"]
    if pd.isna(value):
        return Cell(MISSING if number is None else f"[{number}]")
    interval = _range(cell, "low", "high", "{:.1f}")
    if not pd.isna(cell["spread"]):
        interval = f"{runs} seeds, SD {cell['spread']:.2f}; {interval}"
    return Cell(f"{value:.1f}", interval, value, best)


def _difference(cell: Mapping[Any, Any]) -> Cell:
    value = cell["difference"]
    if pd.isna(value):
        return Cell("")
    return Cell(signed(value), _range(cell, "difference_low", "difference_high", None), value)


def _range(cell: Mapping[Any, Any], low: str, high: str, form: str | None) -> str:
    ends = [cell[name] for name in (low, high)]
    if any(map(pd.isna, ends)):
        return ""
    return " to ".join(signed(end) if form is None else form.format(end) for end in ends)


def signed(value: float) -> str:
    """Return a number with its sign, a real minus among them, or "0.0"."""
    text = f"{value:+.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", MINUS)
