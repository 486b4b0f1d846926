"""Impulse noise: salt and pepper, as from bit errors; each channel is hit on its own.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code, which call
scikit-image's ``random_noise``.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.philox import TILE, fill_uniforms

STRENGTH = {  # (fraction of the values that are replaced,)
    "imagenet": ((0.03,), (0.06,), (0.09,), (0.17,), (0.27,)),
    "cifar": ((0.01,), (0.02,), (0.03,), (0.05,), (0.07,)),
    "tiny": ((0.01,), (0.02,), (0.05,), (0.08,), (0.14,)),
    "inception": ((0.04,), (0.07,), (0.1,), (0.18,), (0.28,)),
}
SALT_FRACTION = 0.5


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two uniform fields, each float64 (N, H, W, 3): which values are hit, and by what."""
    shape = images.shape[1:]
    return random.uniform(shape), random.uniform(shape)


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    hits: NDArray[np.float64],
    kinds: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` with the hit values at 255 (salt) or 0 (pepper)."""
    (amount,) = strength
    out = np.empty_like(images)
    _strike(images.ravel(), amount, hits.ravel(), kinds.ravel(), out.ravel())
    return out


def draw_and_apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], random: KeyedRandom
) -> NDArray[np.uint8]:
    """Return `apply` on what `sample` draws, of which no more than a few KiB are ever in memory."""
    (amount,) = strength
    flat = images.reshape(len(images), -1)
    out = np.empty_like(flat)
    _draw_and_strike(random.take(flat.shape[1]), random.take(flat.shape[1]), flat, amount, out)
    return out.reshape(images.shape)


@njit(cache=True, nogil=True)
def _strike(pixels, amount, hits, kinds, out):  # type: ignore[no-untyped-def]
    for i in range(len(pixels)):
        # Without branches, which would be guessed wrong half of the time.
        salt = np.uint8(255) * np.uint8(kinds[i] <= SALT_FRACTION)
        hit = np.uint8(hits[i] <= amount)
        out[i] = hit * salt + (np.uint8(1) - hit) * pixels[i]


@njit(cache=True, nogil=True)
def _draw_and_strike(of_hits, of_kinds, images, amount, out):  # type: ignore[no-untyped-def]
    words, hits, kinds = np.empty(TILE, np.uint32), np.empty(TILE), np.empty(TILE)
    for n in range(len(images)):
        for start in range(0, images.shape[1], TILE):
            stop = min(start + TILE, images.shape[1])
            fill_uniforms(of_hits, n, start, 0.0, 1.0, words, hits[: stop - start])
            fill_uniforms(of_kinds, n, start, 0.0, 1.0, words, kinds[: stop - start])
            _strike(images[n, start:stop], amount, hits, kinds, out[n, start:stop])
