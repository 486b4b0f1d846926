"""Compiled mixing of images with pictures: by patches in bytes (IPMix), whole in floats (PixMix).

No kernel calls one of another file, whose changes numba's cache would not notice; none holds the
interpreter lock. Sources: see ``baselines.augmentations.picture_mixing``.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

ADD, MULTIPLY, RANDOM_PIXELS, RANDOM_ELEMENTS = 0, 1, 2, 3

ONE, TWO, WHITE = np.float32(1), np.float32(2), np.float32(255)
SMALLEST_BASE = np.float32(1e-37)  # a negative power of black would be infinite

compiled = numba.njit(nogil=True, cache=True)


@compiled
def _added(first: np.float32, second: np.float32, a: np.float32, b: np.float32) -> np.float32:
    """Weigh two values in [0, 1] about mid-grey."""
    return (a * (first * TWO - ONE) + b * (second * TWO - ONE) + ONE) / TWO


@compiled
def _multiplied(first: np.float32, second: np.float32, a: np.float32, b: np.float32) -> np.float32:
    """Multiply powers of two values in [0, 1], with mid-grey as the one."""
    return (first * TWO) ** a * max(second * TWO, SMALLEST_BASE) ** b / TWO


@compiled
def _clipped(value: np.float32) -> np.float32:
    return min(max(value, np.float32(0)), ONE)


@compiled
def _next_uniform(state: NDArray[np.uint64]) -> np.float32:
    """Return a number in [0, 1) and step the generator (SplitMix64; Steele et al. 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    word = state[0]
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return np.float32(word >> np.uint64(40)) * np.float32(2.0**-24)


@compiled
def _calculate(
    image: Bytes, picture: Bytes, box: Integers, operation: int, a: np.float32, b: np.float32
) -> None:
    """Add or multiply within a box; values are clipped, then truncated to bytes."""
    values = np.arange(256).astype(np.float32) / WHITE
    if operation == MULTIPLY:
        # A power for each of the 256 values costs less than one for each pixel of most patches.
        first, second = np.empty(256, np.float32), np.empty(256, np.float32)
        for value in range(256):
            first[value] = (values[value] * TWO) ** a
            second[value] = max(values[value] * TWO, SMALLEST_BASE) ** b
    else:
        first = second = values
    for y in range(box[0], box[2]):
        for x in range(box[1], box[3]):
            for channel in range(3):
                own, other = first[image[y, x, channel]], second[picture[y, x, channel]]
                mixed = own * other / TWO if operation == MULTIPLY else _added(own, other, a, b)
                image[y, x, channel] = int(_clipped(mixed) * WHITE)


@compiled
def _scatter(image: Bytes, picture: Bytes, box: Integers, each_element: bool, seed: int) -> None:
    """Replace a random share of a box's pixels, or of each channel's, by the picture's."""
    state = np.array([seed], np.uint64)
    kept_share = _next_uniform(state)
    for y in range(box[0], box[2]):
        for x in range(box[1], box[3]):
            kept = _next_uniform(state) < kept_share
            for channel in range(3):
                if each_element and channel > 0:
                    kept = _next_uniform(state) < kept_share
                if not kept:
                    image[y, x, channel] = picture[y, x, channel]


@compiled
def mix_patches(
    images: Bytes,
    pictures: Bytes,
    active: NDArray[np.bool_],
    boxes: Integers,
    operations: Integers,
    strengths: Floats,
    seeds: NDArray[np.uint64],
) -> None:
    """Mix one patch of each image that is ``active`` (N,) with the same patch of its picture.

    Args:
        images: uint8 (N, H, W, 3), changed.
        pictures: uint8 (N, H, W, 3).
        boxes: (N, 4), top, left, bottom, right; the last two are outside.
        operations: (N,), ADD, MULTIPLY, RANDOM_PIXELS or RANDOM_ELEMENTS.
        strengths: float32 (N, 2), of image and picture in ADD and MULTIPLY.
        seeds: (N,), of the draws of RANDOM_PIXELS and RANDOM_ELEMENTS.
    """
    for i in range(len(images)):
        if not active[i]:
            continue
        if operations[i] <= MULTIPLY:
            a, b = strengths[i]
            _calculate(images[i], pictures[i], boxes[i], operations[i], a, b)
        else:
            each_element = operations[i] == RANDOM_ELEMENTS
            _scatter(images[i], pictures[i], boxes[i], each_element, seeds[i])


@compiled
def mix_whole(
    images: Floats,
    pictures: Bytes,
    active: NDArray[np.bool_],
    operations: Integers,
    strengths: Floats,
) -> None:
    """Add or multiply a picture to each ``active`` image, float32 (N, H, W, 3) in [0, 1], and clip it."""
    for i in range(len(images)):
        if not active[i]:
            continue
        a, b = strengths[i]
        for y in range(images.shape[1]):
            for x in range(images.shape[2]):
                for channel in range(3):
                    own = images[i, y, x, channel]
                    other = np.float32(pictures[i, y, x, channel]) / WHITE
                    if operations[i] == ADD:
                        images[i, y, x, channel] = _clipped(_added(own, other, a, b))
                    else:
                        images[i, y, x, channel] = _clipped(_multiplied(own, other, a, b))


@compiled
def add_chain(images: Bytes, weights: Floats, normalized: Floats, output: Floats) -> None:
    """Add ``weights`` (N,) times the normalized images, uint8 (N, H, W, 3), to ``output`` (N, 3, H, W)."""
    for i in range(len(images)):
        for channel in range(3):
            for y in range(images.shape[1]):
                for x in range(images.shape[2]):
                    value = normalized[channel, images[i, y, x, channel]]
                    output[i, channel, y, x] += weights[i] * value


@compiled
def mix_with_images(images: Bytes, shares: Floats, normalized: Floats, output: Floats) -> None:
    """Weigh ``output`` by ``shares`` (N,) and add the images by what is left."""
    for i in range(len(images)):
        own_share = ONE - shares[i]
        for channel in range(3):
            for y in range(images.shape[1]):
                for x in range(images.shape[2]):
                    own = own_share * normalized[channel, images[i, y, x, channel]]
                    output[i, channel, y, x] = own + shares[i] * output[i, channel, y, x]
