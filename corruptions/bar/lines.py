"""Lines: straight grey scratches across the image, at angles that vary around one.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code, which call
scikit-image's ``line_aa``; Zingl 2012, "A rasterizing algorithm for drawing curves".
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((0.5,), (1.0,), (1.5,), (2.0,), (2.5,)),
}
GREY = 128.0
# Lines for each pixel of the image's longer side, which is also half of a line's length.
DENSITY_AT_10 = 1.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats, Floats]:
    """Draw the lines.

    Returns the angle they vary around in radians, (N,); by how many turns at most, (N,); and, from
    0 to 1, each line's middle (row, column) and place within that variation, (N, lines, 3).
    """
    (scale,) = strength
    lines = int(scale * DENSITY_AT_10 / 10 * max(images.shape[1:3]))
    angles = random.uniform((), 0.0, 2 * np.pi)
    return angles, random.uniform((), 0.1, 1.0), random.uniform((lines, 3))


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    angles: Floats,
    variations: Floats,
    numbers: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, crossed by the lines one after the other."""
    height, width = images.shape[1:3]
    middles = numbers[..., :2] * (height, width)
    each = angles[:, None] + 2 * np.pi * variations[:, None] * (numbers[..., 2] - 0.5)
    halves = np.stack([np.cos(each), np.sin(each)], axis=-1) * max(height, width)
    # Oddity kept: the ends are cut towards 0, not down.
    ends = np.concatenate([middles - halves, middles + halves], axis=-1).astype(np.int64)
    out = images.copy()
    _draw_all(ends, out)
    return out


@njit(cache=True, nogil=True)
def _draw_all(ends, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = out.shape
    # A step puts down at most three pixels, and a line takes no more steps than its sides are long.
    places = np.empty((3 * (4 * max(height, width) + 4), 2), np.int64)
    shares = np.empty(len(places))
    for n in range(count):
        for k in range(ends.shape[1]):
            pixels = _trace(ends[n, k], places, shares)
            _blend(out[n], places[:pixels], shares[:pixels])


@njit(cache=True, nogil=True)
def _trace(ends, places, shares):  # type: ignore[no-untyped-def]
    """Fill the pixels (row, column) of an antialiased line and their shares of grey; return how many.

    ``ends`` are row, column, row, column. ``error`` is how far the pixel at hand is off the line,
    times the line's length.
    """
    row, column, last_row, last_column = ends
    rows, columns = abs(last_row - row), abs(last_column - column)
    row_step = 1 if row < last_row else -1
    column_step = 1 if column < last_column else -1
    error = columns - rows
    length = np.sqrt(float(max(columns * columns + rows * rows, 1)))
    used = 0
    while True:
        used = _put(row, column, abs(error - columns + rows) / length, places, shares, used)
        off, was = error, column
        if 2 * off >= -columns:
            if column == last_column:
                return used
            if off + rows < length:
                used = _put(row + row_step, column, (off + rows) / length, places, shares, used)
            error -= rows
            column += column_step
        if 2 * off <= rows:
            if row == last_row:
                return used
            if columns - off < length:
                share = (columns - off) / length
                used = _put(row, was + column_step, share, places, shares, used)
            error += columns
            row += row_step


@njit(cache=True, nogil=True)
def _put(row, column, distance, places, shares, used):  # type: ignore[no-untyped-def]
    places[used, 0], places[used, 1] = row, column
    shares[used] = 1.0 - abs(distance)
    return used + 1


@njit(cache=True, nogil=True)
def _blend(image, places, shares):  # type: ignore[no-untyped-def]
    """Blend the pixels of one line that lie within ``image`` with grey."""
    height, width, _ = image.shape
    grey = np.empty((len(places), 3), np.uint8)
    # All are blended before the first is stored: a line may name a pixel twice.
    for store in (False, True):
        for k in range(len(places)):
            row, column = places[k]
            if not (0 <= row < height and 0 <= column < width):
                continue
            for channel in range(3):
                if store:
                    image[row, column, channel] = grey[k, channel]
                else:
                    value = (1.0 - shares[k]) * image[row, column, channel] + shares[k] * GREY
                    grey[k, channel] = np.uint8(value)
