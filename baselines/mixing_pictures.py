"""Pictures that images are mixed with: a folder of them, or fractals.

A picture is scaled so that its shorter side is 36 pixels for images of 32, and 256 for images of 224;
an image meets a random crop of it. Source: the published code of PixMix and IPMix.
"""

import functools
import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from baselines.fractals import fractals
from baselines.keyed_uniforms import keyed_uniforms
from robench.errors import RobenchError

SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
FRACTAL_COUNT = 10_000
FRACTAL_SEED = 0

Pixels = NDArray[np.uint8]

_log = logging.getLogger("baselines")


class MixingPictures(Protocol):
    """A numbered set of pictures, each at least as large as an image in both directions."""

    def __len__(self) -> int:
        """Return how many there are."""

    def get(self, numbers: NDArray[np.int64]) -> list[Pixels]:
        """Return pictures, each uint8 (H, W, 3)."""


def crops(
    folder: str,
    size: tuple[int, int],
    indices: NDArray[np.int64],
    *,
    seed: int,
    epoch: int,
) -> Pixels:
    """Return a crop of a random picture for each of N images.

    Args:
        folder: of the pictures; empty for fractals.
        size: height and width of the images in pixels.
        indices: int64 (N,), the images' numbers; a crop depends on its own, seed and epoch.

    Returns:
        uint8 (N, height, width, 3).

    Raises:
        RobenchError: for a folder that is missing, or holds no picture or a broken one.
    """
    pictures = mixing_pictures(folder, scaled_side(max(size)))
    uniforms = keyed_uniforms(seed, "mixing picture", epoch, indices, 3)
    chosen = pictures.get((uniforms[:, 0] * len(pictures)).astype(np.int64))
    result = np.empty((len(indices), *size, 3), np.uint8)
    for i, picture in enumerate(chosen):
        room = np.array(picture.shape[:2]) - size + 1
        top, left = (uniforms[i, 1:] * room).astype(np.int64)
        result[i] = picture[top : top + size[0], left : left + size[1]]
    return result


def scaled_side(image_side_px: int) -> int:
    """Return the length of a picture's shorter side: 36 for images of 32 pixels, 256 for 224."""
    return image_side_px + image_side_px // 7


@functools.lru_cache(maxsize=4)
def mixing_pictures(folder: str, side_px: int) -> MixingPictures:
    """Return the pictures of a folder scaled to ``side_px``, or fractals of that side; kept in memory."""
    return FolderPictures(Path(folder), side_px) if folder else FractalPictures(side_px)


class FractalPictures:
    """The first 10,000 fractals of seed 0, the same in every run, drawn when they are first asked for."""

    def __init__(self, side_px: int) -> None:
        # The system gives memory page by page as it is written to.
        self.pixels = np.zeros((FRACTAL_COUNT, side_px, side_px, 3), np.uint8)
        self.drawn = np.zeros(FRACTAL_COUNT, bool)
        self.lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return FRACTAL_COUNT

    def get(self, numbers: NDArray[np.int64]) -> list[Pixels]:
        """Return pictures, each uint8 (side, side, 3)."""
        with self.lock:
            missing = np.unique(numbers[~self.drawn[numbers]])
            if len(missing):
                self._draw(missing)
        return list(self.pixels[numbers])

    def _draw(self, numbers: NDArray[np.int64]) -> None:
        first, began = not self.drawn.any(), time.perf_counter()
        side_px = self.pixels.shape[1]
        self.pixels[numbers] = fractals(FRACTAL_SEED, numbers, side_px)
        self.drawn[numbers] = True
        if first:
            _log.info(
                "mixing with %d fractals of %d px, drawn in memory as they are needed (the first %d took "
                "%.1f s); --mixing-pictures takes a folder instead",
                FRACTAL_COUNT,
                side_px,
                len(numbers),
                time.perf_counter() - began,
            )


class FolderPictures:
    """All pictures below a folder, in the order of their paths, scaled and kept in memory."""

    def __init__(self, folder: Path, side_px: int) -> None:
        self.side_px = side_px
        paths = picture_paths(folder)
        began = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            self.pictures = list(pool.map(self._read, paths))
        _log.info(
            "mixing with %d pictures of %s (%.0f MB in memory, read in %.1f s)",
            len(paths),
            folder,
            sum(picture.nbytes for picture in self.pictures) / 1e6,
            time.perf_counter() - began,
        )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.pictures)

    def get(self, numbers: NDArray[np.int64]) -> list[Pixels]:
        """Return pictures, each uint8 (H, W, 3) with a shorter side of ``side_px``."""
        return [self.pictures[number] for number in numbers]

    def _read(self, path: Path) -> Pixels:
        with _naming(path), Image.open(path) as file:
            picture = file.convert("RGB")
        width, height = picture.size
        shorter = min(width, height)
        size = (self.side_px * width // shorter, self.side_px * height // shorter)
        return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def folder_sha256(folder: str) -> str:
    """Return a digest of the names and sizes of the pictures in a folder, each of which is opened for it.

    Raises RobenchError as ``picture_paths`` does, and for a file that is no picture. Pixels are not read: a file that
    breaks off is found when ``FolderPictures`` reads it.
    """
    root, digest = Path(folder), hashlib.sha256()
    paths = picture_paths(root)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_check_header, paths))
    for path in paths:
        digest.update(f"{path.relative_to(root)} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _check_header(path: Path) -> None:
    with _naming(path), Image.open(path):
        pass


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn what reading a picture raises into a line that names it."""
    try:
        yield
    except (OSError, ValueError, SyntaxError) as error:
        raise RobenchError(f"mixing picture {path} is broken ({error}); remove it") from None


def picture_paths(folder: Path) -> list[Path]:
    """Return the picture files below a folder, sorted.

    Raises RobenchError when it is no folder or holds none.
    """
    if not folder.is_dir():
        raise RobenchError(f"no folder of pictures {folder}")
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    paths = sorted(path for path in found if not path.name.startswith("."))
    if not paths:
        raise RobenchError(f"no pictures in {folder}; expected {', '.join(sorted(SUFFIXES))}")
    return paths
