"""Tables, figures and folds as HTML."""

import html
from itertools import pairwise

from reports.grid import Cell, Column, Grid
from reports.page.element import element, lines, text
from reports.page.pictures import thumbnail

DENSE = 12  # a table of more columns is set smaller


def table(grid: Grid, looks: bool = False, sortable: bool = True) -> str:
    """Return a grid as an accessible table in a box that scrolls sideways.

    With ``looks`` each row's name carries the colour its run has in the figures.
    """
    head = lines([group_row(grid), heading_row(grid)])
    bodies: list[list[str]] = [[]]
    for position, cells in enumerate(grid.rows):
        goes_on = continues(grid, position)
        if grid.grouped and not goes_on and position:
            bodies.append([])
        rest = row_cells(grid, cells)
        bodies[-1].append(
            element("tr", ("" if goes_on else row_heading(grid, position, looks)) + rest)
        )
    caption = element("caption", text(grid.caption))
    written = lines(element("tbody", lines(rows)) for rows in bodies)
    body = caption + element("thead", head) + written
    return element(
        "div",
        element(
            "table",
            body,
            class_=" ".join(
                [
                    "sortable" if sortable else "grouped",
                    *(["dense"] if len(grid.columns) > DENSE else []),
                ]
            ),
        ),
        class_="scroll",
        tabindex="0",  # a box that scrolls must be reachable by keyboard
        role="region",
        aria_label=grid.caption,
    )


def continues(grid: Grid, position: int) -> bool:
    """Does a row of a grouped table belong to the row before it?"""
    return grid.grouped and position > 0 and grid.names[position] == grid.names[position - 1]


def row_heading(grid: Grid, position: int, looks: bool) -> str:
    """Return the name of a row, or once of all rows of its group."""
    swatch = element("span", class_=f"swatch run-{position}", aria_hidden="true") if looks else ""
    last = position + 1
    while last < len(grid.rows) and continues(grid, last):
        last += 1
    return element(
        "th",
        swatch + text(grid.names[position]),
        scope="rowgroup" if grid.grouped else "row",
        rowspan=str(last - position) if last - position > 1 else None,
    )


def row_cells(grid: Grid, cells: tuple[Cell, ...]) -> str:
    """Return the cells of a row after its name."""
    starts = group_starts(grid.columns)
    return "".join(
        cell_element(cell, grid.columns[place], place in starts) for place, cell in enumerate(cells)
    )


def group_starts(columns: tuple[Column, ...]) -> set[int]:
    """Return the positions at which a new group of columns begins."""
    return {i for i in range(1, len(columns)) if columns[i].group != columns[i - 1].group}


def group_row(grid: Grid) -> str:
    """Return the row of headings over groups of columns, or "" if there are none."""
    if not any(column.group for column in grid.columns):
        return ""
    cells = [element("td")]
    edges = [0, *sorted(group_starts(grid.columns)), len(grid.columns)]
    for start, end in pairwise(edges):
        name = grid.columns[start].group
        span = str(end - start)
        cells.append(
            element("th", text(name), scope="colgroup", colspan=span, class_="group")
            if name
            else element("td", colspan=span)
        )
    return element("tr", "".join(cells), class_="groups")


def heading_row(grid: Grid) -> str:
    """Return the row of column headings."""
    starts = group_starts(grid.columns)
    cells = [element("th", text(grid.corner), scope="col")]
    cells += [
        element(
            "th",
            text(column.heading),
            scope="col",
            class_=column_class(column, place in starts),
            title=column.meaning or None,
        )
        for place, column in enumerate(grid.columns)
    ]
    return element("tr", "".join(cells), class_="headings")


def column_class(column: Column, starts_group: bool) -> str:
    """Return the CSS classes of a column's cells."""
    return ("words" if column.unit == "text" else "number") + (" start" if starts_group else "")


def cell_element(cell: Cell, column: Column, starts_group: bool) -> str:
    """Return one cell; the best of its column is bold, underlined and said to be the best."""
    shown = text(cell.text)
    if cell.best:
        shown = element("strong", shown) + element("span", " (best)", class_="unseen")
    if cell.mark:
        shown += element("sup", text(cell.mark))
    if cell.interval:
        shown += element("span", text(cell.interval), class_="interval")
    if cell.picture is not None:
        shown = thumbnail(cell.picture, "") + shown
    return element(
        "td",
        shown,
        class_=column_class(column, starts_group),
        data_value=None if cell.value is None else repr(cell.value),
    )


def figure(svg: str, caption: str, alt: str) -> str:
    """Return an inline SVG as a captioned figure that a screen reader announces as one image."""
    image = svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}"', 1)
    return element("figure", image + element("figcaption", text(caption)))


def folded(summary: str, content: str, is_open: bool = False, kind: str | None = None) -> str:
    """Return content that the reader unfolds; ``kind`` is its CSS class."""
    return element(
        "details", element("summary", text(summary)) + content, open=is_open, class_=kind
    )
