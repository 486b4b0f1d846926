"""Perlin's gradient noise: smooth, with features of about one length.

Source: Perlin 1985, "An image synthesizer", with the tables of the imagenet_c_bar scripts of Mintun,
Kirillov & Xie 2021.
"""

import numpy as np
from numba import njit

TABLE = 256
# The reference draws gradients for indices that it then overwrites.
DRAWN_GRADIENTS = 2 * TABLE + 2
# So far from 0 that the coordinates of an image stay positive.
_ORIGIN = 16 * TABLE


@njit(cache=True, nogil=True)
def fill_tables(components, swaps, gradients, order):  # type: ignore[no-untyped-def]
    """Fill the tables of one noise.

    Args:
        components: int64 (514, 2), not negative, the gradients' components modulo 512.
        swaps: int64 (256,), not negative, modulo 256 the place that is swapped with the last,
            the last but one and so on.
        gradients: float64 (256, 2), written. Oddity kept: a gradient whose two components are drawn
            as 0 has no direction and becomes not a number.
        order: int64 (256,), written: a permutation.
    """
    for k in range(TABLE):
        order[k] = k
        one = (components[k, 0] % (2 * TABLE) - TABLE) / TABLE
        other = (components[k, 1] % (2 * TABLE) - TABLE) / TABLE
        length = np.sqrt(one * one + other * other)
        gradients[k, 0] = one / length if length else np.nan
        gradients[k, 1] = other / length if length else np.nan
    for k in range(TABLE):
        here, there = TABLE - 1 - k, swaps[k] % TABLE
        order[here], order[there] = order[there], order[here]


@njit(cache=True, nogil=True)
def turbulence(y, x, octaves, gradients, order):  # type: ignore[no-untyped-def]
    """Return the sum of absolute noises at twice the frequency and half the height each time."""
    total = 0.0
    for k in range(octaves):
        frequency = 2.0**k
        total += abs(_noise(frequency * y, frequency * x, gradients, order)) / frequency
    return total


@njit(cache=True, nogil=True)
def _noise(y, x, gradients, order):  # type: ignore[no-untyped-def]
    y += _ORIGIN
    x += _ORIGIN
    row, column = int(y), int(x)
    down, right = y - row, x - column
    above, below = order[row % TABLE], order[(row + 1) % TABLE]
    left, next_ = column % TABLE, (column + 1) % TABLE
    smooth_y, smooth_x = _smooth(down), _smooth(right)
    here = _height(gradients[order[(above + left) % TABLE]], down, right)
    under = _height(gradients[order[(below + left) % TABLE]], down - 1.0, right)
    first = here + smooth_y * (under - here)
    here = _height(gradients[order[(above + next_) % TABLE]], down, right - 1.0)
    under = _height(gradients[order[(below + next_) % TABLE]], down - 1.0, right - 1.0)
    second = here + smooth_y * (under - here)
    return 1.5 * (first + smooth_x * (second - first))


@njit(cache=True, nogil=True)
def _smooth(part):  # type: ignore[no-untyped-def]
    return part**2 * (3.0 - 2.0 * part)


@njit(cache=True, nogil=True)
def _height(gradient, down, right):  # type: ignore[no-untyped-def]
    return down * gradient[0] + right * gradient[1]
