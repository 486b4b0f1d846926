"""The layout of ImageNet-P: ``<sequence>/<class>/<name>.mp4``, flat or in folders of families.

The archives unpack to ``noise``, ``blur``, ``weather`` and ``digital`` or, with those merged, to the sequences
themselves, the stronger noises as ``gaussian_noise_2`` and the like; both are read. In the place of ``<name>.mp4``
there may be a folder ``<name>`` of the frames as pictures, in the order of their names. Frames are evaluated as they
are stored.
Source: Hendrycks & Dietterich 2019; Zenodo record 3565846 (ImageNet-P).
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from robench.arguments import argument
from robench.datasets.as_stored import AsStored
from robench.datasets.image_folder import SUFFIXES, ImageFolder, decoded
from robench.datasets.tree_c import GROUPS
from robench.datasets.video_file import BrokenVideoError, read_video, require_video
from robench.errors import RobenchError

DIGESTED_PER_SEQUENCE = 16


@dataclass(frozen=True)
class SequenceTree:
    """Sequences that are decoded as they are read.

    Attributes:
        folder: of the sequence.
        paths: N paths below it without a suffix, each of an .mp4 or of a folder of pictures.
        labels: int64 (N,).
        indices: int64 (N,), each image's number in the full dataset.
        frame_count: how many frames each must have.
        side_px: of every frame.
    """

    folder: Path
    paths: tuple[str, ...] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)
    frame_count: int
    side_px: int

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return sequences ``start`` to ``stop`` as uint8 (n, F, H, W, 3), decoded on all cores.

        Raises RobenchError for one that cannot be decoded, or has another number or size of frames.
        """
        with ThreadPoolExecutor() as pool:
            return np.stack(list(pool.map(self._sequence, self.paths[start:stop])))

    def _sequence(self, path: str) -> NDArray[np.uint8]:
        file = self.folder / path
        frames = _pictures(file) if file.is_dir() else read_video(_mp4(file))
        expected = (self.frame_count, self.side_px, self.side_px, 3)
        if frames.shape != expected:
            raise BrokenVideoError(
                f"{file}: expected {expected[0]} frames of {expected[1]} x {expected[2]} pixels, got {len(frames)} "
                f"of {frames.shape[1]} x {frames.shape[2]}; it is truncated or another sequence"
            )
        return frames


def sequence_folder(root: Path, name: str) -> Path:
    """Return the folder of a sequence, flat or grouped; raise RobenchError when there is none."""
    if not (found := _folders(root, name)):
        raise RobenchError(
            f"no {root / name}, nor below {', '.join(GROUPS)}; leave it out with "
            f"{argument('corruptions')}, or make it of the clean images with {argument('mode', 'on-the-fly')}"
        )
    return found[0]


def has_sequence(root: Path, name: str) -> bool:
    """Return whether there is a folder of that sequence."""
    return bool(_folders(root, name))


def _folders(root: Path, name: str) -> list[Path]:
    tried = [root / name, *(root / group / name for group in GROUPS)]
    return [folder for folder in tried if folder.is_dir()]


def open_sequences(
    root: Path, name: str, frame_count: int, listed: ImageFolder, side_px: int
) -> SequenceTree:
    """Open the sequences of a name that belong to the images of ``listed``, in the same order with the same labels.

    Only the folders are read here; a file is when its sequence is. Raises RobenchError when the folder or one of the
    sequences is missing, or PyAV is.
    """
    folder = sequence_folder(root, name)
    paths = stored_paths(listed)
    there = {
        f"{of_class}/{entry.name}"
        for of_class in {path.partition("/")[0] for path in paths}
        if (folder / of_class).is_dir()
        for entry in os.scandir(folder / of_class)
    }
    if any(f"{path}.mp4" in there for path in paths):
        require_video("reading videos")
    if missing := [path for path in paths if path not in there and f"{path}.mp4" not in there]:
        raise RobenchError(
            f"{folder}: {len(missing)} of {len(paths)} sequences missing (first {missing[0]}.mp4); the archive is not "
            "whole, or does not belong to these clean images"
        )
    return SequenceTree(folder, paths, listed.labels, listed.indices, frame_count, side_px)


def listed_in(root: Path, name: str, classes: tuple[str, ...], side_px: int) -> ImageFolder:
    """Return the list of images that a sequence has, where the clean images are not at hand.

    Raises RobenchError when it is missing or empty, or a class folder's name is not one of ``classes``.
    """
    folder = sequence_folder(root, name)
    numbers = {of_class: number for number, of_class in enumerate(classes)}
    found = sorted(
        {
            (of_class.name, entry.name.removesuffix(".mp4"))
            for of_class in folder.iterdir()
            if of_class.is_dir()
            for entry in os.scandir(of_class)
            if entry.is_dir() or entry.name.endswith(".mp4")
        }
    )
    if strange := [of_class for of_class, _ in found if of_class not in numbers]:
        raise RobenchError(f"{folder}: folder {strange[0]!r} is not a class of the benchmark")
    if not found:
        raise RobenchError(f"{folder} holds no <class>/<name>.mp4")
    return ImageFolder(
        name="sequences",
        description=f"{len(found)} sequences in {folder}",
        classes=classes,
        root=folder,
        paths=tuple(f"{of_class}/{stem}.mp4" for of_class, stem in found),
        labels=np.array([numbers[of_class] for of_class, _ in found], np.int64),
        indices=np.arange(len(found)),
        framing=AsStored(side_px),
    )


def stored_paths(listed: ImageFolder) -> tuple[str, ...]:
    """Return ``<class>/<name>`` of every image, its sequence's path below the folder of a name, without a suffix."""
    return tuple(
        f"{listed.classes[label]}/{PurePosixPath(path).stem}"
        for path, label in zip(listed.paths, listed.labels, strict=True)
    )


def sampled_sha256(root: Path, name: str, listed: ImageFolder) -> str:
    """Return a digest of a few sequences' files, evenly spread.

    What is missing has a digest too: the run that finds it there later is another one.
    """
    if not has_sequence(root, name):
        return "missing"
    folder = sequence_folder(root, name)
    paths = stored_paths(listed)
    digest = hashlib.sha256()
    for place in np.unique(np.linspace(0, len(paths) - 1, DIGESTED_PER_SEQUENCE).astype(int)):
        file = folder / paths[place]
        files = _picture_files(file) if file.is_dir() else [_mp4(file)]
        for each in files:
            content = each.read_bytes() if each.is_file() else b""
            digest.update(f"{paths[place]} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _mp4(path: Path) -> Path:
    return path.with_name(f"{path.name}.mp4")  # a name may hold dots of its own


def _pictures(folder: Path) -> NDArray[np.uint8]:
    frames = [np.asarray(decoded(path)) for path in _picture_files(folder)]
    if len({frame.shape for frame in frames}) != 1:
        raise BrokenVideoError(f"{folder}: expected frames of one size, got {len(frames)} pictures")
    return np.stack(frames)


def _picture_files(folder: Path) -> list[Path]:
    """Return the frames of a folder in their order: shorter names first, so that frame 2 comes before frame 10."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    return sorted(files, key=lambda path: (len(path.stem), path.stem))
