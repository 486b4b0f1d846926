"""Checkerboard cutout: some squares of one colour of a turned checkerboard are covered in grey.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10, 10 for every square,)
    "cifar": ((1.0,), (2.0,), (3.0,), (4.0,), (5.0,)),
    "imagenet": ((2.0,), (3.0,), (4.0,), (5.0,), (6.0,)),
}
GREY = 128
# Of the image's longer side, so that the board covers an image of any shape.
SMALLEST_SQUARE, LARGEST_SQUARE = 0.1, 0.25
BOARD = 4.0
MOST_SQUARES = round(BOARD / SMALLEST_SQUARE)

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats, Floats]:
    """Draw the board: float64 arrays (N,), (N,) and (N, 1600).

    They are its angle in radians; the side of its squares in pixels; and a uniform number for every
    square, row after row, of which what a board of larger squares does not need is left over.
    """
    angles = random.uniform((), 0.0, 2 * np.pi)
    squares_px = random.uniform((), SMALLEST_SQUARE, LARGEST_SQUARE) * max(images.shape[1:3])
    return angles, squares_px, random.uniform((MOST_SQUARES * MOST_SQUARES,))


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    angles: Floats,
    squares_px: Floats,
    numbers: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` with the covered squares at 128."""
    (scale,) = strength
    covered = numbers < scale / 10
    rows = (BOARD * max(images.shape[1:3]) // squares_px).astype(np.int64)
    out = images.copy()
    _cover(squares_px, np.cos(angles), np.sin(angles), rows, covered, out)
    return out


@njit(cache=True, nogil=True)
def _cover(squares, cosines, sines, rows, covered, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = out.shape
    for n in range(count):
        cosine, sine, square = cosines[n], sines[n], squares[n]
        for y in range(height):
            for x in range(width):
                row = (cosine * y + sine * x) / square
                column = (-sine * y + cosine * x) / square
                if int(row % 2) != int(column % 2):
                    continue
                # Oddity kept: on either side of an axis, where the board's coordinates change sign,
                # the number is cut towards 0, so that both sides share one square's fate.
                place = int(row) % rows[n] * rows[n] + int(column) % rows[n]
                if covered[n, place]:
                    out[n, y, x] = GREY
