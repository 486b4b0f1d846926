"""Gaussian blur of a plane, with the arithmetic of ``scipy.ndimage.gaussian_filter``.

Edges are extended by their last pixel or mirrored, the kernel ends at four standard deviations,
the columns are filtered before the rows, and a sum starts at the centre and then takes the outermost pair
first. The order decides the last bit, and truncation to uint8 can turn that bit into a level.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.pixel_range import to_unit

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
def blur_levels(image, taps):  # type: ignore[no-untyped-def]
    """Blur ``image``, uint8 (H, W * 3), in place; inside compiled code only."""
    height, length = image.shape
    radius = len(taps) - 1
    # Only the rows that the kernel covers are held as floats, to stay in the fast caches.
    rows = np.empty((2 * radius + 1, length))
    columns = np.empty(length + 6 * radius)
    total = np.empty(length)
    loaded = 0
    for y in range(height):
        while loaded < min(y + radius + 1, height):
            row = rows[loaded % len(rows)]
            for x in range(length):
                row[x] = to_unit(image[loaded, x])
            loaded += 1
        _blur_row(rows, y, height, 3, taps, False, columns, total)
        for x in range(length):
            image[y, x] = np.uint8(min(max(total[x], 0.0), 1.0) * 255.0)


@njit(cache=True, nogil=True)
def blur_plane(plane, channels, taps, output, mirrored):  # type: ignore[no-untyped-def]
    """Write the blurred ``plane`` to ``output``; inside compiled code only.

    Args:
        plane: float64 or float32 (H, W * channels), the channels of a pixel side by side.
        channels: how many there are.
        taps: float64 (radius + 1,), from ``gaussian_taps``.
        output: like ``plane``, and not the same memory. The blurred columns are rounded to its
            dtype before the rows are filtered, as scipy does.
        mirrored: whether the plane continues as in a mirror (scipy's "reflect") and not by its
            last pixel ("nearest"). The radius is then at most H and W.
    """
    height, length = plane.shape
    columns = np.empty(length + 2 * (len(taps) - 1) * channels, plane.dtype)
    total = np.empty(length)
    for y in range(height):
        _blur_row(plane, y, height, channels, taps, mirrored, columns, total)
        output[y] = total


@njit(cache=True, nogil=True)
def _blur_row(rows, y, height, channels, taps, mirrored, columns, total):  # type: ignore[no-untyped-def]
    """Write the blurred row ``y`` of a plane of ``height`` to ``total``.

    ``rows`` holds the plane, or as much of it as the kernel covers: row k at k modulo its length.
    """
    radius = len(taps) - 1
    margin = radius * channels
    length = len(total)
    _start(total, rows[y % len(rows)], taps[0])
    k = radius
    if k % 2:
        above = rows[_inside(y - k, height, mirrored) % len(rows)]
        below = rows[_inside(y + k, height, mirrored) % len(rows)]
        _add_pair(total, above, below, taps[k])
        k -= 1
    while k:
        above = rows[_inside(y - k, height, mirrored) % len(rows)]
        below = rows[_inside(y + k, height, mirrored) % len(rows)]
        nearer_above = rows[_inside(y - k + 1, height, mirrored) % len(rows)]
        nearer_below = rows[_inside(y + k - 1, height, mirrored) % len(rows)]
        _add_two_pairs(total, above, below, taps[k], nearer_above, nearer_below, taps[k - 1])
        k -= 2
    columns[margin : margin + length] = total
    _extend(columns, channels, margin, mirrored)
    _start(total, columns[margin:], taps[0])
    k = radius
    if k % 2:
        _add_pair(total, columns, columns[2 * margin :], taps[k])
        k -= 1
    while k:
        left = columns[(radius - k) * channels :]
        right = columns[(radius + k) * channels :]
        nearer_right = columns[(radius + k - 1) * channels :]
        _add_two_pairs(total, left, right, taps[k], left[channels:], nearer_right, taps[k - 1])
        k -= 2


@njit(cache=True, nogil=True)
def _inside(y, height, mirrored):  # type: ignore[no-untyped-def]
    """Return the row, 0 to ``height`` - 1, that stands for row ``y`` of the continued plane."""
    if mirrored:
        y = max(y, -1 - y)
        return min(y, 2 * height - 1 - y)
    return min(max(y, 0), height - 1)


@njit(cache=True, nogil=True)
def _extend(columns, channels, margin, mirrored):  # type: ignore[no-untyped-def]
    """Fill the ``margin`` at both ends of ``columns``."""
    end = len(columns) - margin
    for x in range(0, margin, channels):
        inside = x if mirrored else 0
        for channel in range(channels):
            columns[margin - channels - x + channel] = columns[margin + inside + channel]
            columns[end + x + channel] = columns[end - channels - inside + channel]


@njit(cache=True, nogil=True)
def _start(total, centre, weight):  # type: ignore[no-untyped-def]
    for x in range(len(total)):
        total[x] = centre[x] * weight


@njit(cache=True, nogil=True)
def _add_pair(total, one, other, weight):  # type: ignore[no-untyped-def]
    """Add ``(one + other) * weight`` to ``total``, element by element, in double precision."""
    for x in range(len(total)):
        total[x] += (np.float64(one[x]) + np.float64(other[x])) * weight


@njit(cache=True, nogil=True)
def _add_two_pairs(total, a, b, weight, c, d, next_weight):  # type: ignore[no-untyped-def]
    """Do two times ``_add_pair``, with half the traffic of ``total``."""
    for x in range(len(total)):
        first = total[x] + (np.float64(a[x]) + np.float64(b[x])) * weight
        total[x] = first + (np.float64(c[x]) + np.float64(d[x])) * next_weight
