"""The stylised copy of a training set that ``robench stylize`` writes, and the two together."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets.image_folder import ImageFolder, decoded
from robench.datasets.source import ArraySource, Source
from robench.errors import RobenchError
from robench.outside_file import read_json_object

FORMAT = "robench-stylized/1"
RECORD = "manifest.json"


def picture_path(folder: Path, index: int) -> Path:
    """Return where the picture of the image with this index lies."""
    return folder / f"{index:08d}.png"


def described(source: Source) -> dict[str, Any]:
    """Return what a copy must agree with to be this source's, as JSON can hold it."""
    return {"dataset": source.name, "images": len(source.labels), "source_sha256": _digest(source)}


def with_stylised_copy(source: Source, folder: str | Path) -> Source:
    """Return a source of the images and their stylised copies; those have the indices that follow.

    Raises RobenchError for a folder that is missing, unfinished, or the copy of other images.
    """
    folder = Path(folder)
    _check(source, folder)
    indices = np.concatenate([source.indices, source.indices + source.indices.max() + 1])
    labels = np.concatenate([source.labels, source.labels])
    paths = [picture_path(folder, index).absolute() for index in source.indices]
    description = f"{source.description}, and its stylised copy"
    if isinstance(source, ImageFolder):
        return replace(
            source,
            description=description,
            paths=(*source.paths, *map(str, paths)),  # absolute, so that the root is not looked at
            labels=labels,
            indices=indices,
        )
    with ThreadPoolExecutor() as pool:
        copies = np.stack(list(pool.map(_pixels, paths)))
    images = np.concatenate([source.read(0, len(source.labels)), copies])
    return ArraySource(source.name, description, source.classes, images, labels, indices)


def _check(source: Source, folder: Path) -> None:
    path = folder / RECORD
    if not path.is_file():
        raise RobenchError(
            f"{folder} is no stylised copy (it has no {RECORD}); make one with `robench stylize`"
        )
    record = read_json_object(path, "make the copy anew with `robench stylize`")
    if record.get("format") != FORMAT:
        raise RobenchError(
            f"{path} is not that of a stylised copy; make one with `robench stylize`"
        )
    if not record.get("finished"):
        raise RobenchError(f"{folder} is not finished; repeat its `robench stylize`")
    for key, expected in described(source).items():
        if record.get(key) != expected:
            raise RobenchError(
                f"{folder} is the copy of other images: its {key} is {record[key]}, here it is {expected}"
            )


def _digest(source: Source) -> str:
    """Return the digest of the pixels, of photographs that of their paths."""
    if isinstance(source, ImageFolder):
        return hashlib.sha256("\n".join(source.paths).encode()).hexdigest()
    return source.manifest_sha256()


def _pixels(path: Path) -> NDArray[np.uint8]:
    picture: Image.Image = decoded(path)
    return np.asarray(picture)
