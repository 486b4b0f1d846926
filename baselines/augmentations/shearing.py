"""Shears, as Pillow's Image.transform does them: bilinear, black outside, values truncated.

Along the direction of a shear a row (or column) is moved by whole pixels and a share of one. In double precision
that share differs by its last bits from pixel to pixel, and is computed for each, but the whole pixels do not,
unless the share is so near to one that it can be rounded up to it: there each pixel is taken by itself.
"""

import math

import numpy as np

from baselines.augmentations.byte_vectors import LANES, blend_two
from baselines.augmentations.compiled import Doubles, Planes, compiled, inlined
from baselines.augmentations.turning import blacken

# Coordinates are below 2**20 and have 52 bits after the first, so that they are rounded by less.
NEARLY_ONE = 1 - 2.0**-30


@compiled
def shear_x(
    planes: Planes, output: Planes, size: tuple[int, int], slope: float, row: Doubles
) -> None:
    """Fill ``output`` with the planes, row y moved by ``slope`` (y + 0.5) pixels to the left."""
    height, width = size
    shares = row[0]
    for y in range(height):
        start = y * width
        move = slope * (y + 0.5)
        whole = math.floor(move)
        first, last = _columns_inside(move, whole, width)
        if move - whole > NEARLY_ONE:
            for x in range(first, last):
                _move_one(planes, output, width, x, start, move)
        else:
            # From and to where a left and a right neighbour exist.
            inner, outer = max(first, -whole), min(last, width - 1 - whole)
            for x in range(len(shares)):
                shares[x] = (x + 0.5) + move - 0.5 - (x + whole)
            for x in range(inner, outer, LANES):
                source = start + x + whole
                blend_two(planes, source, source + 1, shares, x, output, start + x)
            for channel in range(3):
                # Both neighbours are the border's pixel.
                for x in range(first, min(inner, last)):
                    output[channel, start + x] = planes[channel, start]
                for x in range(max(outer, first), last):
                    output[channel, start + x] = planes[channel, start + width - 1]
        blacken(output, start, first, last, width)


@inlined
def _columns_inside(move: float, whole: int, width: int) -> tuple[int, int]:
    first, last = min(max(0, -whole - 1), width), max(0, min(width, width - whole + 1))
    while first < last and not 0.0 <= (first + 0.5) + move < width:
        first += 1
    while first < last and not 0.0 <= (last - 0.5) + move < width:
        last -= 1
    return first, max(first, last)


@compiled
def _move_one(planes: Planes, output: Planes, width: int, x: int, start: int, move: float) -> None:
    source = (x + 0.5) + move - 0.5
    left = math.floor(source)
    share = source - left
    x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
    for channel in range(3):
        value, right = float(planes[channel, start + x0]), float(planes[channel, start + x1])
        output[channel, start + x] = np.uint8(np.int32(value + (right - value) * share))


@compiled
def shear_y(
    planes: Planes, output: Planes, size: tuple[int, int], slope: float, row: Doubles
) -> None:
    """Fill ``output`` with the planes, column x moved by ``slope`` (x + 0.5) pixels upwards."""
    height, width = size
    moves, shares, wholes = row[0], row[1], row[2]
    for x in range(len(moves)):
        moves[x] = slope * (x + 0.5)
        wholes[x] = np.floor(moves[x])
    ends, doubtful = row[3], row[4]
    run_count, doubtful_count = _runs(wholes, moves, width, ends, doubtful)
    for y in range(height):
        centre = y + 0.5
        for x in range(len(moves)):
            shares[x] = moves[x] + centre - 0.5 - (y + wholes[x])
        first, last = 0, width
        while first < last and not 0.0 <= moves[first] + centre < height:
            first += 1
        while first < last and not 0.0 <= moves[last - 1] + centre < height:
            last -= 1
        start = first
        for run in range(run_count):
            stop = min(int(ends[run]), last)
            if start < stop:
                _move_run(planes, output, size, y, start, stop, int(wholes[start]), shares)
                start = stop
        for number in range(doubtful_count):
            x = int(doubtful[number])
            if first <= x < last:
                _lift_one(planes, output, size, x, y, moves[x])
        blacken(output, y * width, first, last, width)


@inlined
def _runs(
    wholes: Doubles, moves: Doubles, width: int, ends: Doubles, doubtful: Doubles
) -> tuple[int, int]:
    """List where runs of columns that move by the same whole pixels end, and the columns to be taken one by one."""
    runs, count = 0, 0
    for x in range(width):
        if x + 1 == width or wholes[x + 1] != wholes[x]:
            ends[runs] = x + 1
            runs += 1
        if moves[x] - wholes[x] > NEARLY_ONE:
            doubtful[count] = x
            count += 1
    return runs, count


@inlined
def _move_run(
    planes: Planes,
    output: Planes,
    size: tuple[int, int],
    y: int,
    start: int,
    stop: int,
    whole: int,
    shares: Doubles,
) -> None:
    height, width = size
    upper = min(max(y + whole, 0), height - 1) * width
    lower = min(max(y + whole + 1, 0), height - 1) * width
    for x in range(start, stop, LANES):
        blend_two(planes, upper + x, lower + x, shares, x, output, y * width + x)


@compiled
def _lift_one(
    planes: Planes, output: Planes, size: tuple[int, int], x: int, y: int, move: float
) -> None:
    height, width = size
    source = move + (y + 0.5) - 0.5
    top = math.floor(source)
    share = source - top
    upper = min(max(top, 0), height - 1) * width
    lower = min(max(top + 1, 0), height - 1) * width
    for channel in range(3):
        value, below = float(planes[channel, upper + x]), float(planes[channel, lower + x])
        output[channel, y * width + x] = np.uint8(np.int32(value + (below - value) * share))
