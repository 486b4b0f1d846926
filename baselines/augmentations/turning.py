"""Rotation about the centre, as Pillow's Image.rotate does it: bilinear, black outside.

Coordinates are those of pixel centres (x + 0.5); values are truncated, as in Pillow's Geometry.c. Eight pixels in a
row have their upper left neighbours in one line of the source, or in two where they cross from one to the next;
steeper angles, whose pixels cross more often, take each pixel by itself.
"""

import math

import numpy as np

from baselines.augmentations.byte_vectors import LANES, blend_corners
from baselines.augmentations.compiled import Doubles, Planes, compiled, inlined

MAX_DEGREES = 30


def _rotations() -> Doubles:
    """Return cosine and sine of -30 to 30 degrees with Pillow's reductions and roundings."""
    rows = []
    for degrees in range(-MAX_DEGREES, MAX_DEGREES + 1):
        angle = -math.radians(degrees % 360.0)
        rows.append((round(math.cos(angle), 15), round(math.sin(angle), 15)))
    return np.array(rows)


ROTATIONS = _rotations()


@compiled
def rotate(
    planes: Planes,
    output: Planes,
    size: tuple[int, int],
    degrees: int,
    columns: Doubles,
) -> None:
    """Fill ``output`` with the planes turned counter-clockwise.

    ``columns``, float64 (2 or more, W + 8), is working memory.
    """
    height, width = size
    cosine, sine = ROTATIONS[degrees + MAX_DEGREES]
    middle_x, middle_y = width / 2, height / 2
    c = cosine * -middle_x + sine * -middle_y + 0.0 + middle_x
    f = -sine * -middle_x + cosine * -middle_y + 0.0 + middle_y
    for x in range(columns.shape[1]):
        columns[0, x], columns[1, x] = cosine * (x + 0.5), -sine * (x + 0.5)
    for y in range(height):
        terms = (sine * (y + 0.5), c, cosine * (y + 0.5), f)
        first, last = _inside(columns, terms, size)
        start, stop = _with_both_sides(columns, terms, first, last, width)
        x = first
        while x < last:
            place = y * width + x
            if start <= x < stop and blend_corners(planes, size, columns, x, terms, output, place):
                x = min(x + LANES, stop)
            else:
                _turn_one(planes, output, size, x, y, terms, columns)
                x += 1
        blacken(output, y * width, first, last, width)


@inlined
def blacken(planes: Planes, start: int, first: int, last: int, width: int) -> None:
    """Make what is not in ``first`` to ``last`` of the row from ``start`` on black."""
    for channel in range(3):
        for x in range(first):
            planes[channel, start + x] = 0
        for x in range(last, width):
            planes[channel, start + x] = 0


@inlined
def _inside(
    columns: Doubles, terms: tuple[float, float, float, float], size: tuple[int, int]
) -> tuple[int, int]:
    """Return from and to which column a row's sources are inside the image.

    A coordinate rises or falls along the row, after every rounding, so that these columns have no gap.
    """
    height, width = size
    first, last = 0, width
    while first < last and not _is_inside(columns, terms, first, height, width):
        first += 1
    while first < last and not _is_inside(columns, terms, last - 1, height, width):
        last -= 1
    return first, last


@inlined
def _is_inside(
    columns: Doubles, terms: tuple[float, float, float, float], x: int, height: int, width: int
) -> bool:
    source_x = columns[0, x] + terms[0] + terms[1]
    source_y = columns[1, x] + terms[2] + terms[3]
    return 0.0 <= source_x < width and 0.0 <= source_y < height


@inlined
def _with_both_sides(
    columns: Doubles,
    terms: tuple[float, float, float, float],
    first: int,
    last: int,
    width: int,
) -> tuple[int, int]:
    """Return from and to which column a left and a right neighbour exist."""
    while first < last and columns[0, first] + terms[0] + terms[1] < 0.5:
        first += 1
    while first < last and columns[0, last - 1] + terms[0] + terms[1] - 0.5 >= width - 1:
        last -= 1
    return first, last


@inlined
def _turn_one(
    planes: Planes,
    output: Planes,
    size: tuple[int, int],
    x: int,
    y: int,
    terms: tuple[float, float, float, float],
    columns: Doubles,
) -> None:
    height, width = size
    source_x = columns[0, x] + terms[0] + terms[1] - 0.5
    source_y = columns[1, x] + terms[2] + terms[3] - 0.5
    left, top = math.floor(source_x), math.floor(source_y)
    across, down = source_x - left, source_y - top
    x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
    upper = min(max(top, 0), height - 1) * width
    lower = min(max(top + 1, 0), height - 1) * width
    for channel in range(3):
        # As floats, for differences of bytes would wrap below zero.
        value, right = float(planes[channel, upper + x0]), float(planes[channel, upper + x1])
        above = value + (right - value) * across
        value, right = float(planes[channel, lower + x0]), float(planes[channel, lower + x1])
        below = value + (right - value) * across
        output[channel, y * width + x] = np.uint8(np.int32(above + (below - above) * down))
