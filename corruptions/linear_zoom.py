"""A centred zoom by linear interpolation, as ``scipy.ndimage.zoom`` makes it.

The reference crops the middle ceil(side / factor) pixels, lets scipy enlarge them with order 1,
and trims the result to the side. Along one axis that is a fixed pair of source positions with a
pair of weights for every target position, which is what ``zoom_map`` tabulates. The reference
crops a square; here each axis has its own crop, which is the same on square images.

scipy adds the four weighted neighbours of a point in one go, this mixes two rows and then two
columns: results differ by a few times 1e-16, which has not been seen to reach a pixel.
"""

import functools
import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

ZoomMap = tuple[NDArray[np.int64], NDArray[np.float64]]


@functools.cache
def zoom_map(side_px: int, factor: float) -> ZoomMap:
    """Return where each position along an axis comes from under a zoom by ``factor`` >= 1.

    Returns:
        positions: int64 (side_px, 2), the two source positions.
        weights: float64 (side_px, 2), how much of each.
    """
    crop = math.ceil(side_px / factor)
    enlarged = round(crop * factor)
    scale = (crop - 1) / (enlarged - 1)
    trim = (enlarged - side_px) // 2
    coordinates = np.arange(trim, trim + side_px) * scale
    below = np.floor(coordinates).astype(np.int64)
    above = coordinates - below
    weights = np.stack([1.0 - above, above], axis=1)
    # scipy takes a coordinate that rounding carries past the last pixel for outside, that is 0.
    weights[coordinates > crop - 1] = 0.0
    positions = np.stack([below, below + 1], axis=1).clip(0, crop - 1) + (side_px - crop) // 2
    return positions, weights


@njit(cache=True, nogil=True)
def zoom_row(plane, channels, rows, row_weights, columns, column_weights, mixed, out):  # type: ignore[no-untyped-def]
    """Write one row of the zoomed ``plane``, shaped (H, W * channels), to the float64 ``out``.

    ``rows`` and ``row_weights`` are this row's pair, ``columns`` and ``column_weights`` the tables
    (W, 2); ``mixed`` is float64 (W * channels), working memory. Inside compiled code only.
    """
    upper = plane[rows[0]]
    lower = plane[rows[1]]
    upper_weight = row_weights[0]
    lower_weight = row_weights[1]
    for x in range(len(mixed)):
        mixed[x] = upper[x] * upper_weight + lower[x] * lower_weight
    for x in range(len(columns)):
        left = columns[x, 0] * channels
        right = columns[x, 1] * channels
        left_weight = column_weights[x, 0]
        right_weight = column_weights[x, 1]
        for channel in range(channels):
            out[x * channels + channel] = (
                mixed[left + channel] * left_weight + mixed[right + channel] * right_weight
            )
