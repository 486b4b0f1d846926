"""Transverse chromatic abberation: colours are enlarged differently, as by a simple lens.

The name is the benchmark's, whose files bear it.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.cubic_spline import bump_weights
from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((1.0,), (2.0,), (5.0,), (9.0,), (10.0,)),
}
ENLARGEMENT_AT_10 = 0.5

Map = tuple[NDArray[np.int64], NDArray[np.float64]]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int64]]:
    """Draw which of the three factors each channel gets, a permutation of 0, 1, 2: int64 (N, 3)."""
    last, middle = random.integers((), 0, 3), random.integers((), 0, 2)
    orders = np.tile(np.arange(3), (len(images), 1))
    for order, k, j in zip(orders, last, middle, strict=True):
        order[[2, k]] = order[[k, 2]]
        order[[1, j]] = order[[j, 1]]
    return (orders,)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], orders: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` with each channel enlarged by its own factor."""
    (scale,) = strength
    most = scale * ENLARGEMENT_AT_10 / 10
    height, width = images.shape[1:3]
    out = np.empty_like(images)
    _enlarge(images, orders, *_maps(height, most), *_maps(width, most), out)
    return out


@functools.lru_cache(maxsize=64)
def _maps(side: int, most: float) -> Map:
    """Return places and weights, (3, side, 4), for the factors 1, 1 + most / 2 and 1 + most."""
    maps = [_map(side, factor) for factor in (1.0, 1.0 + most / 2, 1.0 + most)]
    places, weights = zip(*maps, strict=True)
    return np.stack(places), np.stack(weights)


def _map(side: int, factor: float) -> Map:
    """Return from which four pixels, and with which weights, each pixel of an axis is made.

    Oddity kept: pixels are weighted as if they were heights of bumps already, so that a channel is
    blurred even by the factor 1.
    """
    enlarged = round(side * factor)
    step = (side - 1) / (enlarged - 1)
    places, weights = np.zeros((side, 4), np.int64), np.zeros((side, 4))
    for k in range(side):
        position = ((enlarged - side) // 2 + k) * step
        # Rounding may put the last pixel just outside, where the reference is black.
        if position <= side - 1:
            bump_weights(position, side, places[k], weights[k])
    return places, weights


@njit(cache=True, nogil=True)
def _enlarge(images, orders, rows, row_weights, columns, column_weights, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    for n in range(count):
        for channel in range(3):
            factor = orders[n, channel]
            for y in range(height):
                for x in range(width):
                    total = 0.0
                    # The order of the sum decides ties, which are frequent: at the factor 1 every
                    # weight is a multiple of 1/36.
                    for i in range(4):
                        row, weight = rows[factor, y, i], row_weights[factor, y, i]
                        for j in range(4):
                            value = images[n, row, columns[factor, x, j], channel] * weight
                            total += value * column_weights[factor, x, j]
                    # Here, for once, the reference rounds.
                    out[n, y, x, channel] = to_level(total + 0.5)
