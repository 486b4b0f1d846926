"""Random numbers that depend on what they are for, not on when they are drawn.

An augmented training image must be the same on one thread or eight, in any batch and after a
resume. So nothing draws from a running stream: each number is computed from (seed, purpose, epoch,
image index, its own position) by a counter-based generator.

Source: Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3" (Philox 4x32, 10 rounds).
"""

import math
import zlib
from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

from baselines.draw_limits import MAX_EPOCH, MAX_INDEX, MAX_SEED

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
KEY_STEPS = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
ROUNDS = 10
LOW_32 = np.uint64(0xFFFFFFFF)
SHIFT_32 = np.uint64(32)

Words = NDArray[np.uint64]


@numba.njit(nogil=True, cache=True)
def philox_4x32(
    counter: tuple[np.uint64, np.uint64, np.uint64, np.uint64], key: tuple[np.uint64, np.uint64]
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four words, each below 2**32, of Philox4x32-10 for a counter and a key of such words."""
    zero, one, two, three = counter
    key_zero, key_one = key
    for _ in range(ROUNDS):
        first, second = zero * MULTIPLIERS[0], two * MULTIPLIERS[1]
        zero = (second >> SHIFT_32) ^ one ^ key_zero
        two = (first >> SHIFT_32) ^ three ^ key_one
        one, three = second & LOW_32, first & LOW_32
        # The key wraps at 32 bits; a wider sum cannot overflow 64.
        key_zero = (key_zero + KEY_STEPS[0]) & LOW_32
        key_one = (key_one + KEY_STEPS[1]) & LOW_32
    return zero, one, two, three


def keyed_uniforms(
    seed: int, purpose: str, epoch: int, indices: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return ``count`` numbers for each image, uniform in the open interval (0, 1).

    Args:
        seed: 0 to 2**64 - 1, the seed of the run.
        purpose: what the numbers are for ("order", "view 1", ...): each has its own numbers.
        epoch: 0 to 2**16 - 1.
        indices: int64 (N,), each image's number in its dataset, 0 to 2**32 - 1.
        count: how many numbers an image needs, up to 2**17.

    Returns:
        float64 (N, count) with 52 random bits each; row i depends on no index but indices[i].

    Raises:
        ValueError: for a number outside its range.
    """
    if not (0 <= seed < MAX_SEED and 0 <= epoch < MAX_EPOCH and count <= 2**17):
        raise ValueError(f"seed {seed}, epoch {epoch} or count {count} is out of range")
    if len(indices) and not (indices.min() >= 0 and indices.max() < MAX_INDEX):
        raise ValueError(f"image indices must be 0 to {MAX_INDEX - 1}")
    uniforms = np.empty((len(indices), count))
    stream = np.uint64(zlib.crc32(purpose.encode()))
    key = (np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32))
    _fill(indices.astype(np.uint64), np.uint64(epoch << 16), stream, key, uniforms)
    return uniforms


@numba.njit(nogil=True, cache=True)
def _fill(
    indices: Words,
    epoch: np.uint64,
    stream: np.uint64,
    key: tuple[np.uint64, np.uint64],
    uniforms: NDArray[np.float64],
) -> None:
    count = uniforms.shape[1]
    for i in range(len(indices)):
        for place in range(0, count, 2):
            low = np.uint64(place // 2) | epoch
            words = philox_4x32((low, indices[i], stream, np.uint64(0)), key)
            uniforms[i, place] = _open_unit(words[0], words[1])
            if place + 1 < count:
                uniforms[i, place + 1] = _open_unit(words[2], words[3])


def keyed_noise(
    seed: int,
    purpose: str,
    epoch: int,
    indices: NDArray[np.int64],
    shapes: Sequence[tuple[int, ...]],
) -> list[NDArray[np.float32]]:
    """Return for each image float32 numbers of its shape, uniform in [0, 1): as many as it has pixels.

    Each image has a stream of numpy's Philox4x64, whose key ``keyed_uniforms`` draws, and takes 24 bits a
    number. Raises ValueError as that does.
    """
    keys = (keyed_uniforms(seed, purpose, epoch, indices, 2) * 2.0**52).astype(np.uint64)
    return [_noise(key, shape) for key, shape in zip(keys, shapes, strict=True)]


def _noise(key: Words, shape: tuple[int, ...]) -> NDArray[np.float32]:
    count = math.prod(shape)
    words = np.random.Philox(key=key).random_raw(-(-count // 2))
    halves = words.astype("<u8").view("<u4")[:count]
    noise: NDArray[np.float32] = (halves >> 8).astype(np.float32) * np.float32(2.0**-24)
    return noise.reshape(shape)


@numba.njit(nogil=True, cache=True)
def _open_unit(high: np.uint64, low: np.uint64) -> float:
    """Make a number from 52 of 64 bits; half a step is added so that it is never 0 or 1."""
    bits = (high << np.uint64(20)) | (low >> np.uint64(12))
    return (np.float64(bits) + 0.5) * 2.0**-52
