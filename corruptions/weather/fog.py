"""Fog: a haze of uneven density, as a plasma fractal added to the image.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact.

The map is as large as the next power of two: 32, 64, 256 and 512 for the benchmark's own sizes,
as in its scripts. The brightest value of the image decides how much of the sum remains, so that a
black image stays black. Oddity kept: the noise amplitude is squared, see ``corruptions.plasma``.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.pixel_range import to_unit
from corruptions.plasma import fill_plasma, plasma_draws, plasma_side

STRENGTH = {  # (weight of the fog, what its roughness is divided by from level to level)
    "cifar": ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)),
    "tiny": ((0.4, 3.0), (0.7, 3.0), (1.0, 2.5), (1.5, 2.0), (2.0, 1.75)),
    "imagenet": ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)),
    "inception": ((1.5, 2.0), (2.0, 2.0), (2.5, 1.8), (2.5, 1.6), (3.0, 1.5)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the numbers of the plasma map, uniform in [0, 1): one float64 array (N, side**2 - 1)."""
    _, height, width, _ = images.shape
    return (random.uniform((plasma_draws(plasma_side(height, width)),)),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], numbers: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), in fog made of the ``numbers`` that ``sample`` draws."""
    amount, decay = strength
    _, height, width, _ = images.shape
    return _add_fog(images, amount, decay, plasma_side(height, width), numbers)


@njit(cache=True, nogil=True)
def _add_fog(
    images: NDArray[np.uint8],
    amount: float,
    decay: float,
    side: int,
    numbers: NDArray[np.float64],
) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    output = np.empty_like(images)
    heights = np.empty((side, side))
    haze = np.empty(width * 3)
    for i in range(count):
        fill_plasma(numbers[i], decay, heights)
        brightest = images[i].max() / 255.0
        source, target = images[i].reshape(-1), output[i].reshape(-1)
        for y in range(height):
            for x in range(width):
                for channel in range(3):
                    haze[3 * x + channel] = amount * heights[y, x]
            start = np.uint64(y * width * 3)
            for x in range(np.uint64(width * 3)):
                light = to_unit(source[start + x]) + haze[x]
                light = light * brightest / (brightest + amount)
                target[start + x] = np.uint8(min(max(light, 0.0), 1.0) * 255.0)
    return output
