"""The folder that a benchmark is published as: arrays as in CIFAR-10-C, or a tree of JPEG files as in ImageNet-C."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets import Source, npy_c, tree_c
from robench.datasets.image_folder import ImageFolder, photographs
from robench.datasets.imagenet import MissingImagesError
from robench.datasets.imagenet_classes import wnids
from robench.errors import RobenchError
from robench.suites.condition import CLEAN, Condition
from robench.suites.suite import Suite


def found_folder(suite: Suite, data_dir: Path) -> Path | None:
    """Return the suite's folder below ``data_dir``, whatever the case of its name, or None where there is none."""
    if suite.folder is None or not data_dir.is_dir():
        return None
    if (data_dir / suite.folder).is_dir():
        return data_dir / suite.folder
    wanted = suite.folder.lower()
    found = sorted(path for path in data_dir.iterdir() if path.name.lower() == wanted)
    return next((path for path in found if path.is_dir()), None)


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


def listed_without_clean(suite: Suite, folder: Path, missing: MissingImagesError) -> ImageFolder:
    """Return the list of a tree's images, from its first corruption, where the clean images are not at hand.

    Raises ``missing`` where the labels would be a guess: only ImageNet's classes have fixed numbers.
    """
    if suite.tree_side_px is None or suite.dataset != "imagenet":
        raise missing
    for corruption in suite.corruptions + suite.extra:
        if tree_c.has_condition(folder, corruption, 1):
            found = tree_c.listed_in(folder, corruption, wnids(), suite.tree_side_px)
            return replace(found, description="none at hand")
    raise RobenchError(f"{folder} holds none of the corruptions of {suite.name} ({missing})")


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
