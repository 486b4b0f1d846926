"""Frost: ice on the window, as a weighted sum of the image and a crop of a frost photograph.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact, given the decoded photographs (two are JPEG files, whose
decoding may differ by a level between builds of OpenCV).

Oddities kept: the authors' sixth photograph is never drawn; the second and third hold the same
pixels, so that this frost comes twice as often; a crop never touches the last row and column.
Images larger than a photograph, which the benchmark has none of, get it enlarged.
"""

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

Places = NDArray[np.int64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Places, Places, Places]:
    """Draw photograph (0 to 4), first row and first column of the crop: three int64 arrays (N,)."""
    _, _, scale = strength
    _, height, width, _ = images.shape
    shapes = np.array(
        [frost_texture(k, scale, height, width).shape for k in range(len(PHOTOGRAPHS))]
    )
    photographs = random.integers((), 0, len(PHOTOGRAPHS))
    rows = random.integers((), 0, shapes[photographs, 0] - height)
    columns = random.integers((), 0, shapes[photographs, 1] - width)
    return photographs, rows, columns


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    photographs: Places,
    rows: Places,
    columns: Places,
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), under the crops of frost that ``sample`` drew."""
    image_weight, frost_weight, scale = strength
    _, height, width, _ = images.shape
    output = np.empty_like(images)
    for i, (photograph, row, column) in enumerate(zip(photographs, rows, columns, strict=True)):
        texture = frost_texture(int(photograph), scale, height, width)
        frost = texture[row : row + height, column : column + width]
        _add(images[i], image_weight, frost, frost_weight, output[i])
    return output


@njit(cache=True, nogil=True)
def _add(image, image_weight, frost, frost_weight, output):  # type: ignore[no-untyped-def]
    height, width, _ = image.shape
    for y in range(height):
        for x in range(width):
            for channel in range(3):
                level = image_weight * image[y, x, channel] + frost_weight * frost[y, x, channel]
                output[y, x, channel] = np.uint8(min(max(level, 0.0), 255.0))
