"""Gaussian smoothing of a field that continues beyond its edges as in a mirror.

The arithmetic is that of ``scipy.ndimage.gaussian_filter`` in mode "reflect": columns before rows,
and a sum that starts at the centre and then takes the outermost pair first.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import add_pair


@functools.cache
def gaussian_half(sigma_px: float, truncate: float) -> NDArray[np.float64]:
    """Return the centre and one half of the normalised kernel: float64 (radius + 1,).

    The kernel ends at ``truncate`` standard deviations; one of 0 pixels leaves a field as it is.
    """
    if sigma_px == 0.0:
        return np.ones(1)
    radius = int(truncate * sigma_px + 0.5)
    kernel = np.exp(-0.5 / (sigma_px * sigma_px) * np.arange(-radius, radius + 1) ** 2)
    half: NDArray[np.float64] = (kernel / kernel.sum())[radius:]
    return half


@njit(cache=True, nogil=True)
def mirrored(position, size):  # type: ignore[no-untyped-def]
    """Return the pixel, 0 to size - 1, that any integer position on a mirrored axis shows."""
    position %= 2 * size
    return min(position, 2 * size - 1 - position)


@njit(cache=True, nogil=True)
def smooth(field, half, columns, out):  # type: ignore[no-untyped-def]
    """Write the smoothed ``field``, float64 (H, W), to ``out``; inside compiled code only.

    ``half`` is ``gaussian_half``'s; ``columns`` is working memory, float64 (W + 2 * radius,).
    """
    height, width = field.shape
    radius = len(half) - 1
    middle = columns[radius : radius + width]
    for y in range(height):
        middle[:] = field[y] * half[0]
        for k in range(radius, 0, -1):
            add_pair(
                middle, field[mirrored(y - k, height)], field[mirrored(y + k, height)], half[k]
            )
        for x in range(radius):
            columns[radius - 1 - x] = middle[mirrored(-1 - x, width)]
            columns[radius + width + x] = middle[mirrored(width + x, width)]
        out[y] = middle * half[0]
        for k in range(radius, 0, -1):
            left, right = radius - k, radius + k
            add_pair(out[y], columns[left : left + width], columns[right : right + width], half[k])
