"""Anybody's folder of pictures, one sub-folder per class."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.arguments import argument
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import BrokenImageError, ImageFolder, open_image_folder
from robench.errors import RobenchError

SMALLEST_SIDE_PX = 16  # what the corruptions take


def open_own_folder(split: str, data_dir: Path | None) -> ImageFolder:
    """Open ``data_dir`` itself, whose sub-folders, sorted, are the classes; or the split it has a sub-folder for.

    A folder with ``train`` and ``val`` (or ``test``) holds splits. Squares of one size are taken as they are; pictures
    of several sizes are framed as ImageNet's, to 224 pixels. Raises RobenchError when the folder is missing or holds no
    pictures, and when there is nothing to train on.
    """
    if data_dir is None:
        raise RobenchError(
            f"folder needs {argument('data_dir')}, a folder with a sub-folder per class"
        )
    data_dir = _split_folder(data_dir, split)
    source = open_image_folder(data_dir, framing_of("imagenet"), "folder")
    sizes = picture_sizes(source)
    if sizes.min() < SMALLEST_SIDE_PX:
        raise RobenchError(
            f"{data_dir}: pictures must be {SMALLEST_SIDE_PX} pixels or more, got {sizes.min()}"
        )
    if (sizes == sizes[0, 0]).all():
        return replace(source, framing=AsStored(int(sizes[0, 0])))
    return source


def _split_folder(data_dir: Path, split: str) -> Path:
    """Return the folder of a split; raise RobenchError for training images that are not set apart from others."""
    test = next((each for each in (data_dir / "val", data_dir / "test") if each.is_dir()), None)
    if test is not None and (data_dir / "train").is_dir():
        return test if split == "test" else data_dir / "train"
    if split == "test":
        return data_dir
    raise RobenchError(
        f"to train on a folder, {data_dir} must hold train and val (or test), each with a sub-folder per class"
    )


def picture_sizes(source: ImageFolder) -> NDArray[np.int64]:
    """Return int64 (N, 2), height and width of every picture as its file says, which is not decoded.

    A file that says nothing readable is left out: it is named when it is evaluated. Raises RobenchError when that
    leaves none.
    """
    with ThreadPoolExecutor() as pool:
        sizes = list(pool.map(_size, (source.root / path for path in source.paths)))
    found = [size for size in sizes if size is not None]
    if not found:
        raise BrokenImageError(f"{source.root}: none of {len(sizes)} files is a readable image")
    return np.array(found, np.int64)


def _size(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path) as picture:
            return picture.height, picture.width
    except Exception:  # a damaged file can raise nearly anything
        return None


DATASETS = {"folder": open_own_folder}
