"""Brownish noise: coloured clouds, noise that falls off faster than 1/f towards high frequencies.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.spectral_noise import distance_from_centre, sample_phases, spectral_noise

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((2.5,), (4.0,), (5.5,), (6.5,), (7.0,)),
    "imagenet": ((1.0,), (2.0,), (3.0,), (4.0,), (5.0,)),
}
DEVIATION_AT_10 = 64.0


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the phases of a noise for each channel in radians, float64 (N, 3, H, W)."""
    return (sample_phases(random, 3, *images.shape[1:3]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], phases: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` plus a noise for each channel."""
    (scale,) = strength
    amplitudes = 1 / (distance_from_centre(*images.shape[1:3]) ** 2 + 1)
    noise = spectral_noise(amplitudes, phases).transpose(0, 2, 3, 1)
    noisy = images + scale * DEVIATION_AT_10 / 10 * noise
    return np.clip(noisy, 0, 255).astype(np.uint8, order="C")
