"""Hue, saturation and value of one pixel and back, in double precision, for compiled loops.

The order of operations is that of scikit-image's ``rgb2hsv`` and ``hsv2rgb``, by which the
published brightness and saturate files were made: a closed form without hue sextants is faster
and differs in the last bit, which truncation to uint8 can turn into a level.
"""

from numba import njit


@njit(cache=True, nogil=True)
def rgb_to_hsv(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Return (hue, saturation, value), each in [0, 1], of a colour with channels in [0, 1].

    A grey has hue 0 and saturation 0.
    """
    value = max(red, green, blue)
    delta = value - min(red, green, blue)
    if delta == 0.0:
        return 0.0, 0.0, value
    # Where two channels are the largest the later one gives the hue.
    if blue == value:
        sextant = 4.0 + (red - green) / delta
    elif green == value:
        sextant = 2.0 + (blue - red) / delta
    else:
        sextant = (green - blue) / delta
    hue = sextant / 6.0
    # Modulo 1 of a number between -1 and 1: the division with remainder takes ten times as long.
    return hue + 1.0 if hue < 0.0 else hue, delta / value, value


@njit(cache=True, nogil=True)
def hsv_to_rgb(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Return (red, green, blue), each in [0, 1], of a hue, saturation and value in [0, 1]."""
    sextant = int(hue * 6.0)
    fraction = hue * 6.0 - sextant
    low = value * (1.0 - saturation)
    falling = value * (1.0 - fraction * saturation)
    rising = value * (1.0 - (1.0 - fraction) * saturation)
    if sextant == 1:
        return falling, value, low
    if sextant == 2:
        return low, value, rising
    if sextant == 3:
        return low, falling, value
    if sextant == 4:
        return rising, low, value
    if sextant == 5:
        return value, low, falling
    return value, rising, low  # sextant 0, and 6, which a hue of exactly 1 gives
