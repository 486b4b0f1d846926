"""Pixels that the reference made of synthetic images, for all nineteen corruptions.

The create_c scripts of github.com/hendrycks/robustness (commit 8190fe3, Apache-2.0) were run on
synthetic images, numpy's generator freshly seeded for every image: three images of 32 px (texture,
saturated shapes, greys) at severities 1, 3 and 5, one of 64 px at 5, one of 224 px at 3 and 5, of
which the top left ``CORNER`` is kept. They change only if the benchmark does.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDER = Path(__file__).parent
CORNER = (slice(None), slice(0, 32), slice(0, 48))
CELLS = (
    ("cifar", 1),
    ("cifar", 3),
    ("cifar", 5),
    ("tiny", 5),
    ("imagenet", 3),
    ("imagenet", 5),
)


class Cell(NamedTuple):
    images: np.ndarray  # uint8 (N, H, W, 3)
    seeds: np.ndarray  # int64 (N,)
    pixels: np.ndarray  # uint8 (N, H, W, 3), or its CORNER


def cell(name: str, preset: str, severity: int) -> Cell:
    """Return the images, the seeds and the reference's pixels of one corruption."""
    key = f"{preset}/{severity}"
    golden = arrays(name)
    return Cell(arrays("blur_weather_inputs")[preset], golden[f"{key}/seeds"], golden[key])


@cache
def arrays(stem: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / f"{stem}.npz") as file:
        return dict(file)


def assert_same_pixels(pixels: np.ndarray, expected: np.ndarray) -> None:
    """Fail with a count and a largest difference, which say more than a dump of the arrays."""
    if expected.shape != pixels.shape:
        pixels = pixels[CORNER]
    difference = np.abs(pixels.astype(int) - expected)
    changed = np.count_nonzero(difference)
    assert changed == 0, f"{changed} of {difference.size} values differ, by {difference.max()}"
