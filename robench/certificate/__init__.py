"""Is this folder the corrupted test set that it claims to be? A verdict on every file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench import datasets
from robench.certificate.arrays import ArrayFolder, file_names
from robench.certificate.photograph_tree import PhotographTree
from robench.certificate.tree import JpegTree, conditions_in
from robench.certificate.verdict import DIFFERS, Certificate, Verdict
from robench.certificate.video_tree import VideoTree, sequences_in, side_px_of
from robench.datasets import Source, stratified
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder, decoded, open_image_folder
from robench.errors import MissingDataError, RobenchError
from robench.generation.manifest import manifests_in
from robench.generation.order import benchmark
from robench.places import open_where_found

__all__ = ["Certificate", "Verdict", "verify"]

SAMPLE, VIDEO_SAMPLE = 256, 32
# What each shard's manifest lists for itself.
LISTS = ("files", "names", "skipped")
PRESET_OF_SIDE = {32: "cifar", 64: "tiny", 224: "imagenet", 299: "inception"}


def verify(
    folder: str | Path,
    *,
    data_dir: str | Path | None = None,
    source: str | Path | None = None,
    suite: str | None = None,
    preset: str | None = None,
    seed: int | None = None,
    sample: int | None = None,
    progress: Callable[[str], object] = lambda name: None,
) -> Certificate:
    """Certify every file of a corrupted test set.

    A file is *official* by its md5, *reproduced* when it is what this version makes of the clean images, of the *same
    distribution* when a paired test finds no difference, and else *differs*, with the reason where one is found.

    Args:
        folder: ``.npy`` files as in CIFAR-10-C or -P, a tree of JPEG files as ImageNet-C, or of videos as ImageNet-P.
        data_dir: of arrays, the folder that holds the clean dataset's own folder; as
            ``robench.places.data_places`` when None, where published files are certified without any, too.
        source: of a tree, the folder of clean photographs.
        suite: of arrays, such as ``"cifar-10-c"``; the manifest's dataset when None, or a guess from the labels.
        preset: whose constants; the manifest's or the suite's when None, or that of the pictures' size.
        seed: with which the folder may have been generated; the manifest's, or 0, when None.
        sample: how many images are looked at, per severity; 256 when None, but of videos, which take seconds each, 32.
        progress: is told each file's name before it is looked at.

    Raises:
        RobenchError: when there is nothing to verify, or the clean data is missing or does not fit.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RobenchError(f"no folder {folder}")
    made_by = _made_by(folder)
    chosen_seed = seed if seed is not None else int(made_by.get("seed", 0))
    kind: ArrayFolder | PhotographTree
    if any(folder.glob("*.npy")):
        kind = _array_folder(folder, made_by, data_dir, suite, preset, chosen_seed, sample)
        clean: Source | ImageFolder | None = kind.clean
    else:
        kind = _photograph_tree(folder, made_by, source, preset, chosen_seed, sample)
        clean = kind.source
    verdicts = (*kind.verdicts(progress), *_lost(made_by, kind))
    against = clean.description if clean is not None else "published md5 only"
    return Certificate(str(folder), against, len(kind.sample), chosen_seed, verdicts)


def _made_by(folder: Path) -> dict[str, Any]:
    """Return the content of the folder's manifest, with what all shards made and left out; {} without one."""
    found = [manifest.content for manifest in manifests_in(folder)]
    if not found:
        return {}
    together = {key: sorted({each for content in found for each in content[key]}) for key in LISTS}
    return found[0] | together


def _lost(made_by: dict[str, Any], kind: ArrayFolder | PhotographTree) -> Iterator[Verdict]:
    """Yield a verdict on everything that the manifest says was made and of which nothing is there."""
    if isinstance(kind, ArrayFolder):
        made, present = made_by.get("files", ()), file_names(kind.folder)
    else:
        names = made_by.get("names", ())
        levels = made_by.get("severities") or [""]
        made = [f"{name}/{level}".rstrip("/") for name in names for level in levels]
        # Families may have got folders of their own.
        present = [part for path in kind.conditions for part in (path, path.partition("/")[2])]
    for each in made:
        if each not in present:
            yield Verdict(each, DIFFERS, "missing: the manifest says that it was made")


