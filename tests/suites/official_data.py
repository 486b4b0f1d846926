"""The clean data of every suite, a few images each, in its official layout."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np

from robench.datasets.imagenet_classes import wnids
from tests.conftest import cifar_images
from tests.datasets.wnid_folders import write_condition, write_val
from tests.generation.photographs import photograph

COUNT = 4  # images of CIFAR


def write_cifar(folder: Path, test: str, meta: str, label: bytes, names: bytes, count: int) -> None:
    """Write the test batch of CIFAR in the format of the official pickles."""
    folder.mkdir(parents=True)
    images = cifar_images(COUNT, 0)
    batch = {
        b"data": images.transpose(0, 3, 1, 2).reshape(COUNT, -1),
        label: [number * (count // COUNT) for number in range(COUNT)],
    }
    (folder / test).write_bytes(pickle.dumps(batch, protocol=2))
    classes = {names: [f"class {number:03}".encode() for number in range(count)]}
    (folder / meta).write_bytes(pickle.dumps(classes, protocol=2))


def write_tiny(folder: Path) -> None:
    """Write Tiny ImageNet's val as it is published: one folder of images, and a table that says their classes."""
    (folder / "val/images").mkdir(parents=True)
    rows = []
    for number, label in enumerate((1, 0, 6, 3, 9)):  # top-5 distances need five
        photograph(number, 64, 64).save(folder / f"val/images/val_{number}.JPEG", quality=95)
        rows.append(f"val_{number}.JPEG\t{wnids()[label]}\t0\t0\t63\t63\n")
    (folder / "val/val_annotations.txt").write_text("".join(rows))


def write_photographs(folder: Path, names: list[str]) -> None:
    """Write photographs, larger than they will be shown, under their names."""
    write_condition(folder, names, side_px=300)


O_AND_R, A_AND_R = wnids()[1], wnids()[6]
WRITERS: dict[str, Callable[[Path], object]] = {
    "cifar-10": lambda root: write_cifar(
        root / "cifar-10-batches-py", "test_batch", "batches.meta", b"labels", b"label_names", 10
    ),
    "cifar-100": lambda root: write_cifar(
        root / "cifar-100-python", "test", "meta", b"fine_labels", b"fine_label_names", 100
    ),
    "digits": lambda root: None,
    "imagenet": lambda root: write_val(root / "imagenet/val", per_class=1),
    "imagenet-o-reference": lambda root: write_val(root / "imagenet/val", per_class=1),
    "tiny-imagenet": lambda root: write_tiny(root / "tiny-imagenet-200"),
    "imagenet-r": lambda root: write_photographs(root / "imagenet-r", [f"{O_AND_R}/art_0.jpg"]),
    "imagenet-a": lambda root: write_photographs(root / "imagenet-a", [f"{A_AND_R}/0.01_a.jpg"]),
    "imagenet-o": lambda root: write_photographs(root / "imagenet-o", [f"{O_AND_R}/a.JPEG"]),
    "imagenet-sketch": lambda root: write_photographs(
        root / "sketch", [f"{O_AND_R}/sketch_0.JPEG"]
    ),
    "imagenet-v2": lambda root: write_photographs(
        root / "imagenetv2-matched-frequency-format-val", ["0/a.jpeg", "10/b.jpeg", "2/c.jpeg"]
    ),
    "folder": lambda root: write_condition(root, ["cat/a.png", "dog/b.png"], side_px=32),
}


def mean_of_cells(count: int) -> np.ndarray:
    """Return the weights of a classifier of 2 x 2 cells, float32 (count, 12)."""
    return np.random.default_rng(0).normal(size=(count, 12)).astype(np.float32)
