"""A paper's table as it is shown: the published numbers alone, or measured, published and difference row by row."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.article import Command
from reports.grid import DAGGER, MINUS, MISSING, Cell, Column, Grid
from reports.paper.layout import Key, PaperTable

KIND = Column("kind", "", "text")


def published_grid(table: PaperTable, all_rows: bool = False) -> Grid:
    """Return the table as it was printed, the best number of each row or column marked as the paper does.

    A row of the paper of which no number is known is left out unless ``all_rows``.
    """
    texts = {
        key: f"{value:.{table.columns[key[1]].decimals}f}"
        for key, value in table.published.items()
        if not pd.isna(value)
    }
    best = _best(table, texts)
    known = {row for row, _ in table.published}
    shown = {row: table.rows[row] for row in _papers_rows(table) if all_rows or row in known}
    rows = tuple(
        tuple(_published(table, texts, best, row, column) for column in table.columns)
        for row in shown
    )
    return Grid(table.title, table.corner, _columns(table), tuple(shown.values()), rows)


def compared_grid(
    table: PaperTable, cells: pd.DataFrame, numbers: Mapping[tuple[str, str], int]
) -> Grid:
    """Return three rows for each of the table's: measured with interval or spread, published, and their difference.

    ``cells`` are those of ``reports.paper.cells``; a missing one shows the number of its command in ``numbers``.
    A row of which nothing was measured has no differences, and a row that the paper does not have its measured numbers
    only. What is not like for like with the paper bears a dagger.
    """
    found = {(cell["row"], cell["column"]): cell for cell in cells.to_dict("records")}
    measured = {
        key: f"{cell['measured']:.1f}"
        for key, cell in found.items()
        if not pd.isna(cell["measured"])
    }
    best = _best(table, measured)
    printed = dict(zip(_papers_rows(table), published_grid(table, all_rows=True).rows, strict=True))
    names, rows = [], []
    for row, name in table.rows.items():
        keys = [(row, column) for column in table.columns]
        cells_of_row = (_measured(found[key], key in best, numbers.get(key)) for key in keys)
        lines = [(Cell("measured"), *cells_of_row)]
        if row in printed:
            lines.append((Cell("published"), *printed[row]))
            if any(not pd.isna(found[key]["difference"]) for key in keys):
                lines.append((Cell("difference"), *(_difference(found[key]) for key in keys)))
        names += [name] * len(lines)
        rows += lines
    return Grid(
        table.title, table.corner, (KIND, *_columns(table)), tuple(names), tuple(rows), grouped=True
    )


def _papers_rows(table: PaperTable) -> list[str]:
    return [row for row in table.rows if row not in table.own]


def unlike(table: PaperTable, cells: pd.DataFrame) -> list[str]:
    """Return a sentence for each reason why measured numbers are not like for like, with the rows that it is about."""
    rows: dict[str, dict[str, None]] = {}
    for cell in cells[cells["unlike"] != ""].to_dict("records"):
        for reason in str(cell["unlike"]).split("; "):
            rows.setdefault(reason, {})[_named(table, cell)] = None
    return [
        f"{DAGGER} Not like for like with the published numbers: {reason} ({'; '.join(names)})."
        for reason, names in rows.items()
    ]


def gaps(
    table: PaperTable, cells: pd.DataFrame, first: int
) -> tuple[dict[tuple[str, str], int], list[Command]]:
    """Return missing cell -> the number of what would fill it, and those commands, numbered from ``first`` on."""
    numbers: dict[tuple[str, str], int] = {}
    known: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for cell in cells[cells["measured"].isna()].to_dict("records"):
        if cell["row"] in table.means or not (cell["command"] or cell["reason"]):
            continue
        what = (cell["command"], cell["reason"])
        number, names = known.setdefault(what, (first + len(known), []))
        names.append(_named(table, cell))
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


def _named(table: PaperTable, cell: Mapping[Any, Any]) -> str:
    """Return what a cell is called: its row, and its column where a row is of several suites or methods."""
    row = table.rows[str(cell["row"])]
    across = {slot.suite for slot in table.slots.values()}
    if len(across) == 1 and not table.of_networks:
        return row
    heading = table.columns[str(cell["column"])]
    return f"{row}, {' '.join(filter(None, [heading.group, heading.text]))}"


def _listed(names: list[str]) -> str:
    return "; ".join(dict.fromkeys(names))


def _columns(table: PaperTable) -> tuple[Column, ...]:
    return tuple(
        Column(key, heading.text, "percent", heading.group)
        for key, heading in table.columns.items()
    )


def _best(table: PaperTable, texts: Mapping[Key, str]) -> set[Key]:
    """Return the cells whose number reads best in their row or column, where at least two have one.

    Rows that the paper does not have compete with those of the same network, recipe and images only.
    """
    competing: dict[tuple[str, str], dict[Key, float]] = {}
    for (row, column), text in texts.items():
        field = (row, "") if table.of_networks else (column, table.own.get(row, ""))
        sign = -1 if table.columns[column].higher_is_better else 1
        competing.setdefault(field, {})[row, column] = sign * float(text)
    return {
        key
        for shown in competing.values()
        for key, value in shown.items()
        if len(shown) > 1 and value == min(shown.values())
    }


def _published(
    table: PaperTable,
    texts: Mapping[tuple[str, str], str],
    best: set[tuple[str, str]],
    row: str,
    column: str,
) -> Cell:
    key = (row, column)
    if key not in texts:
        return Cell(table.unknown)
    return Cell(texts[key], "", table.published[key], key in best)


def _measured(cell: Mapping[Any, Any], best: bool, number: int | None) -> Cell:
    value, runs = cell["measured"], cell["runs"]
    if pd.isna(value):
        return Cell(MISSING if number is None else f"[{number}]")
    interval = _range(cell, "low", "high", "{:.1f}")
    if not pd.isna(cell["spread"]):
        interval = f"{runs} seeds, SD {cell['spread']:.2f}; {interval}"
    return Cell(f"{value:.1f}", interval, value, best, DAGGER if cell["unlike"] else "")


def _difference(cell: Mapping[Any, Any]) -> Cell:
    value = cell["difference"]
    if pd.isna(value):
        return Cell("")
    interval = _range(cell, "difference_low", "difference_high", None)
    return Cell(signed(value), interval, value, mark=DAGGER if cell["unlike"] else "")


def _range(cell: Mapping[Any, Any], low: str, high: str, form: str | None) -> str:
    ends = [cell[name] for name in (low, high)]
    if any(map(pd.isna, ends)):
        return ""
    return " to ".join(signed(end) if form is None else form.format(end) for end in ends)


def signed(value: float) -> str:
    """Return a number with its sign, a real minus among them, or "0.0"."""
    text = f"{value:+.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", MINUS)
