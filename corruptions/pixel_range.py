"""From pixels to the unit range in which corruptions work, and back.

The way back truncates where rounding would be kinder: the published files were stored so.
"""

import numpy as np
from numba import njit

# x / 255 as float64, for the 256 values of a pixel.
UNIT = np.arange(256) / 255.0
# 1 / 255 as a sum of two floats, the first so short that its product with a level is exact.
_LARGE_PART = float.fromhex("0x1.01010101010p-8")
_SMALL_PART = float.fromhex("0x1.010101010101p-56")


@njit(cache=True, nogil=True)
def to_unit(level):  # type: ignore[no-untyped-def]
    """Return ``level / 255.0`` of a uint8, to the last bit, without the division."""
    return level * _LARGE_PART + level * _SMALL_PART


@njit(cache=True, nogil=True)
def to_pixel(value):  # type: ignore[no-untyped-def]
    """Return the uint8 of a float ``value``, clipped to 0 to 1, times 255, truncated."""
    return np.uint8(min(max(value, 0.0), 1.0) * 255)
