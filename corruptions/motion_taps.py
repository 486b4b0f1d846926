"""Motion blur as ImageMagick's ``MotionBlurImage`` makes it: a one-sided trail of weighted pixels.

A pixel becomes the weighted mean of itself and the pixels along a line, with half-normal weights.
Source: ImageMagick 6, effect.c; the results equal those of 6.9.11 (Q16) bit for bit.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.exponential import exponential

# ImageMagick holds a pixel in 16 bits: 8-bit levels are multiplied by 257.
QUANTUM_PER_LEVEL = 257.0


@functools.cache
def motion_weights(radius_px: float, sigma_px: float) -> NDArray[np.float64]:
    """Return the weights of a pixel and its 2 * radius followers, summing to 1: float64 (K,)."""
    weights = exponential(-(np.arange(2 * int(radius_px) + 1) ** 2) / (2.0 * sigma_px**2))
    weights /= weights.sum()
    taps: NDArray[np.float64] = weights
    taps.flags.writeable = False  # shared by every caller through the cache
    return taps


def motion_offsets(angles: NDArray[np.float64], taps: int) -> NDArray[np.int64]:
    """Return where the pixels of the trail lie: (down, right) steps, int64 (N, taps, 2).

    ``angles`` are float64 (N,) degrees; a positive angle points right and down.
    """
    radians = np.deg2rad(angles)[:, None, None]
    along = np.arange(taps)[:, None] * np.concatenate([np.sin(radians), np.cos(radians)], axis=2)
    return np.ceil(along - 0.5).astype(np.int64)


@njit(cache=True, nogil=True)
def blur_motion(image, channels, weights, offsets, padded, total):  # type: ignore[no-untyped-def]
    """Blur ``image``, uint8 (H, W * channels), in place; inside compiled code only.

    Args:
        image: the channels of a pixel side by side; its edges are extended by their last pixel.
        channels: how many there are.
        weights: float64 (K,), from ``motion_weights``.
        offsets: int64 (K, 2), from ``motion_offsets``.
        padded: float32 (H + 2 K, (W + 2 K) * channels), working memory.
        total: float64 (W * channels), working memory.
    """
    height, length = image.shape
    taps = len(weights)
    _extend_edges(image, channels, taps, padded)
    values, room = padded.reshape(-1), padded.shape[1]
    places = np.empty(taps, np.uint64)
    for y in range(height):
        for k in range(taps):
            places[k] = (taps + y + offsets[k, 0]) * room + (taps + offsets[k, 1]) * channels
        _weigh(values, places, weights, total)
        row = image[y]
        for x in range(length):
            quantum = np.floor(total[x] * QUANTUM_PER_LEVEL + 0.5)
            row[x] = np.uint8(quantum / QUANTUM_PER_LEVEL)


@njit(cache=True, nogil=True)
def _weigh(values, places, weights, total):  # type: ignore[no-untyped-def]
    """Write to ``total`` the sum, in their order, of weighted stretches of ``values``.

    Four at a time: fetching and storing the total would take longer than the sum. Indices are
    unsigned, for compiled code that must look for negative ones is not vectorised.
    """
    length = np.uint64(len(total))
    for x in range(length):
        total[x] = 0.0
    k = 0
    while k + 4 <= len(places):
        a, b, c, d = places[k], places[k + 1], places[k + 2], places[k + 3]
        first, second, third, fourth = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for x in range(length):
            value = total[x] + first * values[a + x]
            value += second * values[b + x]
            value += third * values[c + x]
            total[x] = value + fourth * values[d + x]
        k += 4
    while k < len(places):
        a, first = places[k], weights[k]
        for x in range(length):
            total[x] += first * values[a + x]
        k += 1


@njit(cache=True, nogil=True)
def _extend_edges(image, channels, margin, padded):  # type: ignore[no-untyped-def]
    height, length = image.shape
    border = margin * channels
    for y in range(height + 2 * margin):
        source = image[min(max(y - margin, 0), height - 1)]
        row = padded[y]
        for x in range(border):
            row[x] = source[x % channels]
            row[border + length + x] = source[length - channels + x % channels]
        for x in range(length):
            row[border + x] = source[x]
