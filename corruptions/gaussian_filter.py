"""Gaussian blur of a plane, with the arithmetic of ``scipy.ndimage.gaussian_filter``.

Edges are extended by their last pixel or mirrored, the kernel ends at four standard deviations,
the columns are filtered before the rows, and a sum starts at the centre and then takes the outermost pair
first. The order decides the last bit, and truncation to uint8 can turn that bit into a level.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.exponential import exponential
from corruptions.pixel_range import to_unit

STANDARD_DEVIATIONS = 4.0


@functools.cache
def gaussian_taps(sigma_px: float, truncate: float = STANDARD_DEVIATIONS) -> NDArray[np.float64]:
    """Return the centre and one half of the normalised kernel: float64 (radius + 1,).

    The kernel ends ``truncate`` standard deviations from its centre.
    """
    radius = int(truncate * sigma_px + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = exponential(-0.5 / (sigma_px * sigma_px) * offsets**2)
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
    held = 2 * radius + 1
    rows = np.empty(held * length)
    columns = np.empty(length + 6 * radius)
    total = np.empty(length)
    places = np.empty((2, radius + 1), np.uint64)
    loaded = 0
    for y in range(height):
        while loaded < min(y + radius + 1, height):
            start = loaded % held * length
            for x in range(length):
                rows[start + x] = to_unit(image[loaded, x])
            loaded += 1
        _blur_row(rows, held, y, height, 3, taps, False, places, columns, total)
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
    values = plane.reshape(-1)
    columns = np.empty(length + 2 * (len(taps) - 1) * channels, plane.dtype)
    total = np.empty(length)
    places = np.empty((2, len(taps)), np.uint64)
    for y in range(height):
        _blur_row(values, height, y, height, channels, taps, mirrored, places, columns, total)
        for x in range(length):
            output[y, x] = total[x]


@njit(cache=True, nogil=True)
def _blur_row(rows, held, y, height, channels, taps, mirrored, places, columns, total):  # type: ignore[no-untyped-def]
    """Write the blurred row ``y`` of a plane of ``height`` to ``total``.

    ``rows`` has the values of the plane, or of as many rows as the kernel covers: those of row k are
    in place k modulo ``held``. ``places`` and ``columns`` are working memory.
    """
    radius, length = len(taps) - 1, len(total)
    for k in range(radius + 1):
        places[0, k] = _inside(y - k, height, mirrored) % held * length
        places[1, k] = _inside(y + k, height, mirrored) % held * length
    _weigh(rows, places, taps, total)
    margin = radius * channels
    for x in range(length):
        columns[margin + x] = total[x]
    _extend(columns, channels, margin, mirrored)
    for k in range(radius + 1):
        places[0, k] = margin - k * channels
        places[1, k] = margin + k * channels
    _weigh(columns, places, taps, total)


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
def _weigh(values, places, taps, total):  # type: ignore[no-untyped-def]
    """Write to ``total`` the weighted sum of stretches of ``values``, each of its length.

    Those that start at ``places[0, k]`` and ``places[1, k]`` have the weight ``taps[k]``. The sum
    starts at k = 0, the centre, and continues with the outermost pair, in double precision. No
    slices: to count the references of one takes as long as to add it. Indices are unsigned, for
    compiled code that must look for negative ones is not vectorised.
    """
    length = np.uint64(len(total))
    centre = places[0, 0]
    for x in range(length):
        total[x] = values[centre + x] * taps[0]
    k = len(taps) - 1
    if k % 2:
        a, b = places[0, k], places[1, k]
        for x in range(length):
            total[x] += (np.float64(values[a + x]) + np.float64(values[b + x])) * taps[k]
        k -= 1
    # Two pairs at a time: fetching and storing the total would take longer than the sum.
    while k:
        a, b, c, d = places[0, k], places[1, k], places[0, k - 1], places[1, k - 1]
        outer, inner = taps[k], taps[k - 1]
        for x in range(length):
            first = total[x] + (np.float64(values[a + x]) + np.float64(values[b + x])) * outer
            total[x] = first + (np.float64(values[c + x]) + np.float64(values[d + x])) * inner
        k -= 2
