"""Shot noise: a clean frame, then thirty for which every pixel counts its photons anew.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.noise import shot_noise
from corruptions.pixel_range import UNIT

STRENGTH = {  # (frames, photons that a white pixel counts on average)
    "cifar": ((31, 700.0), (31, 400.0), (31, 200.0)),
    "tiny": ((31, 500.0), (31, 250.0), (31, 125.0)),
    "imagenet": ((31, 300.0), (31, 120.0), (31, 60.0)),
    "inception": ((31, 250.0), (31, 100.0), (31, 50.0)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int32]]:
    """Return the photons that each pixel counts, int32 (N, F - 1, H, W, 3)."""
    frames, photons = strength
    return (random.poisson(np.repeat(images[:, None], int(frames) - 1, axis=1), UNIT * photons),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], counts: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): the image, then each frame's ``counts`` as light."""
    _, photons = strength
    noisy = shot_noise.apply(images, (photons,), counts)
    return np.concatenate([images[:, None], noisy], axis=1)
