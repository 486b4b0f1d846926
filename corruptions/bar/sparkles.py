"""Sparkles: five small white bursts of light, as glints on water.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level
from corruptions.ray_burst import FEWEST_RAYS, MOST_RAYS, brightness_at, ray_lengths

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((0.7,), (3.5,), (5.6,), (6.3,), (7.0,)),
    "imagenet": ((1.0,), (2.0,), (3.0,), (5.0,), (6.0,)),
}
BURSTS = 5
RADIUS_AT_10 = 0.1  # of the image's side
SHORTEST_RAY_PX = 1.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Draw the bursts.

    Returns their centres (y, x) in pixels, float64 (N, 5, 2), anywhere in the image; how many rays
    each has, int64 (N, 5); and a normal number for every ray, one burst after the other, float64
    (N, 995), of which what the bursts do not need is left over.
    """
    centres = random.uniform((BURSTS, 2)) * images.shape[1:3]
    counts = random.integers((BURSTS,), FEWEST_RAYS, MOST_RAYS + 1)
    return centres, counts, random.normal((BURSTS * MOST_RAYS,))


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    centres: Floats,
    counts: NDArray[np.int64],
    normals: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, faded to white in the bursts."""
    (scale,) = strength
    radius_px = scale * RADIUS_AT_10 / 10 * min(images.shape[1:3])
    lengths = np.maximum(SHORTEST_RAY_PX, ray_lengths(normals, radius_px))
    out = np.empty_like(images)
    _fade(images, centres, counts, lengths, out)
    return out


@njit(cache=True, nogil=True)
def _fade(images, centres, counts, lengths, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    pixel = np.empty(3)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                pixel[:] = images[n, y, x]
                used = 0
                for k in range(counts.shape[1]):
                    dy, dx = y - centres[n, k, 0], x - centres[n, k, 1]
                    rays = lengths[n, used : used + counts[n, k]]
                    used += counts[n, k]
                    light = brightness_at(dy, dx, rays, 1.0)
                    for channel in range(3):
                        # The reference keeps single precision between two bursts.
                        value = np.float32(pixel[channel])
                        pixel[channel] = value + light * (255 - np.float64(value))
                for channel in range(3):
                    out[n, y, x, channel] = to_level(pixel[channel])
