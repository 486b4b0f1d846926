"""Small photographs in class folders, drawn on the spot."""

from pathlib import Path

import numpy as np
from PIL import Image


def photograph(seed: int, width: int, height: int) -> Image.Image:
    """Return a smooth random picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def write_photographs(folder: Path, count: int = 5, classes: int = 3) -> Path:
    """Write ``count`` JPEG files of various sizes into each of the class folders."""
    for label in range(classes):
        (folder / f"n{label:04}").mkdir(parents=True)
        for number in range(count):
            seed = label * count + number
            picture = photograph(seed, 40 + 7 * number, 52 - 3 * number)
            picture.save(folder / f"n{label:04}" / f"photo_{number}.JPEG", quality=95)
    return folder
