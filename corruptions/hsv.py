"""Hue, saturation and value of one pixel and back, in double precision, for compiled loops.

The order of operations is that of scikit-image's ``rgb2hsv`` and ``hsv2rgb``, by which the
published brightness and saturate files were made: a closed form without hue sextants is faster
and differs in the last bit, which truncation to uint8 can turn into a level.

For a loop over them to be vectorised, its channels must lie apart (``channel_tiles``), and nothing
may leave it early: hence choices between values, and divisions that are not checked for zero.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def rgb_to_hsv(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Return (hue, saturation, value), each in [0, 1], of a colour with channels in [0, 1].

    A grey has hue 0 and saturation 0.
    """
    value = max(red, green, blue)
    delta = value - min(red, green, blue)
    # Where two channels are the largest the later one gives the hue.
    sextant = 4.0 if blue == value else (2.0 if green == value else 0.0)
    step = red - green if blue == value else (blue - red if green == value else green - blue)
    hue = (sextant + step / (delta if delta > 0.0 else 1.0)) / 6.0
    hue = hue + 1.0 if hue < 0.0 else hue
    saturation = delta / (value if value > 0.0 else 1.0)
    return (hue if delta > 0.0 else 0.0), saturation, value


@njit(cache=True, nogil=True, error_model="numpy")
def hsv_to_rgb(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Return (red, green, blue), each in [0, 1], of a hue, saturation and value in [0, 1]."""
    sextant = np.int32(hue * 6.0)
    fraction = hue * 6.0 - sextant
    low = value * (1.0 - saturation)
    falling = value * (1.0 - fraction * saturation)
    rising = value * (1.0 - (1.0 - fraction) * saturation)
    # A hue of exactly 1 gives sextant 6, which is 0 again.
    red = value if sextant == 0 or sextant >= 5 else low
    red = falling if sextant == 1 else (rising if sextant == 4 else red)
    green = value if sextant == 1 or sextant == 2 else low
    green = rising if sextant == 0 or sextant == 6 else (falling if sextant == 3 else green)
    blue = value if sextant == 3 or sextant == 4 else low
    blue = rising if sextant == 2 else (falling if sextant == 5 else blue)
    return red, green, blue
