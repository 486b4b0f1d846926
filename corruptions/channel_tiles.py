"""Pixels in stretches of a few hundred, one array a channel, for compiled code that mixes channels.

A loop over pixels whose channels lie side by side is not vectorised by the compiler when much is
done to each; the same loop over three arrays is. A stretch stays in the fastest cache.
"""

import numpy as np
from numba import njit

from corruptions.pixel_range import to_unit

TILE_PX = 256
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@njit(cache=True, nogil=True)
def fetch_units(pixels, start, count, red, green, blue):  # type: ignore[no-untyped-def]
    """Set the first ``count`` of each channel, float64 in [0, 1], to ``pixels`` from ``start`` on.

    ``pixels`` is uint8 (3 * P,), the channels of a pixel side by side; ``start`` counts pixels.
    """
    first = np.uint64(3 * start)
    for i in range(np.uint64(count)):
        place = first + _THREE * i
        red[i] = to_unit(pixels[place])
        green[i] = to_unit(pixels[place + _ONE])
        blue[i] = to_unit(pixels[place + _TWO])


@njit(cache=True, nogil=True)
def store_units(red, green, blue, pixels, start, count):  # type: ignore[no-untyped-def]
    """Do the opposite of ``fetch_units``; what is clipped to [0, 1] is truncated to a level."""
    first = np.uint64(3 * start)
    for i in range(np.uint64(count)):
        place = first + _THREE * i
        pixels[place] = np.uint8(red[i] * 255.0)
        pixels[place + _ONE] = np.uint8(green[i] * 255.0)
        pixels[place + _TWO] = np.uint8(blue[i] * 255.0)
