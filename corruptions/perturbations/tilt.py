"""Tilt: the image as a board that turns about both of its axes in front of the viewer.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code, which hand
the image to OpenCV.
Agreement with the reference: exact with OpenCV 5.
Oddity kept: the board stands one pixel behind the focal plane, so that the middle frame, which is
not tilted, is still a little smaller than the image.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from corruptions.grid_warp import inverse_homography, warp_perspective

STRENGTH = {  # (frames, degrees from frame to frame about each axis)
    "cifar": ((31, 0.75),),
    "tiny": ((31, 1.0),),
    "imagenet": ((31, 1.0),),
    "inception": ((31, 1.0),),
}
# The reference tilts the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` tilted one way, then the other, over black."""
    frames, step_deg = strength
    count, height, width, _ = images.shape
    output = np.empty((count, int(frames), height, width, 3), np.uint8)
    warp_perspective(images, _inverses(height, width, int(frames), step_deg), output)
    return output


@functools.lru_cache(maxsize=64)
def _inverses(height: int, width: int, frames: int, step_deg: float) -> NDArray[np.float64]:
    """Return the inverse homography of every frame, float64 (F, 3, 3), shared: it is not to be changed."""
    angles = np.deg2rad(step_deg * (np.arange(frames) - frames // 2))
    homographies = [_perspective(height, width, angle) for angle in angles]
    return np.array([inverse_homography(each) for each in homographies])


def _perspective(height: int, width: int, angle: float) -> NDArray[np.float64]:
    """Return the homography, float64 (3, 3), of a board turned by ``angle`` about both axes."""
    cos, sin = math.cos(angle), math.sin(angle)
    focus = math.sqrt(width**2 + height**2)
    # A depth of 1 where the board's plane is 0: the reference's oddity.
    place = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1], [0, 0, 1]])
    turn_x = np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1]])
    turn_y = np.array([[cos, 0, -sin, 0], [0, 1, 0, 0], [sin, 0, cos, 0], [0, 0, 0, 1]])
    retreat = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, focus], [0, 0, 0, 1]])
    project = np.array([[focus, 0, width / 2, 0], [0, focus, height / 2, 0], [0, 0, 1, 0]])
    return functools.reduce(_product, (project, retreat, turn_x, turn_y, place))


def _product(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product of two matrices, added up in one order: that of ``@`` depends on the processor."""
    product: NDArray[np.float64] = (one[:, :, None] * other).sum(axis=1)
    return product
