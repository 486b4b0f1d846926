"""Inverse sparkles: the image is seen in one large burst of rays only and is white between them.

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
    "cifar": ((1.0,), (1.5,), (2.5,), (4.5,), (5.0,)),
    "imagenet": ((1.0,), (2.0,), (4.0,), (9.0,), (10.0,)),
}
RADIUS = 0.25  # of the image's side
AMOUNT_AT_10 = 65.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Draw the burst.

    Returns its centre (y, x) in pixels, float64 (N, 2), in the middle half of the image; how many
    rays it has, int64 (N,); and a normal number for every ray, float64 (N, 199), some left over.
    """
    centres = random.uniform((2,), 0.25, 0.75) * images.shape[1:3]
    counts = random.integers((), FEWEST_RAYS, MOST_RAYS + 1)
    return centres, counts, random.normal((MOST_RAYS,))


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    centres: Floats,
    counts: NDArray[np.int64],
    normals: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, faded to white outside of the burst."""
    (scale,) = strength
    # As the reference computes it, to the last bit.
    exponent = (100 - (100 - scale * AMOUNT_AT_10 / 10)) / 50
    lengths = ray_lengths(normals, RADIUS * min(images.shape[1:3]))
    out = np.empty_like(images)
    _fade(images, centres, counts, lengths, exponent, out)
    return out


@njit(cache=True, nogil=True)
def _fade(images, centres, counts, lengths, exponent, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    for n in range(count):
        rays = lengths[n, : counts[n]]
        for y in range(height):
            for x in range(width):
                dy, dx = y - centres[n, 0], x - centres[n, 1]
                light = brightness_at(dy, dx, rays, exponent)
                for channel in range(3):
                    faded = 255 + light * (images[n, y, x, channel] - 255.0)
                    out[n, y, x, channel] = to_level(faded)
