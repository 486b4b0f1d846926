"""Pictures without class meaning: any folder, any layout; and labelled sets whose labels do not matter."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from robench.datasets.framing import CentreCrop, Framing
from robench.datasets.image_folder import ImageFolder, images_below
from robench.datasets.source import ArraySource, Source
from robench.errors import RobenchError

CLASS = ("none",)


def open_pictures(root: Path, framing: Framing) -> ImageFolder:
    """Open every picture in a folder and all below it, sorted by path; raise RobenchError where there is none."""
    if not root.is_dir():
        raise RobenchError(f"no folder {root}")
    paths = tuple(path.relative_to(root).as_posix() for path in images_below(root))
    if not paths:
        raise RobenchError(f"{root} holds no pictures")
    return ImageFolder(
        name=root.resolve().name,
        description=f"{len(paths)} pictures in {root}",
        classes=CLASS,
        root=root,
        paths=paths,
        labels=np.zeros(len(paths), np.int64),
        indices=np.arange(len(paths)),
        framing=framing,
    )


def framing_like(source: Source) -> Framing:
    """Return the framing that shows other pictures as a source's: its own, where it is of photographs.

    Squares of a fixed size, such as CIFAR's, have none: other pictures are resized to that size on their shorter side
    and cropped to the centre, as in Outlier Exposure (Hendrycks et al. 2019), and squares of that size stay as they
    are.
    """
    if isinstance(source, ImageFolder) and isinstance(source.framing, CentreCrop):
        return source.framing
    side_px = source.read(0, 1).shape[1]
    return CentreCrop(side_px, side_px)


def without_labels(source: Source, like: Source) -> Source:
    """Return a source's images shown as those of ``like``, with its classes, all labelled 0, which means nothing.

    Raises RobenchError for stored squares of another size.
    """
    labels = np.zeros(len(source.labels), np.int64)
    if isinstance(source, ImageFolder):
        return replace(source, framing=framing_like(like), classes=like.classes, labels=labels)
    if not isinstance(source, ArraySource):
        raise TypeError(f"{source.name} cannot go without its labels")
    side, wanted = (each.read(0, 1).shape[1] for each in (source, like))
    if side != wanted:
        raise RobenchError(
            f"{source.name} has images of {side} pixels, {like.name} of {wanted}: a network is shown one size; "
            "give them as a folder of pictures, which are resized"
        )
    return replace(source, classes=like.classes, labels=labels)
