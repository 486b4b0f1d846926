"""Glass blur: frosted glass, as a blur, a local shuffle of the pixels, and a second blur.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact.

Oddity kept: the reference means to swap a pixel with a neighbour, but exchanges two views of one
array, so that the pixel becomes a copy of the neighbour and the neighbour keeps its value. The
published images were made so.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import blur_levels, gaussian_taps
from corruptions.keyed_random import KeyedRandom

STRENGTH = {  # (standard deviation of both blurs in pixels, farthest neighbour in pixels, passes)
    "cifar": ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
    "tiny": ((0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)),
    "imagenet": ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    "inception": ((0.8, 1, 3), (1.0, 3, 1), (1.1, 2, 4), (1.2, 4, 2), (1.6, 5, 2)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int64]]:
    """Draw which neighbour every pixel copies: its (x, y) offset, -farthest to farthest - 1.

    Returns one int64 array (N, passes, H - 2 farthest, W - 2 farthest, 2), in the order in which
    the pixels are visited: from the bottom right corner, row by row.
    """
    _, farthest, passes = strength
    _, height, width, _ = images.shape
    reach = int(farthest)
    shape = (int(passes), height - 2 * reach, width - 2 * reach, 2)
    return (random.integers(shape, -reach, reach),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), behind frosted glass.

    ``offsets`` are as ``sample`` draws them.
    """
    sigma_px, farthest, _ = strength
    return _shatter(images, gaussian_taps(sigma_px), int(farthest), offsets)


@njit(cache=True, nogil=True)
def _shatter(
    images: NDArray[np.uint8],
    taps: NDArray[np.float64],
    farthest: int,
    offsets: NDArray[np.int64],
) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    output = images.copy()
    for i in range(count):
        image = output[i].reshape(height, width * 3)
        blur_levels(image, taps)
        for k in range(offsets.shape[1]):
            _copy_neighbours(image, farthest, offsets[i, k])
        blur_levels(image, taps)
    return output


@njit(cache=True, nogil=True)
def _copy_neighbours(image, farthest, offsets):  # type: ignore[no-untyped-def]
    rows, columns, _ = offsets.shape
    for row in range(rows):
        y = rows + farthest - row
        for column in range(columns):
            x = columns + farthest - column
            neighbour = 3 * (x + offsets[row, column, 0])
            y_neighbour = y + offsets[row, column, 1]
            for channel in range(3):
                # A copy, not a swap: the reference's oddity.
                image[y, 3 * x + channel] = image[y_neighbour, neighbour + channel]
