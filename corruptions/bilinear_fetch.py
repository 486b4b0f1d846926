"""What an image shows between its pixels, black beyond its border.

Source: the imagenet_c_bar scripts of Mintun, Kirillov & Xie 2021.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def fetch(image, y, x, weights, pixel):  # type: ignore[no-untyped-def]
    """Write to ``pixel`` what ``image`` shows at row ``y`` and column ``x``; compiled code only.

    Args:
        image: float32 or float64 (H, W, 3).
        y, x: float64, any.
        weights: (4,) of the same dtype, working memory. It rounds the weights to that dtype.
        pixel: (3,) of the same dtype.
    """
    top, left = int(np.floor(y)), int(np.floor(x))
    weights[0] = 1.0 - x + left
    weights[1] = 1.0 - (left + 1) + x
    weights[2] = 1.0 - y + top
    weights[3] = 1.0 - (top + 1) + y
    for channel in range(3):
        upper = (
            _value(image, top, left, channel) * weights[0]
            + _value(image, top, left + 1, channel) * weights[1]
        )
        lower = (
            _value(image, top + 1, left, channel) * weights[0]
            + _value(image, top + 1, left + 1, channel) * weights[1]
        )
        pixel[channel] = upper * weights[2] + lower * weights[3]


@njit(cache=True, nogil=True)
def _value(image, y, x, channel):  # type: ignore[no-untyped-def]
    if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
        return image[y, x, channel]
    return image.dtype.type(0)
