"""The folder that a -P benchmark is published as: arrays as in CIFAR-10-P, or a tree of videos as in ImageNet-P."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import frame_count
from robench.datasets import Source, npy_p, video_p
from robench.datasets.image_folder import photographs
from robench.datasets.npy_p import SequenceArray
from robench.datasets.video_p import SequenceTree
from robench.suites.suite import Suite


def open_stored(
    suite: Suite, folder: Path, name: str, full: Source, positions: NDArray[np.int64]
) -> SequenceArray | SequenceTree:
    """Open the sequences of one name, of the images at ``positions`` of the full test set.

    Raises RobenchError when a file is missing or damaged, or does not belong to the clean images.
    """
    frames = frame_count(name, preset=suite.preset)
    if suite.tree_side_px is None:
        return npy_p.open_sequences(folder, name, frames, full, positions)
    listed = photographs(full).select(positions)
    return video_p.open_sequences(folder, name, frames, listed, suite.tree_side_px)


def folder_sha256(suite: Suite, folder: Path, clean: Source) -> str:
    """Return a digest of the folder, of a sample of its sequences."""
    digest = hashlib.sha256()
    for name in suite.corruptions + suite.extra:
        if suite.tree_side_px is None:
            part = npy_p.sampled_sha256(folder, name)
        else:
            part = video_p.sampled_sha256(folder, name, photographs(clean))
        digest.update(f"{name} {part}\n".encode())
    return digest.hexdigest()
