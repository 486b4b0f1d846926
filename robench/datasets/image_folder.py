"""A folder of photographs with one sub-folder per class, as ImageNet's validation set comes sorted.

The order, and with it every image's index, is that of torchvision's ImageFolder: classes by name, then paths by
name. Tiny ImageNet's ``val`` folder, which keeps its classes in ``val_annotations.txt`` instead, is read as if it
were sorted into class folders.
"""

import hashlib
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets.as_stored import WrongSizeError
from robench.datasets.framing import Framing
from robench.datasets.source import Source
from robench.errors import RobenchError

SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
ANNOTATIONS = "val_annotations.txt"
# Pillow before 11.3 opens their sixteen-bit grey as mode "I", white being 65535.
SCALED_BY_PILLOW = ("PNG", "PPM")


class BrokenImageError(RobenchError):
    """A file that should be an image cannot be decoded."""


@dataclass(frozen=True)
class ImageFolder:
    """Labelled image files, decoded and framed as they are read.

    Attributes:
        name: of the dataset.
        description: a sentence that says where the images came from.
        classes: the names of the class folders, sorted.
        root: the folder.
        paths: N paths below ``root``.
        labels: int64 (N,).
        indices: int64 (N,), each image's place in the sorted list of the whole folder.
        framing: makes every picture the same square.
        notes: what a reader of numbers on these images must know, in sentences.
    """

    name: str
    description: str
    classes: tuple[str, ...]
    root: Path
    paths: tuple[str, ...] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)
    framing: Framing
    notes: tuple[str, ...] = ()

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images ``start`` to ``stop`` as uint8 (n, side, side, 3), decoded on all cores.

        Raises BrokenImageError for a file that cannot be decoded, and for a picture that the framing does not take.
        """
        paths = self.paths[start:stop]
        side = self.framing.side_px
        images = np.empty((len(paths), side, side, 3), np.uint8)
        if len(paths) == 1:  # generation asks for one at a time, on threads of its own
            self._read_into(images[0], paths[0])
            return images
        with ThreadPoolExecutor() as pool:
            for _ in pool.map(self._read_into, images, paths):
                pass
        return images

    def _read_into(self, square: NDArray[np.uint8], path: str) -> None:
        picture = decoded(self.root / path)
        try:
            square[:] = np.asarray(self.framing(picture))
        except WrongSizeError as error:
            raise BrokenImageError(f"{self.root / path}: {error}") from None

    def uncropped(self, position: int) -> NDArray[np.uint8]:
        """Return one picture at the squares' scale before it is cropped, uint8 (H, W, 3)."""
        picture = self.framing.uncropped(decoded(self.root / self.paths[position]))
        return np.array(picture)

    def select(self, positions: NDArray[np.int64]) -> "ImageFolder":
        """Return the source of the images at ``positions``, int64 (n,), in that order."""
        return replace(
            self,
            paths=tuple(self.paths[position] for position in positions),
            labels=self.labels[positions],
            indices=self.indices[positions],
        )

    def manifest_sha256(self) -> str:
        """Return the SHA-256 of every file's path and content, of the labels, the indices and the framing."""
        digest = hashlib.sha256(repr(self.framing).encode())
        with ThreadPoolExecutor() as pool:
            for path, content in zip(self.paths, pool.map(self._digest, self.paths), strict=True):
                digest.update(f"{path}\n{content}\n".encode())
        for array in (self.labels, self.indices):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def listing_sha256(self) -> str:
        """Return the SHA-256 of every file's path and size, of the labels and the framing, which reads no file."""
        digest = hashlib.sha256(repr(self.framing).encode())
        for path in self.paths:
            digest.update(f"{path}\n{(self.root / path).stat().st_size}\n".encode())
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()

    def _digest(self, path: str) -> str:
        try:
            with (self.root / path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise RobenchError(f"cannot read {self.root / path}: {error.strerror}") from None


def photographs(source: Source) -> ImageFolder:
    """Return a source that must be a folder of photographs as what it is; raise TypeError for another."""
    if not isinstance(source, ImageFolder):
        raise TypeError(f"{source.name} is not a folder of photographs")
    return source


def open_image_folder(
    root: str | Path,
    framing: Framing,
    name: str = "image folder",
    *,
    classes: tuple[str, ...] | None = None,
) -> ImageFolder:
    """Open a folder of class folders.

    The classes are ``classes``, of which some may have no images, or the folders' names, sorted. Raises RobenchError
    when the folder is missing, a class folder has no image, or one is not among ``classes``.
    """
    root = Path(root)
    if not root.is_dir():
        raise RobenchError(f"no folder {root}; expected one with a sub-folder of images per class")
    if (root / ANNOTATIONS).is_file():
        listed = _annotated(root)
    else:
        listed = _sorted_into_folders(root, may_be_empty=classes is not None)
    if not listed:
        raise RobenchError(f"{root} has no images in class folders (<class>/<name>.JPEG)")
    found = sorted({of_class for of_class, _ in listed})
    classes = tuple(found) if classes is None else classes
    numbers = {of_class: number for number, of_class in enumerate(classes)}
    if strange := [of_class for of_class in found if of_class not in numbers]:
        raise RobenchError(
            f"{root}: folder {strange[0]!r} is not one of the {len(classes)} classes (such as {classes[0]!r})"
        )
    return ImageFolder(
        name=name,
        description=f"{len(listed)} images of {len(found)} classes in {root.name}",
        classes=classes,
        root=root,
        paths=tuple(path for _, path in listed),
        labels=np.array([numbers[of_class] for of_class, _ in listed], np.int64),
        indices=np.arange(len(listed)),
        framing=framing,
    )


def decoded(path: Path) -> Image.Image:
    """Return an image file as RGB, as stored: an EXIF orientation is not applied and transparency is dropped.

    Sixteen-bit grey is scaled to eight, which Pillow's own conversion would clip. Raises BrokenImageError for a file
    that is truncated, not an image or unreasonably large, and for floats and 32-bit integers: nothing says which of
    their values is white.
    """
    try:
        with warnings.catch_warnings(), Image.open(path) as picture:
            warnings.simplefilter("ignore")  # about metadata and transparency, which are not used
            picture.load()
            if picture.mode == "F" or (
                picture.mode == "I" and picture.format not in SCALED_BY_PILLOW
            ):
                kind = "floats" if picture.mode == "F" else "32-bit integers"
                raise ValueError(
                    f"its pixels are {kind}, of which nothing says what is white; store them in 8 or 16 bits"
                )
            if picture.mode.startswith("I"):
                return _eight_bit(picture)
            transparent = "transparency" in picture.info or picture.mode == "PA"
            return (picture.convert("RGBA") if transparent else picture).convert("RGB")
    except FileNotFoundError:
        raise BrokenImageError(f"no image {path}") from None
    except Exception as error:  # a damaged file can raise nearly anything
        raise BrokenImageError(f"{path} is not a readable image ({error})") from None


def _eight_bit(picture: Image.Image) -> Image.Image:
    levels = np.asarray(picture).astype(np.float64)
    if levels.min() < 0 or levels.max() > 65535:
        raise ValueError("grey levels outside 0 to 65535")
    return Image.fromarray(np.round(levels / 257).astype(np.uint8)).convert("RGB")


def _sorted_into_folders(root: Path, *, may_be_empty: bool) -> list[tuple[str, str]]:
    """Return (class, path below root) of every image, sorted."""
    listed = []
    for folder in sorted(entry.name for entry in os.scandir(root) if entry.is_dir()):
        if folder.startswith("."):
            continue
        found = list(images_below(root / folder))
        if not found and not may_be_empty:
            raise RobenchError(f"{root / folder} has no images; every sub-folder must be a class")
        listed += [(folder, path.relative_to(root).as_posix()) for path in found]
    return listed


def images_below(folder: Path) -> Iterable[Path]:
    """Yield the image files in a folder and all below it, sorted; hidden ones are passed over."""
    for parent, _, names in sorted(os.walk(folder, followlinks=True)):
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(parent, name)


def _annotated(root: Path) -> list[tuple[str, str]]:
    """Return (class, path below root), as if Tiny ImageNet's val images lay in folders of their classes."""
    rows = [line.split("\t") for line in (root / ANNOTATIONS).read_text().splitlines() if line]
    if any(len(row) < 2 for row in rows):
        raise RobenchError(f"{root / ANNOTATIONS} is not tab-separated: file, class, box")
    return sorted((of_class, f"images/{file}") for file, of_class, *_ in rows)
