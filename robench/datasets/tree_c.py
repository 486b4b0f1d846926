"""The layout of ImageNet-C: ``<corruption>/<severity>/<class>/<name>.JPEG``, flat or in folders of families.

The archives unpack to ``noise``, ``blur``, ``weather``, ``digital`` and ``extra`` or, with those merged, to the
corruptions themselves; both are read. The images are squares of the benchmark's size, evaluated as they are stored.
Source: Hendrycks & Dietterich 2019; Zenodo records 2235448 (ImageNet-C) and 8206060 (Tiny-ImageNet-C).
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from robench.arguments import argument
from robench.datasets.as_stored import AsStored
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.errors import RobenchError

GROUPS = ("noise", "blur", "weather", "digital", "extra")
JPEG_SUFFIXES = (".jpg", ".jpeg")
DIGESTED_PER_CONDITION = 16


def condition_folder(root: Path, corruption: str, severity: int) -> Path:
    """Return the folder of a condition, flat or grouped; raise RobenchError when there is none."""
    found = _condition_folders(root, corruption, severity)
    if not found:
        raise RobenchError(
            f"no {root / corruption / str(severity)}, nor below {', '.join(GROUPS)}; "
            f"leave it out with {argument('corruptions')}, or corrupt the clean images with "
            f"{argument('mode', 'on-the-fly')} where that "
            "can be done"
        )
    return found[0]


def has_condition(root: Path, corruption: str, severity: int) -> bool:
    """Return whether there is a folder of that condition."""
    return bool(_condition_folders(root, corruption, severity))


def _condition_folders(root: Path, corruption: str, severity: int) -> list[Path]:
    tried = [Path(corruption), *(Path(group, corruption) for group in GROUPS)]
    folders = [root / part / str(severity) for part in tried]
    return [folder for folder in folders if folder.is_dir()]


def open_condition(
    root: Path, corruption: str, severity: int, listed: ImageFolder, side_px: int
) -> ImageFolder:
    """Open the images of a condition that belong to those of ``listed``, in the same order with the same labels.

    Only the folders are read here; a file is when its image is. Raises RobenchError when the condition or one of its
    images is missing.
    """
    folder = condition_folder(root, corruption, severity)
    paths = stored_paths(listed)
    there = {
        f"{of_class}/{entry.name}"
        for of_class in {path.partition("/")[0] for path in paths}
        if (folder / of_class).is_dir()
        for entry in os.scandir(folder / of_class)
    }
    if missing := [path for path in paths if path not in there]:
        raise RobenchError(
            f"{folder}: {len(missing)} of {len(paths)} images missing (first {missing[0]}); the archive is not "
            "whole, or does not belong to these clean images"
        )
    return replace(
        listed, description=str(folder), root=folder, paths=paths, framing=AsStored(side_px)
    )


def listed_in(root: Path, corruption: str, classes: tuple[str, ...], side_px: int) -> ImageFolder:
    """Return the list of images that severity 1 of a corruption has, where the clean images are not at hand.

    Raises RobenchError when that is missing, or a class folder's name is not one of ``classes``.
    """
    folder = condition_folder(root, corruption, 1)
    source = open_image_folder(folder, AsStored(side_px))
    numbers = {name: number for number, name in enumerate(classes)}
    if strange := [name for name in source.classes if name not in numbers]:
        raise RobenchError(f"{folder}: folder {strange[0]!r} is not a class of the benchmark")
    labels = np.array([numbers[name] for name in source.classes], np.int64)[source.labels]
    return replace(source, classes=classes, labels=labels)


def stored_paths(listed: ImageFolder) -> tuple[str, ...]:
    """Return ``<class>/<name>.JPEG`` of every image, its path below the folder of a condition."""
    return tuple(
        f"{listed.classes[label]}/{_stored_name(path)}"
        for path, label in zip(listed.paths, listed.labels, strict=True)
    )


def sampled_sha256(root: Path, corruption: str, severity: int, listed: ImageFolder) -> str:
    """Return a digest of a few files of a condition, evenly spread: to read all of ImageNet-C would take hours.

    What is missing has a digest too: the run that finds it there later is another one.
    """
    digest = hashlib.sha256()
    if not has_condition(root, corruption, severity):
        return "missing"
    folder = condition_folder(root, corruption, severity)
    paths = stored_paths(listed)
    for place in np.linspace(0, len(paths) - 1, DIGESTED_PER_CONDITION).astype(int):
        file = folder / paths[place]
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"{paths[place]} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _stored_name(path: str) -> str:
    """Return the name of a photograph's file in the tree: its own, but JPEG whatever the photograph was."""
    name = PurePosixPath(path)
    return name.name if name.suffix.lower() in JPEG_SUFFIXES else f"{name.stem}.JPEG"
