"""A contact sheet: pictures in rows under headings, pixel for pixel or enlarged by a whole number.

Pillow draws it rather than matplotlib, which would resample the very pixels that the sheet is there to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reports.style import GRID, INK, MUTED, PAPER

MARGIN_PX = 20
GAP_PX = 4
TEXT_PX = 14
LINE_PX = 22
HEADING_PX = 34


@dataclass(frozen=True)
class Row:
    """A title and its pictures, uint8 (n, H, W, 3)."""

    title: str
    pictures: NDArray[np.uint8]


@dataclass(frozen=True)
class Group:
    """Rows under one heading; an empty heading is not drawn."""

    heading: str
    rows: tuple[Row, ...]


def contact_sheet(
    groups: Sequence[Group], columns: Sequence[str], title: str, caption: str, enlarge: int = 1
) -> Image.Image:
    """Return the sheet.

    Args:
        groups: the rows; all pictures are of one size.
        columns: headings over the pictures.
        title: above all, in bold.
        caption: below the title.
        enlarge: by how much each picture is enlarged, every pixel becoming a square.
    """
    height, width = groups[0].rows[0].pictures.shape[1:3]
    cell = (width * enlarge + GAP_PX, height * enlarge + GAP_PX)
    titles = [row.title for group in groups for row in group.rows]
    left = MARGIN_PX + _width_of(titles) + (12 if any(titles) else 0)
    pictures_px = len(columns) * cell[0] - GAP_PX
    text_px = max(_width_of([title], bold=True), _width_of([caption]))
    sheet = Image.new(
        "RGB",
        (
            max(left + pictures_px, MARGIN_PX + text_px) + MARGIN_PX,
            _height_of(groups, cell[1], any(columns)),
        ),
        PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN_PX, MARGIN_PX), title, INK, _font(bold=True))
    draw.text((MARGIN_PX, MARGIN_PX + LINE_PX), caption, MUTED, _font())
    top = MARGIN_PX + 2 * LINE_PX + GAP_PX
    if any(columns):
        for number, heading in enumerate(columns):
            middle = left + number * cell[0] + (cell[0] - GAP_PX) // 2
            draw.text((middle, top + LINE_PX), heading, MUTED, _font(), anchor="ms")
        top += LINE_PX + 2 * GAP_PX
    for group in groups:
        top = _draw_group(sheet, draw, group, left, top, cell, enlarge)
    return sheet


def _draw_group(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    group: Group,
    left: int,
    top: int,
    cell: tuple[int, int],
    enlarge: int,
) -> int:
    """Draw the heading and the rows of a group from ``top`` on; return where the next one begins."""
    if group.heading:
        base = top + HEADING_PX - 10
        draw.text((MARGIN_PX, base), group.heading, INK, _font(bold=True), anchor="ls")
        start = MARGIN_PX + _width_of([group.heading], bold=True) + 10
        draw.line((start, base - 5, sheet.width - MARGIN_PX, base - 5), GRID)
        top += HEADING_PX
    for row in group.rows:
        middle = top + (cell[1] - GAP_PX) // 2
        draw.text((left - 12, middle), row.title, INK, _font(), anchor="rm")
        for number, pixels in enumerate(row.pictures):
            picture = Image.fromarray(pixels)
            size = (picture.width * enlarge, picture.height * enlarge)
            enlarged = picture.resize(size, Image.Resampling.NEAREST)
            sheet.paste(enlarged, (left + number * cell[0], top))
        top += cell[1]
    return top


def _height_of(groups: Sequence[Group], cell_px: int, has_columns: bool) -> int:
    head = MARGIN_PX + 2 * LINE_PX + GAP_PX + (LINE_PX + 2 * GAP_PX if has_columns else 0)
    headings = sum(HEADING_PX for group in groups if group.heading)
    return head + headings + sum(cell_px * len(group.rows) for group in groups) + MARGIN_PX


def _width_of(texts: Sequence[str], bold: bool = False) -> int:
    return max((round(_font(bold).getlength(text)) for text in texts), default=0)


def _font(bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the font that comes with matplotlib: the same letters on every machine."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", name)), TEXT_PX)
