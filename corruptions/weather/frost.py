"""Frost: ice on the window, as a weighted sum of the image and a crop of a frost photograph.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact, given the decoded photographs (two are JPEG files, whose
decoding may differ by a level between builds of OpenCV).

Oddities kept: the authors' sixth photograph is never drawn; the second and third hold the same
pixels, so that this frost comes twice as often; a crop never touches the last row and column.
Images larger than a photograph, which the benchmark has none of, get it enlarged.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.textures import PHOTOGRAPHS, frost_texture

STRENGTH = {  # (weight of the image, weight of the frost, scale of the photograph)
    "cifar": (
        (1.0, 0.2, 0.2),
        (1.0, 0.3, 0.2),
        (0.9, 0.4, 0.2),
        (0.85, 0.4, 0.2),
        (0.75, 0.45, 0.2),
    ),
    "tiny": (
        (1.0, 0.3, 0.3),
        (0.9, 0.4, 0.3),
        (0.8, 0.45, 0.3),
        (0.75, 0.5, 0.3),
        (0.7, 0.55, 0.3),
    ),
    "imagenet": (
        (1.0, 0.4, 1.0),
        (0.8, 0.6, 1.0),
        (0.7, 0.7, 1.0),
        (0.65, 0.7, 1.0),
        (0.6, 0.75, 1.0),
    ),
    "inception": (
        (1.0, 0.4, 1.0),
        (0.8, 0.6, 1.0),
        (0.7, 0.7, 1.0),
        (0.65, 0.7, 1.0),
        (0.6, 0.75, 1.0),
    ),
}

# The work on an image is so short that its calls would take as long; there is no field of numbers
# that larger chunks would carry out of the caches.
CHUNK_PIXELS = 1 << 18

Places = NDArray[np.int64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Places, Places, Places]:
    """Draw photograph (0 to 4), first row and first column of the crop: three int64 arrays (N,)."""
    _, _, scale = strength
    _, height, width, _ = images.shape
    shapes = np.array([texture.shape[:2] for texture in _textures(scale, height, width)])
    photographs = random.integers((), 0, len(PHOTOGRAPHS))
    rows, columns = (shapes[photographs] - (height, width)).T
    return photographs, random.integers((), 0, rows), random.integers((), 0, columns)


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    photographs: Places,
    rows: Places,
    columns: Places,
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), under the crops of frost that ``sample`` drew."""
    image_weight, frost_weight, scale = strength
    textures = _textures(scale, *images.shape[1:3])
    output = np.empty_like(images)
    _add(images, image_weight, textures, photographs, rows, columns, frost_weight, output)
    return output


@functools.lru_cache(maxsize=16)
def _textures(scale: float, height: int, width: int) -> tuple[NDArray[np.uint8], ...]:
    return tuple(frost_texture(k, scale, height, width) for k in range(len(PHOTOGRAPHS)))


@njit(cache=True, nogil=True)
def _add(images, image_weight, textures, photographs, rows, columns, frost_weight, output):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    length = np.uint64(3 * width)
    for i in range(count):
        texture = textures[photographs[i]]
        room = np.uint64(3 * texture.shape[1])
        source, frost, target = images[i].reshape(-1), texture.reshape(-1), output[i].reshape(-1)
        for y in range(np.uint64(height)):
            start = y * length
            place = (np.uint64(rows[i]) + y) * room + np.uint64(3 * columns[i])
            for x in range(length):
                level = image_weight * source[start + x] + frost_weight * frost[place + x]
                target[start + x] = np.uint8(min(max(level, 0.0), 255.0))
