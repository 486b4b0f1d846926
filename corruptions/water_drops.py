"""Drops of water on the lens: how much light they add, and what the image looks like behind them.

Source: create_c and create_p scripts of Hendrycks & Dietterich 2019.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

COLOUR_RGB = (np.array([175, 238, 238]) / 255.0).astype(np.float32)  # pale turquoise
WIDEST_SHORE_PX = 20
# Lights a drop from above left, as an embossing filter does.
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def water(liquid: NDArray[np.float64], opacity: np.float32) -> NDArray[np.float32]:
    """Return how much of the water's colour a pixel gets, float32 (H, W), 0 to ``opacity``.

    ``liquid`` is float64 (H, W), how much of it there is, about 0 to 1.
    """
    # Oddity kept: liquid above 1 wraps around to almost none.
    drops = (liquid * 255).astype(np.int64).astype(np.uint8)
    outside_edges = 255 - cv2.Canny(drops, 50, 150)
    shore = cv2.distanceTransform(outside_edges, cv2.DIST_L2, 5)
    _, shore = cv2.threshold(shore, WIDEST_SHORE_PX, WIDEST_SHORE_PX, cv2.THRESH_TRUNC)
    relief = cv2.equalizeHist(cv2.blur(shore, (3, 3)).astype(np.uint8))
    relief = cv2.filter2D(relief, cv2.CV_8U, EMBOSS)
    light = np.multiply(drops, cv2.blur(relief, (3, 3)), dtype=np.float32)
    brightest = light.max()
    # The reference would divide 0 by 0 and store a black image.
    if brightest == 0:
        return light
    return light / brightest * opacity


@njit(cache=True, nogil=True)
def _tint(image, drops, colour, output):  # type: ignore[no-untyped-def]
    frames, height, width = drops.shape
    for k in range(frames):
        for y in range(height):
            for x in range(width):
                for channel in range(3):
                    light = np.float32(image[y, x, channel]) / np.float32(255.0)
                    light = light + drops[k, y, x] * colour[channel]
                    light = min(max(light, np.float32(0.0)), np.float32(1.0))
                    output[k, y, x, channel] = np.uint8(light * np.float32(255.0))


def tint(image: NDArray[np.uint8], drops: NDArray[np.float32], output: NDArray[np.uint8]) -> None:
    """Write to ``output``, uint8 (F, H, W, 3), the ``image`` (H, W, 3) behind ``drops`` (F, H, W)."""
    _tint(image, drops, COLOUR_RGB, output)
