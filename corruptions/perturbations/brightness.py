"""Brightness: from a little too dark to a little too bright, by the value channel of HSV.

The middle frame is the clean image but for rounding on its way through HSV.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.hsv import hsv_to_rgb, rgb_to_hsv

STRENGTH = {  # (frames, percent of the value channel's range added from frame to frame)
    "cifar": ((31, 1.5),),
    "tiny": ((31, 2.0),),
    "imagenet": ((31, 2.0),),
    "inception": ((31, 2.0),),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` darker in the first half, brighter in the second."""
    frames, percent = strength
    added = (np.arange(int(frames)) - int(frames) // 2) * percent / 100.0
    output: NDArray[np.uint8] = _brighten(images, added)
    return output


@njit(cache=True, nogil=True)
def _brighten(images, added):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    output = np.empty((count, len(added), height, width, 3), np.uint8)
    for n in range(count):
        source = images[n].reshape(-1, 3)
        target = output[n].reshape(len(added), -1, 3)
        for i in range(len(source)):
            hue, saturation, value = rgb_to_hsv(
                source[i, 0] / 255.0, source[i, 1] / 255.0, source[i, 2] / 255.0
            )
            for k in range(len(added)):
                brighter = min(max(value + added[k], 0.0), 1.0)
                red, green, blue = hsv_to_rgb(hue, saturation, brighter)
                target[k, i, 0] = np.uint8(red * 255.0)
                target[k, i, 1] = np.uint8(green * 255.0)
                target[k, i, 2] = np.uint8(blue * 255.0)
    return output
