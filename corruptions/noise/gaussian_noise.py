"""Gaussian noise: what a sensor adds in low light, independent of the signal.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions import normal_table
from corruptions.keyed_random import KeyedRandom
from corruptions.philox import TILE, fill_normals
from corruptions.pixel_range import to_pixel, to_unit

STRENGTH = {  # (standard deviation for pixels from 0 to 1,)
    "imagenet": ((0.08,), (0.12,), (0.18,), (0.26,), (0.38,)),
    "cifar": ((0.04,), (0.06,), (0.08,), (0.09,), (0.1,)),
    "tiny": ((0.04,), (0.08,), (0.12,), (0.15,), (0.18,)),
    "inception": ((0.09,), (0.13,), (0.19,), (0.27,), (0.4,)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Return standard normal numbers, float64 (N, H, W, 3)."""
    return (random.normal(images.shape[1:]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], normals: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` plus ``normals`` times the standard deviation."""
    (sigma,) = strength
    out = np.empty_like(images)
    _add(images.ravel(), normals.ravel(), sigma, out.ravel())
    return out


def draw_and_apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], random: KeyedRandom
) -> NDArray[np.uint8]:
    """Return `apply` on what `sample` draws, of which no more than a few KiB are ever in memory."""
    (sigma,) = strength
    flat = images.reshape(len(images), -1)
    out = np.empty_like(flat)
    _draw_and_add(random.take(flat.shape[1]), normal_table.coefficients(), flat, sigma, out)
    return out.reshape(images.shape)


@njit(cache=True, nogil=True)
def _add(pixels, normals, sigma, out):  # type: ignore[no-untyped-def]
    for i in range(len(pixels)):
        out[i] = to_pixel(to_unit(pixels[i]) + sigma * normals[i])


@njit(cache=True, nogil=True)
def _draw_and_add(source, table, images, sigma, out):  # type: ignore[no-untyped-def]
    words, normals = np.empty(TILE, np.uint32), np.empty(TILE)
    for n in range(len(images)):
        for start in range(0, images.shape[1], TILE):
            stop = min(start + TILE, images.shape[1])
            fill_normals(source, n, start, table, words, normals[: stop - start])
            _add(images[n, start:stop], normals, sigma, out[n, start:stop])
