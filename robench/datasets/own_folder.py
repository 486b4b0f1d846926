"""Anybody's folder of pictures, one sub-folder per class."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.arguments import argument
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import BrokenImageError, ImageFolder, decoded, open_image_folder
from robench.errors import RobenchError

SMALLEST_SIDE_PX = 16  # what the corruptions take
# How folders of splits are called, whatever the case; of those to test on, the first that is there is taken.
TRAIN_WORDS = ("train", "training", "trainset", "train_set")
TEST_WORDS = ("val", "validation", "valid", "dev", "test", "testing", "testset", "test_set", "eval")
# The brightest level of so many pictures is below this only where their levels fill a part of their type's range, as
# 12 bits stored in 16 do.
PICTURES_LOOKED_AT = 32
FARTHEST_BELOW_WHITE = 64  # of 255


def open_own_folder(
    split: str, data_dir: Path | None, classes: tuple[str, ...] | None = None
) -> ImageFolder:
    """Open ``data_dir`` itself, whose sub-folders are the classes; or the split it has a sub-folder for.

    A folder with ``train`` and ``val`` (``Train`` and ``Test``, ...) holds splits. Squares of one size are taken as
    they are; pictures of several sizes are framed as ImageNet's, to 224 pixels.

    Args:
        split: ``"train"`` or ``"test"``.
        data_dir: the folder.
        classes: in the order of the network's outputs; when None, the sub-folders of the training images where these
            lie beside or below ``data_dir``, else the sub-folders themselves, both sorted as text.

    Raises:
        RobenchError: when the folder is missing or holds no pictures, has a class that the training images have not,
            when there is nothing to train on, and for pictures whose levels fill a part of their range only.
    """
    if data_dir is None:
        raise RobenchError(
            f"folder needs {argument('data_dir')}, a folder with a sub-folder per class"
        )
    root = _split_folder(data_dir, split)
    trained_on = _train_folder(data_dir, root) if classes is None and split == "test" else None
    known = classes or (_classes_trained_on(trained_on, root) if trained_on else None)
    source = open_image_folder(root, framing_of("imagenet"), "folder", classes=known)
    sizes = picture_sizes(source)
    if sizes.min() < SMALLEST_SIDE_PX:
        raise RobenchError(
            f"{root}: pictures must be {SMALLEST_SIDE_PX} pixels or more, got {sizes.min()}"
        )
    notes = [*_notes_on_classes(source, trained_on, given=classes is not None)]
    notes += _notes_on_levels(source)
    if (sizes == sizes[0, 0]).all():
        source = replace(source, framing=AsStored(int(sizes[0, 0])))
    return replace(source, notes=tuple(notes))


def read_class_list(path: str | Path) -> tuple[str, ...]:
    """Return the names in a text file, one a line, in the order of the network's outputs.

    Raises RobenchError for a file that cannot be read, is empty or has a name twice.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise RobenchError(
            f"cannot read the classes in {path} ({error}); expected a text file with the name of a class folder a line"
        ) from None
    names = tuple(line.strip() for line in lines if line.strip())
    if not names:
        raise RobenchError(f"{path} names no classes; expected the name of a class folder a line")
    if repeated := [name for name in names if names.count(name) > 1]:
        raise RobenchError(f"{path} names the class {repeated[0]!r} twice")
    return names


def _split_folder(data_dir: Path, split: str) -> Path:
    """Return the folder of a split; raise RobenchError for training images that are not set apart from others."""
    found = _folders_in(data_dir)
    train, test = _first_of(TRAIN_WORDS, found), _first_of(TEST_WORDS, found)
    only_splits = {name.casefold() for name in found} <= {*TRAIN_WORDS, *TEST_WORDS}
    if train and test:
        return data_dir / (test if split == "test" else train)
    if split == "train":
        raise RobenchError(
            f"to train on a folder, {data_dir} must hold train and val (or test), each with a sub-folder per class"
        )
    if test and only_splits:
        return data_dir / test
    if train and only_splits:
        raise RobenchError(
            f"{data_dir} holds the training images alone; to be tested on, they would be --data-dir {data_dir / train}"
        )
    return data_dir


def _folders_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")


def _first_of(words: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the name that is the first of the words to be there, whatever its case, or None."""
    by_word = {name.casefold(): name for name in reversed(names)}
    return next((by_word[word] for word in words if word in by_word), None)


def _train_folder(data_dir: Path, root: Path) -> Path | None:
    """Return the folder of training images beside the test images in ``root``, or None where there is none."""
    if root == data_dir and root.resolve().name.casefold() not in TEST_WORDS:
        return None
    name = _first_of(TRAIN_WORDS, _folders_in(root.resolve().parent))
    return root.resolve().parent / name if name else None


def _classes_trained_on(trained_on: Path, root: Path) -> tuple[str, ...] | None:
    """Return the class folders of the training images, None where these are not sorted into any.

    Raises RobenchError for a class that the test images have and they have not.
    """
    known = tuple(_folders_in(trained_on))
    if known and (strange := [name for name in _folders_in(root) if name not in known]):
        raise RobenchError(
            f"{root} has the class {strange[0]!r}, which {trained_on} beside it has not; "
            "name the classes in the order of the network's outputs with --classes FILE"
        )
    return known or None


def _notes_on_classes(source: ImageFolder, trained_on: Path | None, *, given: bool) -> list[str]:
    notes = []
    present = len(np.unique(source.labels))
    if present < len(source.classes):
        first = source.classes[int(np.setdiff1d(np.arange(len(source.classes)), source.labels)[0])]
        where = f"as in {trained_on}" if trained_on else "as given"
        notes.append(
            f"{present} of {len(source.classes)} classes ({where}) have images here; {first!r} has none"
        )
    by_number = sorted(source.classes, key=_natural_key)
    if not given and by_number != list(source.classes):
        number, name = next(
            (number, name)
            for number, (name, other) in enumerate(zip(source.classes, by_number, strict=True))
            if name != other
        )
        notes.append(
            f"the class folders are in the order of text, as torchvision's ImageFolder has them: output {number} "
            f"stands for {name!r}, not {by_number[number]!r}; --classes FILE gives another order"
        )
    return notes


def _natural_key(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _notes_on_levels(source: ImageFolder) -> list[str]:
    """Return what the brightest level of some pictures tells; raise RobenchError where those in 16 bits hold fewer."""
    places = np.unique(np.linspace(0, len(source.paths) - 1, PICTURES_LOOKED_AT).astype(int))
    paths = [source.root / source.paths[place] for place in places]
    with ThreadPoolExecutor() as pool:
        looks = [each for each in pool.map(_look, paths) if each is not None]
    brightest = max((level for level, _ in looks), default=255)
    if brightest >= FARTHEST_BELOW_WHITE:
        return []
    share = f"the brightest level in {len(looks)} pictures of {source.root} is {brightest / 255:.1%} of white"
    if any(is_wide for _, is_wide in looks):
        raise RobenchError(
            f"{share}: their 16 bits seem to hold fewer, such as 12; multiply them so that white is 65535"
        )
    return [f"{share}: the levels may be stored on another scale than 0 to 255"]


def _look(path: Path) -> tuple[int, bool] | None:
    """Return the brightest level of a picture, of 255, and whether its file has 16 bits; None for a broken one."""
    try:
        with Image.open(path) as picture:
            raw = str(picture.tile[0][3]) if picture.tile else ""
            is_wide = picture.mode.startswith("I") or "16" in raw
        return int(np.asarray(decoded(path)).max()), is_wide
    except Exception:  # it is named when it is evaluated
        return None


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
