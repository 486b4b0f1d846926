"""Speckle noise: noise in proportion to the signal, as in ultrasound and radar images.

Source: Hendrycks & Dietterich 2019, appendix, and the create_c scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions import normal_table
from corruptions.keyed_random import KeyedRandom
from corruptions.philox import TILE, fill_normals
from corruptions.pixel_range import UNIT, to_pixel

STRENGTH = {  # (standard deviation as a fraction of the pixel,)
    "imagenet": ((0.15,), (0.2,), (0.35,), (0.45,), (0.6,)),
    "cifar": ((0.06,), (0.1,), (0.12,), (0.16,), (0.2,)),
    "tiny": ((0.15,), (0.2,), (0.25,), (0.3,), (0.35,)),
    "inception": ((0.16,), (0.21,), (0.36,), (0.46,), (0.61,)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Return standard normal numbers, float64 (N, H, W, 3)."""
    return (random.normal(images.shape[1:]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], normals: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): each pixel plus itself times its normal number."""
    (sigma,) = strength
    out = np.empty_like(images)
    _add_in_proportion(images.ravel(), normals.ravel(), sigma, UNIT, out.ravel())
    return out


def draw_and_apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], random: KeyedRandom
) -> NDArray[np.uint8]:
    """Return `apply` on what `sample` draws, of which no more than a few KiB are ever in memory."""
    (sigma,) = strength
    flat = images.reshape(len(images), -1)
    out = np.empty_like(flat)
    _draw_and_add(random.take(flat.shape[1]), normal_table.coefficients(), flat, sigma, UNIT, out)
    return out.reshape(images.shape)


@njit(cache=True, nogil=True)
def _add_in_proportion(pixels, normals, sigma, unit, out):  # type: ignore[no-untyped-def]
    for i in range(len(pixels)):
        x = unit[pixels[i]]
        out[i] = to_pixel(x + x * (sigma * normals[i]))


@njit(cache=True, nogil=True)
def _draw_and_add(source, table, images, sigma, unit, out):  # type: ignore[no-untyped-def]
    words, normals = np.empty(TILE, np.uint32), np.empty(TILE)
    for n in range(len(images)):
        for start in range(0, images.shape[1], TILE):
            stop = min(start + TILE, images.shape[1])
            fill_normals(source, n, start, table, words, normals[: stop - start])
            _add_in_proportion(images[n, start:stop], normals, sigma, unit, out[n, start:stop])
