"""Cubic B-splines through a row of pixels, with the arithmetic of ``scipy.ndimage``.

A spline is a sum of bumps, four of which reach any one point. Pixels continue beyond the border as
in a mirror that stands on the last of them.

Source: Unser, Aldroubi & Eden 1991, "Fast B-spline transforms for continuous image representation
and interpolation".
"""

import numpy as np
from numba import njit

_POLE = np.sqrt(3.0) - 2.0


@njit(cache=True, nogil=True)
def bump_weights(position, side, places, weights):  # type: ignore[no-untyped-def]
    """Fill ``places``, int64 (4,), and ``weights``, float64 (4,), of the bumps at ``position``.

    ``position`` is from 0 to ``side - 1``, and ``side`` is at least 4.
    """
    first = int(np.floor(position)) - 1
    after = position - np.floor(position)
    before = 1.0 - after
    weights[0] = before * before * before / 6.0
    weights[1] = (after * after * (after - 2.0) * 3.0 + 4.0) / 6.0
    weights[2] = (before * before * (before - 2.0) * 3.0 + 4.0) / 6.0
    weights[3] = 1.0 - weights[0] - weights[1] - weights[2]
    for k in range(4):
        place = abs(first + k)
        places[k] = min(place, 2 * (side - 1) - place)


@njit(cache=True, nogil=True)
def to_bumps(rows):  # type: ignore[no-untyped-def]
    """Turn values into the heights of the bumps that pass through them, in place.

    ``rows`` is float64 (side, M): M splines side by side, each along the first axis.
    """
    side, count = rows.shape
    far = _POLE ** (side - 1)
    gain = (1.0 - _POLE) * (1.0 - 1.0 / _POLE)
    for y in range(side):
        for x in range(count):
            rows[y, x] *= gain
    for x in range(count):
        # The sum over all mirror images, as a closed form.
        start, power = rows[0, x] + far * rows[side - 1, x], _POLE
        for y in range(1, side - 1):
            start += power * (rows[y, x] + far * rows[side - 1 - y, x])
            power *= _POLE
        rows[0, x] = start / (1.0 - far * far)
    for y in range(1, side):
        for x in range(count):
            rows[y, x] += _POLE * rows[y - 1, x]
    for x in range(count):
        end = _POLE * rows[side - 2, x] + rows[side - 1, x]
        rows[side - 1, x] = end * _POLE / (_POLE * _POLE - 1.0)
    for y in range(side - 2, -1, -1):
        for x in range(count):
            rows[y, x] = _POLE * (rows[y + 1, x] - rows[y, x])
