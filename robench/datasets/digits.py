"""scikit-learn's handwritten digits: real images that ship with a library, so that a demo needs no download.

The 1,797 images are the test part of the UCI "Optical Recognition of Handwritten Digits" set (Alpaydin & Kaynak
1998): 8 x 8 pixels with 17 grey levels, in the order of their writers. Here they are 32 x 32 RGB, and the last 500
are the test split, whose writers are thereby (all but one) not those of the training split.
"""

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets.source import ArraySource

TRAIN_COUNT = 1297
SIDE_PX = 32
GREY_LEVELS = 16  # the largest value of the original images


@functools.cache
def _images_and_labels() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    grey = np.round(small.reshape(-1, 8, 8) * (255 / GREY_LEVELS)).astype(np.uint8)
    size = (SIDE_PX, SIDE_PX)
    large = [
        np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)) for image in grey
    ]
    return np.repeat(np.stack(large)[..., None], 3, axis=-1), labels.astype(np.int64)


def open_digits(split: str, data_dir: Path | None = None) -> ArraySource:
    """Open the digits: uint8 (N, 32, 32, 3) greys, 1,297 for training or 500 for testing; no folder is needed."""
    images, labels = _images_and_labels()
    numbers = np.arange(len(labels))
    part = numbers[:TRAIN_COUNT] if split == "train" else numbers[TRAIN_COUNT:]
    classes = tuple("0123456789")
    description = f"the {split} split of scikit-learn's digits, enlarged to 32 x 32"
    return ArraySource("digits", description, classes, images[part], labels[part], part)


DATASETS = {"digits": open_digits}
