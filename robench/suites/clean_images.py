"""The clean images that a benchmark's corrupted ones were made of, or their list where they are not at hand.

Most benchmarks corrupt a dataset's own test set. Tiny-ImageNet-C and -P do not: their authors made Tiny ImageNet's
crops of ImageNet anew, so that the images, their names (``n01443537/test_1103.JPEG``) and the errors on them are not
those of Tiny ImageNet's validation set. The clean counterparts are an archive of their own,
``imagenet_val_bbox_crop``.
Source: ``make_tinyimagenet_c.py`` and ``make_tinyimagenet_p.py`` of hendrycks/robustness; its issues 16 and 39.
"""

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from robench import datasets
from robench.datasets import Source, npy_c, tree_c, video_p
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder, open_image_folder, photographs
from robench.datasets.imagenet_classes import wnids
from robench.errors import MissingDataError, RobenchError
from robench.suites.suite import Suite


@dataclass(frozen=True)
class CleanImages:
    """The test set that a benchmark is opened on.

    Attributes:
        full: the whole clean test set, or the list of the official folder's images.
        missing: why there are no clean images, or None where there are.
        are_others: these are not the images that the published benchmark shows.
    """

    full: Source
    missing: str | None = None
    are_others: bool = False


def open_clean_images(
    suite: Suite, data_dir: str | Path | None, folder: Path | None
) -> CleanImages:
    """Open the clean test set of a suite, or list its official folder's images where that is missing.

    ``data_dir`` holds the dataset's own folder; ``folder`` is the official folder in use, or None when clean images are
    corrupted on the fly. Raises MissingDataError where nothing is there, and RobenchError for what is damaged.
    """
    if suite.clean_folder is not None:
        return _open_with_own_counterparts(suite, suite.clean_folder, data_dir, folder)
    try:
        return CleanImages(datasets.load(suite.dataset, "test", data_dir))
    except MissingDataError as missing:
        if folder is None:
            raise
        return CleanImages(_listed_in_folder(suite, folder, missing), str(missing))


def _open_with_own_counterparts(
    suite: Suite, clean_folder: str, data_dir: str | Path | None, folder: Path | None
) -> CleanImages:
    """Open the counterparts where they are, else the dataset's own test set, as far as the folder is made of them."""
    root = Path(data_dir or ".") / clean_folder
    found: list[CleanImages] = []
    if root.is_dir():
        crops = open_image_folder(root, framing_of(suite.preset), suite.dataset)
        found.append(CleanImages(crops))
    if folder is not None or not found:
        try:
            own = datasets.load(suite.dataset, "test", data_dir)
            found.append(CleanImages(own, are_others=True))
        except MissingDataError:
            if folder is None:
                raise
    if folder is None:
        return found[0]
    listed = _listed_in_tree(suite, folder, None)
    for clean in found:
        if _share_names(suite, listed, clean.full):
            return clean
    for clean in found:  # the numbers of the classes are theirs, where a folder lacks some of them
        if set(listed.classes) < set(clean.full.classes):
            listed = _listed_in_tree(suite, folder, clean.full.classes)
    why = f"the clean images of {suite.name} are an archive of their own, which would lie in {root}"
    return CleanImages(listed, why)


def _listed_in_folder(suite: Suite, folder: Path, missing: MissingDataError) -> Source:
    """Return the list of an official folder's images, with their labels, where the clean ones are not at hand.

    Of arrays, the labels are those of ``labels.npy``; of a tree, its class folders'. Raises ``missing`` where the
    labels would be a guess.
    """
    if suite.tree_side_px is not None:
        if suite.dataset != "imagenet":  # only its classes have fixed numbers
            raise missing
        return _listed_in_tree(suite, folder, wnids())
    if suite.sequences:  # the -P archives of arrays have no labels
        raise missing
    return npy_c.listed_in(folder, suite.dataset, suite.corruptions + suite.extra, missing)


def _listed_in_tree(suite: Suite, folder: Path, classes: tuple[str, ...] | None) -> ImageFolder:
    """Return the images of the first condition or sequence that is there; of ``classes``, or those of its folders."""
    assert suite.tree_side_px is not None
    found: ImageFolder | None = None
    names = suite.corruptions + suite.extra
    if suite.sequences:
        for name in names:
            if found is None and video_p.has_sequence(folder, name):
                found = video_p.listed_in(folder, name, classes, suite.tree_side_px)
    else:
        for name, severity in product(names, suite.severities):
            if found is None and tree_c.has_condition(folder, name, severity):
                found = tree_c.listed_in(folder, name, severity, classes, suite.tree_side_px)
    if found is None:
        what = "sequences" if suite.sequences else "corruptions"
        raise RobenchError(f"{folder} holds none of the {what} of {suite.name}")
    return replace(found, name=suite.dataset, description="none at hand")


def _share_names(suite: Suite, listed: ImageFolder, clean: Source) -> bool:
    """Say whether the files of a tree were made of these clean images: whether any has the name of one."""
    paths_of = video_p.stored_paths if suite.sequences else tree_c.stored_paths
    return not set(paths_of(listed)).isdisjoint(paths_of(photographs(clean)))
