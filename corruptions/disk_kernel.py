"""The point spread of a lens out of focus: a disk with a softened edge."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

SMALLEST_HALF_WIDTH_PX = 8


@functools.cache
def disk_kernel(radius_px: float, edge_sigma_px: float) -> NDArray[np.float32]:
    """Return a disk of ``radius_px`` whose edge is blurred by ``edge_sigma_px``: float32 (K, K).

    Oddity kept: a disk of radius 8 or more touches the border of its array, where the blur
    reflects it, so that the kernel sums to 1.013 (radius 8), 1.011 (10) or 1.008 (12) and the
    image brightens by as much.

    Source: ``disk`` of the create_c scripts of Hendrycks & Dietterich 2019.
    """
    half_width = max(SMALLEST_HALF_WIDTH_PX, int(radius_px))
    offsets = np.arange(-half_width, half_width + 1)
    inside = offsets[:, None] ** 2 + offsets**2 <= radius_px**2
    disk = inside.astype(np.float32)
    disk /= disk.sum()
    side = 3 if radius_px <= SMALLEST_HALF_WIDTH_PX else 5
    kernel = np.asarray(cv2.GaussianBlur(disk, (side, side), sigmaX=edge_sigma_px), np.float32)
    kernel.flags.writeable = False  # shared by every caller through the cache
    return kernel
