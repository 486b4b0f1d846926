"""Pinch and twirl: in each of nine cells the image is bulged and swirled around the cell's centre.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact where that runs on numpy 1, as it did; numpy 2
interpolates in double precision and gives another level, by 1, for 1.3% of values.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.bilinear_fetch import fetch
from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((5.5,), (6.0,), (6.5,), (8.5,), (10.0,)),
}
CELLS = 3  # along either axis
ANGLE_AT_10 = np.pi / 2
PINCH_AT_0, PINCH_AT_10 = 0.1, 0.5

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int64]]:
    """Draw which way each cell is twirled, 0 or 1: int64 (N, 3, 3), columns of cells first."""
    return (random.integers((CELLS, CELLS), 0, 2),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], ways: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, pinched and twirled in every cell."""
    (scale,) = strength
    height, width = images.shape[1] // CELLS, images.shape[2] // CELLS
    angle = scale * ANGLE_AT_10 / 10
    pinch = scale * (PINCH_AT_10 - PINCH_AT_0) / 10 + PINCH_AT_0
    warps = np.stack([_warp(height, width, sign * angle, pinch) for sign in (1, -1)])
    out = images.copy()
    _warp_cells(images.astype(np.float32), warps, ways, out)
    return out


def _warp(height: int, width: int, angle: float, pinch: float) -> Floats:
    """Return where each pixel of a cell is fetched from, (H, W, 2), relative to the cell's centre."""
    dy, dx = np.meshgrid(
        np.arange(height) - height / 2, np.arange(width) - width / 2, indexing="ij"
    )
    radius = min(height, width) / 2
    distance = np.sqrt(dy * dy + dx * dx)
    moved = (distance <= radius) & (np.round(distance, 3) != 0.0)
    part = np.where(moved, distance / radius, 1.0)
    bulge = _power(np.sin(np.pi * 0.5 * part), -pinch)
    turn = angle * (1 - part) ** 2
    y, x = dy * bulge, dx * bulge
    twirled_y = y * np.cos(turn) - x * np.sin(turn)
    twirled_x = y * np.sin(turn) + x * np.cos(turn)
    return np.stack([np.where(moved, twirled_y, dy), np.where(moved, twirled_x, dx)], axis=-1)


@njit(cache=True)
def _power(values, exponent):  # type: ignore[no-untyped-def]
    """Return each of ``values``, float64 (H, W), to a power by the C library: numpy's differs by version."""
    powers = np.empty_like(values)
    for y in range(values.shape[0]):
        for x in range(values.shape[1]):
            powers[y, x] = values[y, x] ** exponent
    return powers


@njit(cache=True, nogil=True)
def _warp_cells(images, warps, ways, out):  # type: ignore[no-untyped-def]
    """Write to ``out`` the ``images``, float32, warped in every cell."""
    _, height, width, _ = warps.shape
    weights, pixel = np.empty(4, np.float32), np.empty(3, np.float32)
    for n in range(len(images)):
        for i in range(CELLS):
            for j in range(CELLS):
                warp = warps[ways[n, i, j]]
                for y in range(height):
                    for x in range(width):
                        source_y = j * height + height / 2 + warp[y, x, 0]
                        source_x = i * width + width / 2 + warp[y, x, 1]
                        fetch(images[n], source_y, source_x, weights, pixel)
                        for channel in range(3):
                            level = to_level(pixel[channel])
                            out[n, j * height + y, i * width + x, channel] = level
