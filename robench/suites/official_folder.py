"""The folder that a benchmark is published as: arrays as in CIFAR-10-C, or a tree of JPEG files as in ImageNet-C."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets import Source, npy_c, tree_c
from robench.datasets.image_folder import photographs
from robench.suites.condition import CLEAN, Condition
from robench.suites.suite import Suite


def found_folder(suite: Suite, data_dir: Path) -> Path | None:
    """Return the suite's folder below ``data_dir``, or None where there is none.

    The case of its name does not matter, nor whether it has ``-`` or ``_`` in it, as ImageNet-C-bar's archive has.
    """
    if suite.folder is None or not data_dir.is_dir():
        return None
    if (data_dir / suite.folder).is_dir():
        return data_dir / suite.folder
    wanted = _plain(suite.folder)
    found = sorted(path for path in data_dir.iterdir() if _plain(path.name) == wanted)
    return next((path for path in found if path.is_dir()), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def open_stored(
    suite: Suite, folder: Path, condition: Condition, full: Source, positions: NDArray[np.int64]
) -> Source:
    """Open the images of one condition at ``positions`` of the full test set.

    Raises RobenchError when a file is missing or damaged, or does not belong to the clean images.
    """
    if suite.tree_side_px is None:
        whole = npy_c.open_condition(folder, condition.corruption, condition.severity, full)
        return whole.select(positions) if len(positions) < len(full.labels) else whole
    listed = photographs(full).select(positions)
    return tree_c.open_condition(
        folder, condition.corruption, condition.severity, listed, suite.tree_side_px
    )


def folder_sha256(suite: Suite, folder: Path, clean: Source) -> str:
    """Return a digest of the folder: of every array, or of a sample of the tree's files."""
    digest = hashlib.sha256()
    if suite.tree_side_px is None:
        for path in sorted(folder.glob("*.npy")):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
        return digest.hexdigest()
    for condition in suite.conditions():
        if condition != CLEAN:
            part = tree_c.sampled_sha256(
                folder, condition.corruption, condition.severity, photographs(clean)
            )
            digest.update(f"{condition} {part}\n".encode())
    return digest.hexdigest()
