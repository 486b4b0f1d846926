"""Blue noise sample: pixels go dark where a noise of high frequencies is low: evenly spread dropouts.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.spectral_noise import distance_from_centre, sample_phases, spectral_noise

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((0.7,), (1.4,), (2.1,), (3.5,), (4.2,)),
    "imagenet": ((0.8,), (1.6,), (2.4,), (4.0,), (5.6,)),
}
# Below which a pixel goes dark, in standard deviations of the noise.
THRESHOLD_AT_0 = -2.5
THRESHOLD_RISE_AT_10 = 3.0


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the phases of the noise in radians, float64 (N, 1, H, W)."""
    return (sample_phases(random, 1, *images.shape[1:3]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], phases: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, black where the noise is low."""
    (scale,) = strength
    threshold = scale * THRESHOLD_RISE_AT_10 / 10 + THRESHOLD_AT_0
    noise = spectral_noise(distance_from_centre(*images.shape[1:3]), phases)
    return images * (noise[:, 0, :, :, None] > threshold)
