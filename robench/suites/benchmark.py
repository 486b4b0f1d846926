"""A suite with its data: the images of every condition, from the official folder or corrupted on the fly."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import PRESETS, frame_count
from robench.arguments import argument
from robench.datasets import Source, stratified
from robench.datasets.image_folder import ImageFolder
from robench.datasets.npy_p import SequenceArray
from robench.datasets.official_count import OFFICIAL_COUNTS
from robench.datasets.video_p import SequenceTree
from robench.errors import MissingDataError, RobenchError
from robench.registry import unknown_name
from robench.suites import own_folder, stored_sequences
from robench.suites.clean_images import open_clean_images
from robench.suites.condition import CLEAN, Condition
from robench.suites.corrupted_source import CorruptedSource
from robench.suites.official_folder import (
    folder_sha256,
    found_folder,
    open_stored,
)
from robench.suites.perturbed_source import PerturbedSource
from robench.suites.subset import SUBSETS
from robench.suites.suite import AUTO_PRESET, Suite

Images = Source | CorruptedSource | PerturbedSource | SequenceArray | SequenceTree

DATA_MODES = ("auto", "folder", "on-the-fly")


@dataclass(frozen=True)
class Benchmark:
    """An opened suite: ``source(condition)`` gives the images of a condition.

    Attributes:
        suite: the description, with the preset that is used.
        full: the whole clean test set, or where that is missing the list of the official folder's images.
        positions: int64 (n,), which of its images are evaluated.
        folder: the official folder in use, or None when the clean images are corrupted on the fly.
        seed: of the corruptions on the fly.
        clean_missing: why there are no clean images, or None where there are.
        other_images: the images are not those that the published benchmark shows.
        subset: the name of the part that is evaluated, where it has one.
    """

    suite: Suite
    full: Source
    positions: NDArray[np.int64]
    folder: Path | None
    seed: int
    clean_missing: str | None = None
    other_images: bool = False
    subset: str | None = None

    @property
    def on_the_fly(self) -> bool:
        """Are the images corrupted or perturbed while they are evaluated, not read from a folder?"""
        return self.folder is None and bool(self.suite.corruptions)

    @property
    def clean(self) -> Source:
        """The clean images that are evaluated."""
        if len(self.positions) == len(self.full.labels):
            return self.full
        return self.full.select(self.positions)

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of the images."""
        if isinstance(self.full, ImageFolder):  # says so without reading a file that may be broken
            return self.full.framing.side_px, self.full.framing.side_px
        height, width = self.full.read(0, 1).shape[1:3]
        return height, width

    def frame_count(self, condition: Condition) -> int:
        """Return how many frames an image has in a condition: 1 but in sequences."""
        if not condition.is_sequence:
            return 1
        return frame_count(condition.corruption, preset=self.suite.preset)

    def source(self, condition: Condition) -> Images:
        """Return the images of one condition; raise RobenchError when they are missing or damaged."""
        if condition == CLEAN:
            if self.clean_missing:
                raise RobenchError(f"no clean images: {self.clean_missing}")
            return self.clean
        if condition.is_sequence:
            return self._sequences(condition.corruption)
        if self.folder is not None:
            return open_stored(self.suite, self.folder, condition, self.full, self.positions)
        as_jpeg = self.suite.tree_side_px is not None
        return CorruptedSource(self.clean, condition, self.suite.preset, self.seed, as_jpeg)

    def _sequences(self, name: str) -> SequenceArray | SequenceTree | PerturbedSource:
        if self.folder is None:
            return PerturbedSource(self.clean, name, self.suite.preset, self.seed)
        return stored_sequences.open_stored(
            self.suite, self.folder, name, self.full, self.positions
        )

    def description(self) -> str:
        """Return in a sentence where the images come from."""
        chosen = len(self.positions)
        part = (
            ""
            if chosen == len(self.full.labels)
            else f"{chosen} of {len(self.full.labels)} images of "
        )
        if self.folder is not None:
            what = "sequences" if self.suite.sequences else "corrupted images"
            return f"{part}the {what} in {self.folder} (clean: {self.full.description})"
        if not self.suite.corruptions:
            used = self.suite.classes_used
            return f"{part}{self.full.description}" + (
                f", among {len(used)} classes" if used else ""
            )
        verb, stored = "corrupted", ""
        framed = ""
        if self.suite.dataset == own_folder.NAME and isinstance(self.full, ImageFolder):
            framed = f", {own_folder.framing_sentence(self.full)}"
        if self.suite.sequences:
            verb = "perturbed"
        if self.suite.tree_side_px is not None:
            stored = ", frames not compressed" if self.suite.sequences else ", as JPEG files"
        return (
            f"{part}{self.full.description}{framed}, {verb} on the fly "
            f"(preset {self.suite.preset}, seed {self.seed}{stored})"
        )

    def notes(self) -> tuple[str, ...]:
        """Return in sentences what a reader of the numbers must know of the images, most of all what they lack."""
        found = [self.incomplete(), self._other_images_sentence(), *self.image_notes]
        return tuple(sentence for sentence in found if sentence)

    @property
    def image_notes(self) -> tuple[str, ...]:
        """What was noticed of the image files themselves, in sentences."""
        return self.full.notes if isinstance(self.full, ImageFolder) else ()

    def _other_images_sentence(self) -> str | None:
        if not self.other_images:
            return None
        return (
            f"these are {self.suite.dataset}'s validation images, not those of the published {self.suite.name}, "
            f"which are other crops of ImageNet ({self.suite.clean_folder}) with higher errors: do not compare with "
            "published numbers"
        )

    def incomplete(self) -> str | None:
        """Return in a sentence what the test set lacks of the published one, or None."""
        found, official = len(self.full.labels), OFFICIAL_COUNTS.get(self.full.name)
        if official is None or found == official:
            return None
        return (
            f"{found:,} images are here of the {official:,} of the {self.full.name} test set: published numbers are "
            "of all of them"
        )

    def manifest_sha256(self) -> str:
        """Return a digest of the clean images, and of the official folder's files where one is in use.

        Of a tree of files, a sample is read.
        """
        if self.clean_missing:
            listed = "\n".join(map(str, self.clean.indices)).encode()
            digest = hashlib.sha256(listed)
        else:
            digest = hashlib.sha256(self.clean.manifest_sha256().encode())
        if self.folder is not None:
            of_folder = stored_sequences.folder_sha256 if self.suite.sequences else folder_sha256
            digest.update(of_folder(self.suite, self.folder, self.clean).encode())
        return digest.hexdigest()


