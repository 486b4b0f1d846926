"""ImageNet's training and validation images and the test sets that share its classes: R, A, O, V2 and Sketch.

All are folders of photographs, one sub-folder per class, shown to the model as is usual: the shorter side resized to
256 pixels, the central 224 cut out. Labels are those of the 1,000 classes, also where a folder holds fewer.

Sources: ILSVRC2012; Hendrycks et al. 2021, "The Many Faces of Robustness" (R) and "Natural Adversarial Examples" (A
and O); Recht et al. 2019 (V2, whose folders are named by class number); Wang et al. 2019 (Sketch).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from robench.arguments import argument
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.datasets.imagenet_classes import class_number, class_numbers, wnids
from robench.errors import MissingDataError, RobenchError


class MissingImagesError(MissingDataError):
    """A dataset is nowhere below the data directory."""


@dataclass(frozen=True)
class Layout:
    """Where a dataset lies below the data directory.

    Attributes:
        name: of the dataset.
        folders: its folder below the data directory, tried in this order; ``"."`` is the directory itself.
        train_folders: the same for the training images, where there are any.
        letter: of the 200 classes, for ImageNet-R, -A and -O.
        numbered: are the class folders named 0 to 999?
        origin: where to get it, for the refusal.
    """

    name: str
    folders: tuple[str, ...]
    letter: str | None = None
    numbered: bool = False
    origin: str = ""
    train_folders: tuple[str, ...] = ()

    def classes(self) -> dict[str, int]:
        """Return folder name -> class number."""
        if self.numbered:
            return {str(number): number for number in range(len(wnids()))}
        return class_numbers(self.letter)


IMAGENET = Layout(
    "imagenet",
    ("imagenet/val", "ImageNet/val", "val", "."),
    origin="https://image-net.org, the images sorted into <wnid>/*.JPEG",
    train_folders=("imagenet/train", "ImageNet/train", "train"),
)
OTHERS = (
    Layout("imagenet-r", ("imagenet-r",), "r", origin="https://github.com/hendrycks/imagenet-r"),
    Layout(
        "imagenet-a",
        ("imagenet-a",),
        "a",
        origin="https://github.com/hendrycks/natural-adv-examples",
    ),
    Layout(
        "imagenet-o",
        ("imagenet-o",),
        "o",
        origin="https://github.com/hendrycks/natural-adv-examples",
    ),
    Layout(
        "imagenet-v2",
        ("imagenetv2-matched-frequency-format-val", "imagenetv2-matched-frequency", "imagenet-v2"),
        numbered=True,
        origin="https://github.com/modestyachts/ImageNetV2, matched frequency",
    ),
    Layout(
        "imagenet-sketch",
        ("imagenet-sketch", "ImageNet-Sketch", "sketch"),
        origin="https://github.com/HaohanWang/ImageNet-Sketch",
    ),
)


def open_imagenet(layout: Layout, split: str, data_dir: Path | None) -> ImageFolder:
    """Open a dataset; its classes are the 1,000 WordNet numbers, whatever the folders hold.

    Raises MissingImagesError when it is not below ``data_dir``, and RobenchError when that is not given, a folder is
    not a class, or there is no such split.
    """
    folders = layout.folders if split == "test" else layout.train_folders
    if not folders:
        raise RobenchError(f"{layout.name} has the split 'test' only, got {split!r}")
    if data_dir is None:
        raise RobenchError(
            f"{layout.name} needs {argument('data_dir')}, the folder that holds {folders[0]}"
        )
    source = open_image_folder(
        _root(layout, folders, data_dir), framing_of("imagenet"), layout.name
    )
    known = layout.classes()
    numbers = np.array([class_number(folder, known) for folder in source.classes], np.int64)
    return replace(source, classes=wnids(), labels=numbers[source.labels])


def open_reference_of_o(split: str, data_dir: Path | None) -> ImageFolder:
    """Open ImageNet's validation images of the 200 classes of ImageNet-O, which its anomalies are told from."""
    whole = open_imagenet(IMAGENET, split, data_dir)
    wanted = np.isin(whole.labels, list(class_numbers("o").values()))
    if not wanted.any():
        raise RobenchError(f"{whole.root} has no image of the 200 classes of ImageNet-O")
    part = whole.select(np.flatnonzero(wanted))
    return replace(
        part,
        name="imagenet-o-reference",
        description=f"{len(part.paths)} images of ImageNet-O's classes in {whole.root.name}",
    )


def _root(layout: Layout, folders: tuple[str, ...], data_dir: Path) -> Path:
    """Return the first of the folders that is there and holds classes of the layout.

    The data directory may be the dataset's own folder, too: for ImageNet where it holds class folders, for the others,
    which hold the same classes, where it has their name.
    """
    tried = [data_dir / folder for folder in folders]
    if data_dir.resolve().name in folders:
        tried.append(data_dir)
    for root in tried:
        if root.is_dir() and _has_class(root, layout):
            return root
    looked = ", ".join(map(str, tried))
    raise MissingImagesError(
        f"{layout.name}: no class folders in any of {looked}; get it from {layout.origin}"
    )


def _has_class(root: Path, layout: Layout) -> bool:
    known = layout.classes()
    with os.scandir(root) as entries:
        return any(entry.name in known for entry in entries if entry.is_dir())


DATASETS: dict[str, Callable[[str, Path | None], ImageFolder]] = {
    **{layout.name: partial(open_imagenet, layout) for layout in (IMAGENET, *OTHERS)},
    "imagenet-o-reference": open_reference_of_o,
}
