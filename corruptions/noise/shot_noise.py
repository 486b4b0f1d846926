"""Shot noise: light arrives in photons, and a pixel counts few of them.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.pixel_range import UNIT

STRENGTH = {  # (photons that a white pixel counts on average,)
    "imagenet": ((60.0,), (25.0,), (12.0,), (5.0,), (3.0,)),
    "cifar": ((500.0,), (250.0,), (100.0,), (75.0,), (50.0,)),
    "tiny": ((250.0,), (100.0,), (50.0,), (30.0,), (15.0,)),
    "inception": ((50.0,), (20.0,), (10.0,), (5.0,), (3.0,)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int32]]:
    """Return the photons that each pixel counts, int32 (N, H, W, 3)."""
    (photons,) = strength
    return (random.poisson(images, UNIT * photons),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], counts: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): the ``counts`` as fractions of a white pixel's photons."""
    (photons,) = strength
    # Every count from that of a white pixel on is white, so the last entry stands for them all.
    pixel_of_count = (np.clip(np.arange(int(photons) + 1) / photons, 0, 1) * 255).astype(np.uint8)
    out = np.empty(counts.shape, np.uint8)
    _look_up(pixel_of_count, counts.ravel(), out.ravel())
    return out


@njit(cache=True, nogil=True)
def _look_up(pixel_of_count, counts, out):  # type: ignore[no-untyped-def]
    last = np.uint32(len(pixel_of_count) - 1)
    for i in range(len(counts)):
        out[i] = pixel_of_count[min(np.uint32(counts[i]), last)]
