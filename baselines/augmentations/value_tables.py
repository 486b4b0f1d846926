"""Operations on single values, which only change what an image's bytes stand for: Pillow's ImageOps.

A table, uint8 (3, 256), says it for each channel; ``fresh`` means that every byte still stands for itself. No loop has
a branch that depends on the pixels, which would be guessed wrong half of the time.
"""

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations.compiled import Planes, Tables, compiled, inlined

Counts = NDArray[np.int32]


@inlined
def freshen(tables: Tables) -> None:
    """Let every byte stand for itself."""
    for channel in range(3):
        for value in range(256):
            tables[channel, value] = value


@compiled
def settle(planes: Planes, tables: Tables, output: Planes, count: int) -> None:
    """Fill the first ``count`` bytes of each plane of ``output`` with what those of the planes stand for."""
    for channel in range(3):
        plane, table, target = planes[channel, :count], tables[channel], output[channel, :count]
        for place in range(len(target)):
            target[place] = table[plane[place]]
    freshen(tables)


@compiled
def autocontrast(planes: Planes, tables: Tables, count: int, fresh: bool) -> None:
    """Stretch each channel's values to 0 to 255."""
    counts, following = np.empty((2, 256), np.int32), np.empty(256, np.uint8)
    for channel in range(3):
        plane = planes[channel, :count]
        low, high = (
            _ends_of(plane) if fresh else _ends_counted(_counted(plane, tables[channel], counts))
        )
        if high <= low:
            continue
        scale = 255.0 / (high - low)
        offset = -low * scale
        for value in range(256):
            following[value] = np.uint8(np.int32(min(max(value * scale + offset, 0.0), 255.0)))
        _then(tables[channel], following, fresh)


@compiled
def equalize(planes: Planes, tables: Tables, count: int, fresh: bool) -> None:
    """Spread each channel's values so that equally many pixels have each."""
    counts, following = np.empty((2, 256), np.int32), np.empty(256, np.uint8)
    below = np.empty(256, np.int32)
    for channel in range(3):
        plane = planes[channel, :count]
        shown = _stored(plane, counts) if fresh else _counted(plane, tables[channel], counts)
        step = (count - shown[_ends_counted(shown)[1]]) // 255
        if step == 0:  # one colour, or too few pixels
            continue
        total = step // 2
        for value in range(256):
            below[value] = total
            total += shown[value]
        for value in range(256):
            # Exact, for a quotient of such small whole numbers that is no whole number is far from one.
            following[value] = np.uint8(min(int(below[value] / np.float64(step)), 255))
        _then(tables[channel], following, fresh)


@compiled
def posterize(tables: Tables, bits: int) -> None:
    """Keep the highest ``bits`` of each value."""
    mask = np.uint8(256 - (1 << (8 - bits)))
    for channel in range(3):
        for value in range(256):
            tables[channel, value] &= mask


@compiled
def solarize(tables: Tables, threshold: int) -> None:
    """Invert the values from ``threshold`` on."""
    for channel in range(3):
        for value in range(256):
            shown = tables[channel, value]
            tables[channel, value] = 255 - shown if shown >= threshold else shown


@compiled
def invert(tables: Tables) -> None:
    """Take every value from 255."""
    for channel in range(3):
        for value in range(256):
            tables[channel, value] = 255 - tables[channel, value]


@inlined
def _then(table: Tables, following: Tables, fresh: bool) -> None:
    """Let ``table`` (256,) stand for what ``following`` makes of it."""
    if fresh:
        table[:] = following
    else:
        for value in range(256):
            table[value] = following[table[value]]


@inlined
def _ends_of(plane: Planes) -> tuple[int, int]:
    """Return the lowest and the highest byte."""
    low, high = np.uint8(255), np.uint8(0)
    for place in range(len(plane)):
        low, high = min(low, plane[place]), max(high, plane[place])
    return int(low), int(high)


@inlined
def _stored(plane: Planes, counts: Counts) -> Counts:
    """Return how often each byte is there, (256,), in the first row of ``counts`` (2, 256)."""
    # Two counts side by side: equal neighbours would wait for each other.
    some, others = counts[0], counts[1]
    some[:] = 0
    others[:] = 0
    pairs = len(plane) // 2
    evens, odds = plane[: 2 * pairs : 2], plane[1 : 2 * pairs : 2]
    for pair in range(pairs):
        some[evens[pair]] += 1
        others[odds[pair]] += 1
    if len(plane) > 2 * pairs:
        some[plane[-1]] += 1
    for value in range(256):
        some[value] += others[value]
    return some


@inlined
def _counted(plane: Planes, table: Tables, counts: Counts) -> Counts:
    """Return how often each value is shown, (256,), in a row of ``counts`` (2, 256)."""
    stored, shown = _stored(plane, counts), counts[1]
    shown[:] = 0
    for value in range(256):
        shown[table[value]] += stored[value]
    return shown


@inlined
def _ends_counted(counts: Counts) -> tuple[int, int]:
    """Return the lowest and the highest value that is there."""
    low, high = np.int32(255), np.int32(0)
    for value in range(256):
        number = np.int32(value)
        low = min(low, number if counts[value] > 0 else np.int32(255))
        high = max(high, number if counts[value] > 0 else np.int32(0))
    return int(low), int(high)
