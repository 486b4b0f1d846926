"""Flakes of snow before they fall: noise, enlarged and cut off below a threshold.

Source: create_c and create_p scripts of Hendrycks & Dietterich 2019.
"""

import numpy as np
from numba import njit

from corruptions.linear_zoom import zoom_row


@njit(cache=True, nogil=True)
def resting_flakes(noise, distribution, row_map, column_map):  # type: ignore[no-untyped-def]
    """Return the flakes, uint8 (N, H, W), of standard normal ``noise``, float64 (N, H, W).

    Args:
        noise: one number a pixel.
        distribution: mean and standard deviation to give to it, and the threshold.
        row_map: how the rows are enlarged, from ``linear_zoom.zoom_map``.
        column_map: likewise the columns.
    """
    mean, deviation, threshold = distribution
    rows, row_weights = row_map
    columns, column_weights = column_map
    count, height, width = noise.shape
    flakes = np.empty(noise.shape, np.uint8)
    plane = np.empty((height, width))
    mixed = np.empty(width)
    zoomed = np.empty(width)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                plane[y, x] = mean + deviation * noise[n, y, x]
        for y in range(height):
            zoom_row(plane, 1, rows[y], row_weights[y], columns, column_weights, mixed, zoomed)
            for x in range(width):
                level = zoomed[x] if zoomed[x] >= threshold else 0.0
                flakes[n, y, x] = np.uint8(min(max(level, 0.0), 1.0) * 255.0)
    return flakes
