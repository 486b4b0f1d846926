"""Pixels that the reference made, for the corruptions of CIFAR-10-C-bar and ImageNet-C-bar.

The imagenet_c_bar scripts of github.com/facebookresearch/augmentation-corruption (commit ba4d5a5, MIT
licence) were run with numpy 1.23, scipy 1.9 and scikit-image 0.19 on the pictures below, numpy's
global generator freshly seeded for every image: two images of 32 px at severities 1 and 5 of the
preset cifar, one of 64 px at 1 and 5 and one of 224 px at 3 of the preset imagenet, of which the
``CROP`` is kept, and one of 33 px where an odd side takes other draws. They change only if the
benchmark does.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

CROP = {
    64: (slice(None), slice(16, 48), slice(16, 48)),
    224: (slice(None), slice(96, 128), slice(80, 128)),
}
# The points of the benchmark's own scale that its lists name, severity 1 to 5.
SCALE = {
    "cifar": {
        "blue_noise_sample": (0.7, 1.4, 2.1, 3.5, 4.2),
        "checkerboard_cutout": (1.0, 2.0, 3.0, 4.0, 5.0),
        "inverse_sparkles": (1.0, 1.5, 2.5, 4.5, 5.0),
        "pinch_and_twirl": (5.5, 6.0, 6.5, 8.5, 10.0),
        "ripple": (5.5, 6.0, 6.5, 7.5, 8.0),
        "brownish_noise": (2.5, 4.0, 5.5, 6.5, 7.0),
        "circular_motion_blur": (2.8, 3.6, 4.4, 5.2, 6.0),
        "lines": (0.5, 1.0, 1.5, 2.0, 2.5),
        "sparkles": (0.7, 3.5, 5.6, 6.3, 7.0),
        "transverse_chromatic_abberation": (1.0, 2.0, 5.0, 9.0, 10.0),
    },
    "imagenet": {
        "caustic_refraction": (2.35, 3.2, 4.9, 6.6, 9.15),
        "inverse_sparkles": (1.0, 2.0, 4.0, 9.0, 10.0),
        "sparkles": (1.0, 2.0, 3.0, 5.0, 6.0),
        "perlin_noise": (4.6, 5.2, 5.8, 7.6, 8.8),
        "blue_noise_sample": (0.8, 1.6, 2.4, 4.0, 5.6),
        "plasma_noise": (4.75, 7.0, 8.5, 9.25, 10.0),
        "checkerboard_cutout": (2.0, 3.0, 4.0, 5.0, 6.0),
        "cocentric_sine_waves": (3.0, 5.0, 8.0, 9.0, 10.0),
        "single_frequency_greyscale": (1.0, 1.5, 2.0, 4.5, 5.0),
        "brownish_noise": (1.0, 2.0, 3.0, 4.0, 5.0),
    },
}


class Cell(NamedTuple):
    images: np.ndarray  # uint8 (N, S, S, 3)
    seeds: list[int]  # N
    pixels: np.ndarray  # uint8 (N, S, S, 3), or its CROP


def keys() -> list[str]:
    """Return the name of every cell: corruption/preset/side/severity."""
    return list(_arrays())


def cell(key: str) -> Cell:
    pixels = _arrays()[key]
    side, severity = map(int, key.split("/")[2:])
    numbers = range(len(pixels))
    images = np.stack([picture(side, k) for k in numbers])
    return Cell(images, [10 * severity + k for k in numbers], pixels)


def picture(side: int, seed: int) -> np.ndarray:
    """Return blocks of 8 px with texture and three flat corners: white, black and brown."""
    random = np.random.RandomState(seed)
    blocks = random.randint(0, 256, (side // 8 + 1, side // 8 + 1, 3))
    image = blocks.repeat(8, axis=0).repeat(8, axis=1)[:side, :side]
    image = np.clip(image + random.randint(-20, 21, image.shape), 0, 255)
    image[: side // 3, : side // 3] = 255
    image[-(side // 4) :, : side // 3] = 0
    image[: side // 4, -(side // 4) :] = (200, 120, 37)
    return image.astype(np.uint8)


@cache
def _arrays() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).with_suffix(".npz")) as file:
        return dict(file)
