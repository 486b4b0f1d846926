"""Gaussian noise: a clean frame, then thirty that each get noise of their own.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom

STRENGTH = {  # (frames, standard deviation for pixels from 0 to 1)
    "cifar": ((31, 0.02), (31, 0.04), (31, 0.06)),
    "tiny": ((31, 0.025), (31, 0.05), (31, 0.075)),
    "imagenet": ((31, 0.03), (31, 0.05), (31, 0.08)),
    "inception": ((31, 0.035), (31, 0.055), (31, 0.085)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Return standard normal numbers, float64 (N, F - 1, 3, H, W): by channels, as torch draws."""
    _, height, width, channels = images.shape
    return (random.normal((int(strength[0]) - 1, channels, height, width)),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], normals: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): the image, then the image plus each frame's ``normals``."""
    frames, sigma = strength
    out = np.empty((len(images), int(frames), *images.shape[1:]), np.uint8)
    out[:, 0] = images
    _add(images, normals, np.float32(sigma), out)
    return out


@njit(cache=True, nogil=True)
def _add(images, normals, sigma, out):  # type: ignore[no-untyped-def]
    count, frames, height, width, _ = out.shape
    one = np.float32(1.0)
    white = np.float32(255.0)
    for n in range(count):
        for k in range(1, frames):
            for y in range(height):
                for x in range(width):
                    for channel in range(3):
                        # Single precision throughout: the reference works on torch tensors here.
                        light = np.float32(images[n, y, x, channel]) / white
                        light += sigma * np.float32(normals[n, k - 1, channel, y, x])
                        light = min(max(light, np.float32(0.0)), one)
                        out[n, k, y, x, channel] = np.uint8(light * white)
