"""Gaussian noise: what a sensor adds in low light, independent of the signal.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
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


@njit(cache=True, nogil=True)
def _add(pixels, normals, sigma, out):  # type: ignore[no-untyped-def]
    for i in range(len(pixels)):
        out[i] = to_pixel(to_unit(pixels[i]) + sigma * normals[i])
