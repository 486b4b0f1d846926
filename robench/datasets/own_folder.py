"""Anybody's folder of pictures, one sub-folder per class."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets.as_stored import AsStored
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import BrokenImageError, ImageFolder, open_image_folder
from robench.errors import RobenchError

SMALLEST_SIDE_PX = 16  # what the corruptions take


def open_own_folder(split: str, data_dir: Path | None) -> ImageFolder:
    """Open ``data_dir`` itself: its sub-folders, sorted, are the classes.

    Squares of one size are taken as they are; pictures of several sizes are framed as ImageNet's, to 224 pixels.
    Raises RobenchError when the folder is missing or holds no pictures, and for a split but ``"test"``.
    """
    if split != "test":
        raise RobenchError(f"a folder of pictures has the split 'test' only, got {split!r}")
    if data_dir is None:
        raise RobenchError("--suite folder needs --data-dir, a folder with a sub-folder per class")
    source = open_image_folder(data_dir, framing_of("imagenet"), "folder")
    sizes = picture_sizes(source)
    if sizes.min() < SMALLEST_SIDE_PX:
        raise RobenchError(
            f"{data_dir}: pictures must be {SMALLEST_SIDE_PX} pixels or more, got {sizes.min()}"
        )
    if (sizes == sizes[0, 0]).all():
        return replace(source, framing=AsStored(int(sizes[0, 0])))
    return source


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