def _array_folder(
    folder: Path,
    made_by: dict[str, Any],
    data_dir: str | Path | None,
    suite: str | None,
    preset: str | None,
    seed: int,
    sample: int | None,
) -> ArrayFolder:
    dataset, suite_preset = _dataset(folder, made_by, suite)
    needs_no_folder = dataset not in ("cifar-10", "cifar-100")
    clean = None
    try:
        clean, _ = open_where_found(lambda place: datasets.load(dataset, "test", place), data_dir)
    except MissingDataError:
        if data_dir is not None or needs_no_folder:
            raise
    positions = _sampled(clean, SAMPLE if sample is None else sample)
    chosen = preset or made_by.get("preset") or suite_preset
    return ArrayFolder(folder, dataset, clean, chosen, seed, positions)


def _dataset(folder: Path, made_by: dict[str, Any], suite: str | None) -> tuple[str, str]:
    """Return the dataset and its preset: as told, else as the manifest says, else by the largest label."""
    if suite is not None:
        target = benchmark(suite)
        return target.dataset, target.preset
    if made_by:
        return str(made_by["source"]["dataset"]), str(made_by["preset"])
    try:
        labels = np.load(folder / "labels.npy", allow_pickle=False)
        return ("cifar-10" if labels.max() < 10 else "cifar-100"), "cifar"
    except (OSError, ValueError, EOFError):
        raise RobenchError(
            f"{folder} has no readable labels.npy to tell the dataset by; give --suite, like cifar-10-c"
        ) from None


def _photograph_tree(
    folder: Path,
    made_by: dict[str, Any],
    source: str | Path | None,
    preset: str | None,
    seed: int,
    sample: int | None,
) -> PhotographTree:
    kind: type[PhotographTree]
    if conditions_in(folder):
        kind, side_px, usual = JpegTree, _side_px(folder), SAMPLE
    elif sequences := sequences_in(folder):
        kind, side_px, usual = VideoTree, side_px_of(folder / sequences[0]), VIDEO_SAMPLE
    else:
        raise RobenchError(
            f"{folder} has nothing to verify: expected <corruption>.npy, <corruption>/<severity>/ or "
            "<sequence>/<class>/<name>.mp4"
        )
    chosen = preset or made_by.get("preset") or PRESET_OF_SIDE.get(side_px)
    if chosen is None:
        raise RobenchError(f"{folder} has pictures of {side_px} pixels; give --preset")
    clean = None if source is None else open_image_folder(source, framing_of(chosen, side_px))
    skipped = frozenset(made_by.get("skipped", ()))
    positions = _sampled(clean, usual if sample is None else sample)
    if clean is not None:
        kept = [place for place in positions if clean.paths[place] not in skipped]
        positions = np.array(kept, np.int64)
    return kind(folder, clean, chosen, seed, positions, skipped)


def _side_px(folder: Path) -> int:
    for name, _, _ in conditions_in(folder):
        for path in sorted((folder / name).glob("*/*.*")):
            return decoded(path).size[0]
    raise RobenchError(f"{folder} has folders of corruptions but no pictures in them")


def _sampled(clean: Source | ImageFolder | None, sample: int) -> NDArray[np.int64]:
    if clean is None:
        return np.empty(0, np.int64)
    return stratified(clean.labels, _checked(sample, len(clean.labels)))


def _checked(count: int, images: int) -> int:
    """Return how many images to sample; raise RobenchError for fewer than the test needs."""
    if count < 20:
        raise RobenchError(f"--sample must be at least 20 images, got {count}")
    return min(count, images)
