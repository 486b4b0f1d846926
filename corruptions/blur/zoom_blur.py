"""Zoom blur: a camera that moves towards its subject, as the mean of the image zoomed in steps.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte. The
sum runs in single precision, as there: a flat white region may come out as 254.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.linear_zoom import zoom_map
from corruptions.pixel_range import to_unit
from corruptions.pixel_vectors import mix_two

STRENGTH = {  # (end of the zoom factors, which start at 1; their step)
    "cifar": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
    "tiny": ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
    "imagenet": ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
    "inception": ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), blurred along the rays from their centre."""
    _, height, width, _ = images.shape
    # The first factor is 1 and shows the image itself.
    factors = zoom_factors(*strength)[1:]
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
    factors, length = len(rows), width * 3
    output = np.empty_like(images)
    # One more than the values: they are fetched four at a time.
    plane = np.zeros(height * length + 1, np.float32)
    # Of every factor the last two source rows, widened: the next target row needs one or both again.
    # Indexed and not sliced, for to count the references of a slice takes as long as the sum.
    room = length + 1
    wide = np.empty(factors * 2 * room)
    held = np.empty((factors, 2), np.int64)
    total = np.empty(length, np.float32)
    for i in range(count):
        source = images[i].reshape(-1)
        target = output[i].reshape(-1)
        for k in range(len(source)):
            plane[k] = to_unit(source[k])
        held[:] = -1
        for y in range(height):
            start = y * length
            for x in range(length):
                total[x] = plane[start + x]
            for k in range(factors):
                for j in range(2):
                    row = rows[k, y, j]
                    slot = row % 2
                    if held[k, slot] != row:
                        first = (2 * k + slot) * room
                        _widen(plane, row * length, columns, column_weights, k, wide, first)
                        held[k, slot] = row
                upper = (2 * k + rows[k, y, 0] % 2) * room
                lower = (2 * k + rows[k, y, 1] % 2) * room
                for x in range(length):
                    between = wide[upper + x] * row_weights[k, y, 0]
                    between += wide[lower + x] * row_weights[k, y, 1]
                    total[x] += np.float32(between)
            for x in range(length):
                mean = (plane[start + x] + total[x]) / np.float32(factors + 2)
                mean = min(max(mean, np.float32(0.0)), np.float32(1.0))
                target[start + x] = np.uint8(mean * np.float32(255.0))
    return output


@njit(cache=True, nogil=True)
def _widen(plane, start, columns, weights, k, wide, first):  # type: ignore[no-untyped-def]
    """Write the row of ``plane`` from ``start`` on to ``wide`` from ``first`` on, by factor ``k``."""
    for x in range(columns.shape[1]):
        left, right = start + 3 * columns[k, x, 0], start + 3 * columns[k, x, 1]
        mix_two(plane, left, right, (weights[k, x, 0], weights[k, x, 1]), wide, first + 3 * x)
