"""Zoom blur: a camera that moves towards its subject, as the mean of the image zoomed in steps.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte. The
sum runs in single precision, as there: a flat white region may come out as 254.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.linear_zoom import zoom_map, zoom_row

STRENGTH = {  # (end of the zoom factors, which start at 1; their step)
    "cifar": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
    "tiny": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
    "imagenet": ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
    "inception": ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), blurred along the rays from their centre."""
    _, height, width, _ = images.shape
    factors = zoom_factors(*strength)
    return _mean_zoom(images, *_zoom_maps(height, factors), *_zoom_maps(width, factors))


def zoom_factors(end: float, step: float) -> tuple[float, ...]:
    """Return the factors from 1 in steps of ``step``.

    Oddity kept: whether ``end`` is among them is left to how ``numpy.arange`` rounds.
    """
    return tuple(float(factor) for factor in np.arange(1, end, step))


@functools.cache
def _zoom_maps(
    side_px: int, factors: tuple[float, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return positions and weights (factors, side, 2) of ``zoom_map`` for every factor."""
    positions, weights = zip(*(zoom_map(side_px, factor) for factor in factors), strict=True)
    return np.stack(positions), np.stack(weights)


@njit(cache=True, nogil=True)
def _mean_zoom(
    images: NDArray[np.uint8],
    rows: NDArray[np.int64],
    row_weights: NDArray[np.float64],
    columns: NDArray[np.int64],
    column_weights: NDArray[np.float64],
) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    factors = len(rows)
    output = np.empty_like(images)
    plane = np.empty((height, width * 3), np.float32)
    mixed = np.empty(width * 3)
    zoomed = np.empty(width * 3)
    total = np.empty(width * 3, np.float32)
    for i in range(count):
        source = images[i].reshape(height, width * 3)
        target = output[i].reshape(height, width * 3)
        for y in range(height):
            for x in range(width * 3):
                plane[y, x] = source[y, x] / 255.0
        for y in range(height):
            total[:] = 0.0
            for k in range(factors):
                zoom_row(
                    plane,
                    3,
                    rows[k, y],
                    row_weights[k, y],
                    columns[k],
                    column_weights[k],
                    mixed,
                    zoomed,
                )
                for x in range(width * 3):
                    total[x] += np.float32(zoomed[x])
            for x in range(width * 3):
                mean = (plane[y, x] + total[x]) / np.float32(factors + 1)
                mean = min(max(mean, np.float32(0.0)), np.float32(1.0))
                target[y, x] = np.uint8(mean * np.float32(255.0))
    return output