def open_benchmark(
    suite: Suite,
    data_dir: str | Path | None = None,
    *,
    mode: str = "auto",
    seed: int = 0,
    limit: int | None = None,
    subset: str | None = None,
    preset: str | None = None,
    size_px: int | None = None,
    classes: tuple[str, ...] | None = None,
) -> Benchmark:
    """Open a suite's data.

    Args:
        suite: what to open.
        data_dir: the folder that holds the dataset's and the official corrupted folders; embedded suites need none.
        mode: ``"folder"`` uses the official corrupted images, ``"on-the-fly"`` corrupts the clean ones, and ``"auto"``
            takes the folder where there is one.
        seed: of the corruptions on the fly.
        limit: evaluate this many images, spread evenly over the classes; all when None.
        subset: or evaluate a part that is known by name, of ``robench.suites.subset``.
        preset: whose constants to use, for the suite ``folder`` only; by the pictures' size when None.
        size_px: the side of the squares that the network is shown, for the suite ``folder`` only; see ``own_folder``.
        classes: the class folders in the order of the network's outputs, for the suite ``folder`` only.

    Raises:
        RobenchError: when data is missing or damaged, or an option cannot be.
    """
    _check(suite, mode, seed, limit, subset, preset)
    if suite.preset != AUTO_PRESET and (size_px is not None or classes is not None):
        raise RobenchError(
            f"{suite.name} has its own size and classes; --size and --classes are for folder"
        )
    folder = _chosen_folder(suite, data_dir, mode)
    if suite.preset == AUTO_PRESET:
        pictures, chosen = own_folder.open_framed(data_dir, preset, size_px, classes)
        suite = replace(suite, preset=chosen)
        chosen_ones = _positions(pictures, limit, subset)
        return Benchmark(suite, pictures, chosen_ones, None, seed, subset=subset)
    clean = open_clean_images(suite, data_dir, folder)
    positions = _positions(clean.full, limit, subset)
    return Benchmark(
        suite, clean.full, positions, folder, seed, clean.missing, clean.are_others, subset
    )


def _check(
    suite: Suite,
    mode: str,
    seed: int,
    limit: int | None,
    subset: str | None,
    preset: str | None,
) -> None:
    """Raise RobenchError for options that cannot be, before any data is read."""
    if mode not in DATA_MODES:
        raise RobenchError(f"data mode must be one of {', '.join(DATA_MODES)}, got {mode!r}")
    if mode != "auto" and not suite.corruptions:
        raise RobenchError(
            f"{suite.name} has no corruptions, so {argument('mode')} does not apply to it"
        )
    if mode == "on-the-fly" and suite.folder_only:
        raise RobenchError(
            f"{suite.name} cannot be made on the fly; it is evaluated from its published folder only"
        )
    if not 0 <= seed < 2**64:
        raise RobenchError(f"seed must be 0 to 2**64 - 1, got {seed}")
    if limit is not None and subset is not None:
        raise RobenchError(
            f"{argument('limit')} and {argument('subset')} both choose images; give one of them"
        )
    if preset is not None and suite.preset != AUTO_PRESET:
        raise RobenchError(
            f"{suite.name} has its own preset, {suite.preset}; {argument('preset')} is for folder"
        )
    if preset is not None and preset not in PRESETS:
        raise RobenchError(unknown_name("preset", preset, PRESETS))


def _chosen_folder(suite: Suite, data_dir: str | Path | None, mode: str) -> Path | None:
    if mode == "on-the-fly" or (mode == "auto" and suite.folder is None):
        return None
    if suite.folder is None:
        raise RobenchError(f"{suite.name} has no official folder; it is always made on the fly")
    found = found_folder(suite, Path(data_dir or "."))
    if found is None and (mode == "folder" or suite.folder_only):
        other = f"give {argument('mode', 'on-the-fly')} to corrupt the clean images"
        if suite.folder_only:
            other = f"`robench download {suite.name} --data-dir DIR --where` says where to get it"
        raise MissingDataError(
            f"{suite.name}: no folder {Path(data_dir or '.') / suite.folder}; {other}"
        )
    return found


def _positions(full: Source, limit: int | None, subset: str | None) -> NDArray[np.int64]:
    if subset is not None:
        return SUBSETS[subset](full)
    return np.arange(len(full.labels)) if limit is None else stratified(full.labels, limit)
