"""The official layout of CIFAR-10-P and CIFAR-100-P: ``<sequence>.npy``, a sequence of frames for every test image.

Each file is uint8 (10000, F, 32, 32, 3), in the order of the test set; at a gigabyte each they are only mapped. Where
there is a ``labels.npy`` it must hold the test labels. Source: Hendrycks & Dietterich 2019.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets.mapped_array import mapped
from robench.datasets.source import Source
from robench.errors import RobenchError

DIGESTED_PER_FILE = 16


@dataclass(frozen=True)
class SequenceArray:
    """Sequences that are read a range at a time from a mapped file.

    Attributes:
        frames: uint8 (N', F, H, W, 3), those of the whole test set.
        positions: int64 (N,), which of them these are.
        labels: int64 (N,).
        indices: int64 (N,), each image's number in the full dataset.
    """

    frames: NDArray[np.uint8] = field(repr=False)
    positions: NDArray[np.int64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return sequences ``start`` to ``stop`` as uint8 (n, F, H, W, 3)."""
        return np.asarray(self.frames[self.positions[start:stop]])


def open_sequences(
    folder: Path, name: str, frame_count: int, clean: Source, positions: NDArray[np.int64]
) -> SequenceArray:
    """Open one sequence of the images at ``positions`` of ``clean``, the full test set.

    Raises RobenchError when the file is missing, damaged, or not uint8 (N, frame_count, H, W, 3) with the N, H and W of
    the clean set, and when labels lie beside it that are not those of the clean set.
    """
    path = folder / f"{name}.npy"
    frames = mapped(path)
    count, (height, width) = len(clean.labels), clean.read(0, 1).shape[1:3]
    expected = (count, frame_count, height, width, 3)
    if frames.dtype != np.uint8 or frames.shape != expected:
        raise RobenchError(f"{path}: expected uint8 {expected}, got {frames.dtype} {frames.shape}")
    _check_labels(folder / "labels.npy", clean)
    return SequenceArray(frames, positions, clean.labels[positions], clean.indices[positions])


def sampled_sha256(folder: Path, name: str) -> str:
    """Return a digest of a file's size, header and a few sequences, evenly spread: all would be ten gigabytes.

    What is missing or damaged has a digest too: the run that finds it whole later is another one.
    """
    try:
        frames = mapped(folder / f"{name}.npy")
    except RobenchError as error:
        return f"unreadable {str(error).removeprefix(str(folder))}"
    digest = hashlib.sha256(f"{frames.dtype} {frames.shape}".encode())
    for place in np.unique(np.linspace(0, len(frames) - 1, DIGESTED_PER_FILE).astype(int)):
        digest.update(np.ascontiguousarray(frames[place]).data)
    return digest.hexdigest()


def _check_labels(path: Path, clean: Source) -> None:
    if not path.exists():
        return
    labels = mapped(path)
    if not np.array_equal(labels, clean.labels):
        raise RobenchError(
            f"{path}: its {len(labels)} labels are not the {len(clean.labels)} of {clean.description}; "
            "the two folders do not belong together"
        )
