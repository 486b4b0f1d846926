"""Errors by corruption and severity as tables of shades: one of a run alone, one with the pictures of every cell."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from reports.figures.heat_map import number_colour
from reports.grid import MISSING, as_text
from reports.names import corruption_title, family
from reports.page.element import element, lines, text
from reports.page.pictures import thumbnail
from reports.sheet import Sheet
from reports.style import HEAT_MAP_COLOURS
from robench.suites import CLEAN, Condition

SEVERITIES = range(1, 6)
SHOWN_RUNS = 3  # of more runs only the lowest and the highest error fit below a picture


def heat_table(table: pd.DataFrame, highest: float, caption: str) -> str:
    """Return one run's errors, corruption x severity in fractions, each on its shade; they end at ``highest``."""

    def cells(name: str) -> str:
        values = table.loc[name].reindex(SEVERITIES).to_numpy(float)
        return "".join(element("td", chip(float(value), highest)) for value in values)

    bodies = []
    for heading, members in groupby(map(str, table.index), family):
        title = element("th", text(heading), scope="rowgroup", colspan="6", class_="family")
        bodies.append(_body([element("tr", title), *(_row(name, cells(name)) for name in members)]))
    return _framed(lines(bodies), caption, "heat-map")


def sheet_tables(sheet: Sheet) -> str:
    """Return what each corruption does to a picture and to the runs, a table per family."""

    def cells(name: str) -> str:
        return "".join(_cell(sheet, Condition(name, severity)) for severity in SEVERITIES)

    tables = [
        _framed(_body(_row(name, cells(name)) for name in members), heading.capitalize(), "sheet")
        for heading, members in groupby(sheet.corruptions, family)
    ]
    clean = element("div", _pictured(sheet, CLEAN) + element("p", "Clean"), class_="clean")
    told = element("div", clean + element("p", text(_told(sheet))), class_="told")
    return told + element("div", lines(tables), class_="sheets")


def chip(error: float, highest: float, said: str = "", run: int | None = None) -> str:
    """Return an error in percent on its shade; ``said`` is for ears, ``run`` gives it an edge of that run's colour."""
    words = element("span", text(said), class_="unseen") if said else ""
    edge = "" if run is None else f" edged run-{run}"
    if np.isnan(error):
        return element("span", words + MISSING, class_=f"chip{edge}")
    shade = matplotlib.colormaps[HEAT_MAP_COLOURS].reversed()(min(1.0, error / highest))[:3]
    colours = f"background-color:{to_hex(shade)};color:{number_colour(shade)}"
    return element("span", words + as_text(error, "percent"), class_=f"chip{edge}", style=colours)


def _framed(bodies: str, caption: str, kind: str) -> str:
    headings = [element("th", "Corruption", scope="col")]
    word = element("span", "Severity ", class_="long")
    headings += [element("th", f"{word}{severity}", scope="col") for severity in SEVERITIES]
    head = element("thead", element("tr", "".join(headings), class_="headings"))
    table = element("table", element("caption", text(caption)) + head + bodies, class_=kind)
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _body(rows: Iterable[str]) -> str:
    return element("tbody", lines(rows))


def _row(corruption: str, cells: str) -> str:
    return element("tr", element("th", text(corruption_title(corruption)), scope="row") + cells)


def _cell(sheet: Sheet, condition: Condition) -> str:
    return element("td", _pictured(sheet, condition))


def _pictured(sheet: Sheet, condition: Condition) -> str:
    pictures = sheet.examples.pictures if sheet.examples else {}
    words = f"{corruption_title(condition.corruption)}, severity {condition.severity}"
    alt = words if condition.severity else "The picture without corruption"
    image = thumbnail(pictures[condition], alt) if condition in pictures else ""
    return image + _chips(sheet, sheet.errors(condition))


def _chips(sheet: Sheet, errors: Sequence[float]) -> str:
    if len(errors) == 1:
        return chip(errors[0], sheet.highest)
    if len(errors) <= SHOWN_RUNS:
        return "".join(
            chip(error, sheet.highest, f"{name}: ", run)
            for run, (name, error) in enumerate(zip(sheet.names, errors, strict=True))
        )
    known = [error for error in errors if not np.isnan(error)]
    if not known:
        return chip(np.nan, sheet.highest)
    low, high = (chip(end(known), sheet.highest, f"{end.__name__} ") for end in (min, max))
    return low + high


def _told(sheet: Sheet) -> str:
    shown = "Error (%) of each condition"
    if 1 < len(sheet.names) <= SHOWN_RUNS:
        shown += f": {', '.join(sheet.names)}, from top to bottom"
    elif len(sheet.names) > SHOWN_RUNS:
        shown += f": the lowest and the highest of the {len(sheet.names)} runs"
    if sheet.examples is None:
        return f"{shown}."
    return f"{shown}. The picture is {sheet.examples.credit}, under the same constants and seed."
