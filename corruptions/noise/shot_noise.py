"""Shot noise: light arrives in photons, and a pixel counts few of them.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions import poisson_table
from corruptions.keyed_random import KeyedRandom
from corruptions.philox import TILE, fill_poisson
from corruptions.pixel_range import UNIT

STRENGTH = {  # (photons that a white pixel counts on average,)
    "imagenet": ((60.0,), (25.0,), (12.0,), (5.0,), (3.0,)),
    "cifar": ((500.0,), (250.0,), (100.0,), (75.0,), (50.0,)),
    "tiny": ((250.0,), (100.0,), (50.0,), (30.0,), (15.0,)),
    "inception": ((50.0,), (20.0,), (10.0,), (5.0,), (3.0,)),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.int32]]:
    """Return the photons that each pixel counts, int32 (N, H, W, 3)."""
    (photons,) = strength
    return (random.poisson(images, UNIT * photons),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], counts: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): the ``counts`` as fractions of a white pixel's photons."""
    out = np.empty(counts.shape, np.uint8)
    _look_up(_pixel_of_count(*strength), counts.ravel(), out.ravel())
    return out


def draw_and_apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], random: KeyedRandom
) -> NDArray[np.uint8]:
    """Return `apply` on what `sample` draws, of which no more than a few KiB are ever in memory."""
    (photons,) = strength
    flat = images.reshape(len(images), -1)
    out = np.empty_like(flat)
    table = poisson_table.of(UNIT * photons)
    _draw_and_look_up(random.take(flat.shape[1]), table, flat, _pixel_of_count(photons), out)
    return out.reshape(images.shape)


@functools.lru_cache(maxsize=32)
def _pixel_of_count(photons: float) -> NDArray[np.uint8]:
    """Return the pixels of the counts from 0 to that of a white pixel, which stands for all above."""
    pixels = (np.clip(np.arange(int(photons) + 1) / photons, 0, 1) * 255).astype(np.uint8)
    pixels.flags.writeable = False  # shared by every caller through the cache
    return pixels


@njit(cache=True, nogil=True)
def _look_up(pixel_of_count, counts, out):  # type: ignore[no-untyped-def]
    last = np.uint32(len(pixel_of_count) - 1)
    for i in range(len(counts)):
        out[i] = pixel_of_count[min(np.uint32(counts[i]), last)]


@njit(cache=True, nogil=True)
def _draw_and_look_up(source, table, images, pixel_of_count, out):  # type: ignore[no-untyped-def]
    words, entries = np.empty(TILE, np.uint32), np.empty(TILE, np.uint64)
    counts = np.empty(TILE, np.int32)
    for n in range(len(images)):
        for start in range(0, images.shape[1], TILE):
            levels = images[n, start : start + TILE]
            part = counts[: len(levels)]
            fill_poisson(source, n, start, levels, table, words, entries, part)
            _look_up(pixel_of_count, part, out[n, start : start + TILE])
