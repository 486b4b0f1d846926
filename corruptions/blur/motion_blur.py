"""Motion blur: a camera that moves while the shutter is open, in a direction drawn per image.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code, which hand
the image to ImageMagick.
Agreement with the reference: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.motion_taps import blur_motion, motion_offsets, motion_weights

STRENGTH = {  # (half the length of the trail in pixels, standard deviation of its weights in pixels)
    "cifar": ((6.0, 1.0), (6.0, 1.5), (6.0, 2.0), (8.0, 2.0), (9.0, 2.5)),
    "tiny": ((10.0, 1.0), (10.0, 1.5), (10.0, 2.0), (10.0, 2.5), (12.0, 3.0)),
    "imagenet": ((10.0, 3.0), (15.0, 5.0), (15.0, 8.0), (15.0, 12.0), (20.0, 15.0)),
    "inception": ((12.0, 4.0), (17.0, 6.0), (17.0, 9.0), (17.0, 13.0), (22.0, 16.0)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the direction of the movement in degrees, -45 to 45: one float64 array (N,)."""
    return (random.uniform((), -45.0, 45.0),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], angles: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), blurred along ``angles``, float64 (N,) degrees."""
    weights = motion_weights(*strength)
    return _blur(images, weights, motion_offsets(angles, len(weights)))


@njit(cache=True, nogil=True)
def _blur(
    images: NDArray[np.uint8], weights: NDArray[np.float64], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    output = images.copy()
    margin = len(weights)
    padded = np.empty((height + 2 * margin, (width + 2 * margin) * 3), np.float32)
    total = np.empty(width * 3)
    for i in range(count):
        image = output[i].reshape(height, width * 3)
        blur_motion(image, 3, weights, offsets[i], padded, total)
    return output
