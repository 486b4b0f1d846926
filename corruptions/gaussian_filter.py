"""Gaussian blur of a plane, with the arithmetic of ``scipy.ndimage.gaussian_filter``.

Edges are extended by their last pixel, the kernel ends at four standard deviations, the columns
are filtered before the rows, and a sum starts at the centre and then takes the outermost pair
first. The order decides the last bit, and truncation to uint8 can turn that bit into a level.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

STANDARD_DEVIATIONS = 4.0


@functools.cache
def gaussian_taps(sigma_px: float, truncate: float = STANDARD_DEVIATIONS) -> NDArray[np.float64]:
    """Return the centre and one half of the normalised kernel: float64 (radius + 1,).

    The kernel ends ``truncate`` standard deviations from its centre.
    """
    radius = int(truncate * sigma_px + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 / (sigma_px * sigma_px) * offsets**2)
    kernel /= kernel.sum()
    taps: NDArray[np.float64] = kernel[radius:]
    taps.flags.writeable = False  # shared by every caller through the cache
    return taps


@njit(cache=True, nogil=True)
def blur_levels(image, taps, plane, blurred):  # type: ignore[no-untyped-def]
    """Blur ``image``, uint8 (H, W * 3), in place; inside compiled code only.

    ``plane`` and ``blurred`` are float64 of the same shape, working memory.
    """
    height, length = image.shape
    for y in range(height):
        for x in range(length):
            plane[y, x] = image[y, x] / 255.0
    blur_plane(plane, 3, taps, blurred)
    for y in range(height):
        for x in range(length):
            image[y, x] = np.uint8(min(max(blurred[y, x], 0.0), 1.0) * 255.0)


@njit(cache=True, nogil=True)
def blur_plane(plane, channels, taps, output):  # type: ignore[no-untyped-def]
    """Write the blurred ``plane`` to ``output``; inside compiled code only.

    Args:
        plane: float64 or float32 (H, W * channels), the channels of a pixel side by side.
        channels: how many there are.
        taps: float64 (radius + 1,), from ``gaussian_taps``.
        output: like ``plane``, and not the same memory. The blurred columns are rounded to its
            dtype before the rows are filtered, as scipy does.
    """
    height, length = plane.shape
    radius = len(taps) - 1
    margin = radius * channels
    columns = np.empty(length + 2 * margin, plane.dtype)
    total = np.empty(length, np.float64)
    for y in range(height):
        row = plane[y]
        for x in range(length):
            total[x] = row[x] * taps[0]
        for k in range(radius, 0, -1):
            add_pair(total, plane[max(y - k, 0)], plane[min(y + k, height - 1)], taps[k])
        for x in range(length):
            columns[margin + x] = total[x]
        for x in range(margin):
            columns[x] = columns[margin + x % channels]
            columns[margin + length + x] = columns[margin + length - channels + x % channels]
        for x in range(length):
            total[x] = columns[margin + x] * taps[0]
        for k in range(radius, 0, -1):
            left = margin - k * channels
            right = margin + k * channels
            add_pair(total, columns[left : left + length], columns[right : right + length], taps[k])
        for x in range(length):
            output[y, x] = total[x]


@njit(cache=True, nogil=True)
def add_pair(total, one, other, weight):  # type: ignore[no-untyped-def]
    """Add ``(one + other) * weight`` to ``total``, element by element, in double precision."""
    for x in range(len(total)):
        total[x] += (np.float64(one[x]) + np.float64(other[x])) * weight
