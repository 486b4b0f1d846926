"""Small data in the official formats, made on the spot."""

import pickle
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

CIFAR_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
IMAGES_PER_CIFAR_FILE = 40

# A shell lets what it starts in the background ignore Ctrl-C, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def cifar_images(count: int, seed: int) -> np.ndarray:
    """Return smooth random images, uint8 (count, 32, 32, 3)."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (count, 8, 8, 3))
    return coarse.repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8)


@pytest.fixture
def cifar_dir(tmp_path: Path) -> Path:
    """Return a data folder with a small CIFAR-10 in the format of the official pickles."""
    folder = tmp_path / "data" / "cifar-10-batches-py"
    write_cifar_10(folder, IMAGES_PER_CIFAR_FILE, IMAGES_PER_CIFAR_FILE)
    return folder.parent


def classes_in_turn(images: np.ndarray) -> list[int]:
    """Return labels 0 to 9, over and over."""
    return [number % 10 for number in range(len(images))]


def write_cifar_10(
    folder: Path,
    test: int,
    train: int,
    labels: Callable[[np.ndarray], list[int]] = classes_in_turn,
) -> None:
    """Write CIFAR-10 in the format of the official pickles, with so many images in each file."""
    folder.mkdir(parents=True)
    for seed, name in enumerate(["test_batch", *(f"data_batch_{i}" for i in range(1, 6))]):
        images = cifar_images(train if seed else test, seed)
        batch = {
            b"data": images.transpose(0, 3, 1, 2).reshape(len(images), -1),
            b"labels": labels(images),
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {b"label_names": [name.encode() for name in CIFAR_NAMES]}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))
