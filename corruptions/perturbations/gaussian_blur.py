"""Gaussian blur: the image seen through a lens that slowly loses its focus.

Source: create_p scripts of Hendrycks & Dietterich 2019, one of the sequences held out for
validation.
Agreement with the reference: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import blur_levels, gaussian_taps

# (frames, standard deviation of the first one in pixels, pixels from frame to frame, where the
#  kernel ends in standard deviations)
STRENGTH = {
    "cifar": ((31, 0.3, 0.015, 7.0),),
    "tiny": ((31, 0.35, 0.014, 7.0),),
    "imagenet": ((31, 0.25, 0.035, 6.0),),
    "inception": ((31, 0.35, 0.035, 6.0),),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` ever more blurred."""
    frames, first_px, step_px, truncate = strength
    output = np.repeat(images[:, None], int(frames), axis=1)
    for k in range(int(frames)):
        _blur(output, k, gaussian_taps(first_px + step_px * k, truncate))
    return output


@njit(cache=True, nogil=True)
def _blur(output, k, taps):  # type: ignore[no-untyped-def]
    """Blur frame ``k`` of every sequence in place."""
    height, width = output.shape[2:4]
    for n in range(len(output)):
        blur_levels(output[n, k].reshape(height, width * 3), taps)
