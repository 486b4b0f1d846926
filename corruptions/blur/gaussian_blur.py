"""Gaussian blur: the image seen through a lens with a normal point spread.

Source: create_c scripts of Hendrycks & Dietterich 2019, one of the four extra corruptions.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import blur_levels, gaussian_taps

STRENGTH = {  # (standard deviation in pixels,)
    "cifar": ((0.4,), (0.6,), (0.7,), (0.8,), (1.0,)),
    "tiny": ((0.5,), (0.75,), (1.0,), (1.25,), (1.5,)),
    "imagenet": ((1.0,), (2.0,), (3.0,), (4.0,), (6.0,)),
    "inception": ((1.5,), (2.5,), (3.5,), (4.5,), (6.5,)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), blurred."""
    (sigma_px,) = strength
    return _blur(images, gaussian_taps(sigma_px))


@njit(cache=True, nogil=True)
def _blur(images: NDArray[np.uint8], taps: NDArray[np.float64]) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    output = images.copy()
    for i in range(count):
        blur_levels(output[i].reshape(height, width * 3), taps)
    return output
