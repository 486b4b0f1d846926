"""A table ready to be written down: cells as text, the best of each column marked.

Rounding: percentages, and numbers that are percentages of a baseline, show one decimal; Brier scores and
likelihoods show three. Python rounds the exact binary value, halves to even. Files beside the report keep the
fractions unrounded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.published_results import PREFIX

MISSING = "—"
MINUS = "\N{MINUS SIGN}"
DAGGER = "\N{DAGGER}"


@dataclass(frozen=True)
class Column:
    """A column of a DataFrame as it is shown.

    Attributes:
        key: the DataFrame's column; ``<key>_low`` and ``<key>_high`` bound the interval where they exist.
        heading: what stands above it.
        unit: "percent" (a fraction, shown in percent), "number", "count" or "text".
        group: a heading over several columns, or "".
        meaning: a sentence for who does not know the heading, or "".
    """

    key: str
    heading: str
    unit: str = "percent"
    group: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what it says.
        interval: its interval's text or "".
        value: what to sort by.
        best: is it the best of its column?
        mark: a sign that stands after the text and that a note below the table explains, or "".
        picture: uint8 (H, W, 3), shown with the text where pictures can be.
    """

    text: str
    interval: str = ""
    value: float | None = None
    best: bool = False
    mark: str = ""
    picture: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Grid:
    """A captioned table: the heading over the row names, the columns, the row names and the rows of cells.

    ``grouped``: successive rows of one name belong together, so the table must not be sorted.
    """

    caption: str
    corner: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    grouped: bool = False

    @property
    def marks_best(self) -> bool:
        """Is any cell marked as the best of its column?"""
        return any(cell.best for row in self.rows for cell in row)


def grid(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    caption: str,
    corner: str = "Run",
    mark_best: bool = False,
) -> Grid:
    """Write a DataFrame down, one row per index entry.

    With ``mark_best`` the smallest number of each column is marked wherever at least two rows have one, and so is
    every number that reads the same: a difference that is not shown is none. Published models do not compete.
    """
    made = [column_cells(frame, column, mark_best) for column in columns]
    rows = tuple(zip(*made, strict=True)) if len(frame) else ()
    return Grid(caption, corner, tuple(columns), tuple(str(name) for name in frame.index), rows)


def column_cells(frame: pd.DataFrame, column: Column, mark_best: bool) -> list[Cell]:
    """Return the cells of one column, top to bottom."""
    if column.unit == "text":
        return [Cell(str(value)) for value in frame[column.key]]
    values = frame[column.key].astype("Float64").to_numpy(float, na_value=float("nan"))
    texts = [as_text(float(value), column.unit) for value in values]
    competing = [not str(name).startswith(PREFIX) for name in frame.index]
    pairs = zip(texts, competing, strict=True)
    known = [text for text, competes in pairs if competes and text != MISSING]
    best = min(known, key=lambda text: float(text.replace(",", ""))) if len(known) > 1 else None
    intervals = interval_texts(frame, column)
    return [
        Cell(
            text,
            interval,
            None if text == MISSING else float(value),
            mark_best and column.unit != "count" and competes and text == best,
        )
        for text, interval, value, competes in zip(texts, intervals, values, competing, strict=True)
    ]


def interval_texts(frame: pd.DataFrame, column: Column) -> list[str]:
    """Return "10.9 to 11.5" per row, or "" where there is no interval."""
    if f"{column.key}_low" not in frame:
        return [""] * len(frame)
    ends = zip(frame[f"{column.key}_low"], frame[f"{column.key}_high"], strict=True)
    return [
        ""
        if pd.isna(low) or pd.isna(high)
        else f"{as_text(low, column.unit)} to {as_text(high, column.unit)}"
        for low, high in ends
    ]


def as_text(value: float, unit: str) -> str:
    """Return a number as it reads in a report: 0.1234 in "percent" is "12.3"; NaN is a dash."""
    if math.isnan(value):
        return MISSING
    if unit == "percent":
        return f"{100 * value:.1f}"
    return f"{int(value):,}" if unit == "count" else f"{value:.3f}"
