"""Small folders in the layouts of ImageNet and its kin, made on the spot."""

from pathlib import Path

from robench.datasets.imagenet_classes import wnids
from tests.generation.photographs import photograph

# Classes of ImageNet: 1 is in ImageNet-R and -O, 6 in R and A, 0 in none of the three.
CLASSES = (0, 1, 6)


def write_val(root: Path, per_class: int = 2, classes: tuple[int, ...] = CLASSES) -> Path:
    """Write photographs of several sizes as ``<wnid>/ILSVRC2012_val_0000000N.JPEG``."""
    number = 0
    for label in classes:
        (root / wnids()[label]).mkdir(parents=True)
        for _ in range(per_class):
            number += 1
            picture = photograph(number, 280 + 10 * number, 300)
            path = root / wnids()[label] / f"ILSVRC2012_val_{number:08}.JPEG"
            picture.save(path, quality=95)
    return root


def write_condition(root: Path, names: list[str], side_px: int = 224, seed: int = 0) -> Path:
    """Write squares under the given ``<wnid>/<name>.JPEG`` below a condition's folder."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = photograph(1000 * seed + number, side_px, side_px)
        picture.save(path, quality=85, optimize=True)
    return root
