"""Speckle noise: a clean frame, then thirty with noise in proportion to the signal.

Source: create_p scripts of Hendrycks & Dietterich 2019, one of the sequences held out for
validation.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.noise import speckle_noise

STRENGTH = {  # (frames, standard deviation as a fraction of the pixel)
    "cifar": ((31, 0.05), (31, 0.07), (31, 0.1)),
    "tiny": ((31, 0.05), (31, 0.1), (31, 0.15)),
    "imagenet": ((31, 0.05), (31, 0.1), (31, 0.15)),
    "inception": ((31, 0.06), (31, 0.11), (31, 0.16)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Return standard normal numbers, float64 (N, F - 1, H, W, 3)."""
    return (random.normal((int(strength[0]) - 1, *images.shape[1:])),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], normals: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): the image, then the image times each frame's speckles."""
    frames, sigma = strength
    still = np.repeat(images[:, None], int(frames), axis=1)
    still[:, 1:] = speckle_noise.apply(np.ascontiguousarray(still[:, 1:]), (sigma,), normals)
    return still
