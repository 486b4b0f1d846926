"""A burst of light: rays of uneven length around a point.

Source: the sparkles of the imagenet_c_bar scripts of Mintun, Kirillov & Xie 2021.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

FEWEST_RAYS, MOST_RAYS = 50, 199
# Standard deviation of a ray's length, as a fraction of the mean.
UNEVENNESS = 0.25


def ray_lengths(normals: NDArray[np.float64], mean_px: float) -> NDArray[np.float64]:
    """Return lengths in pixels, shaped like the standard ``normals``, around ``mean_px``."""
    return mean_px + UNEVENNESS * mean_px * normals


@njit(cache=True, nogil=True)
def brightness_at(dy, dx, lengths, exponent):  # type: ignore[no-untyped-def]
    """Return how bright, 0 to 1, a burst is at ``(dy, dx)`` pixels from its centre.

    Args:
        lengths: float64 (rays,) in pixels.
        exponent: half the power of the distance by which the light falls off.
    """
    rays = len(lengths)
    distance = np.sqrt(dy * dy + dx * dx)
    turn = (np.arctan2(dx, dy) + np.pi) / (2 * np.pi) * rays
    ray = int(turn)
    between = turn - ray
    length = lengths[ray % rays]
    length += between * (lengths[(ray + 1) % rays] - length)
    light = length**2 / (distance**2 + 1e-4)
    # A power is what takes the time, and the sparkles' is 1.
    if exponent != 1.0:
        light = light**exponent
    light *= 1 - (between - 0.5) ** 2
    return min(max(light, 0.0), 1.0)
