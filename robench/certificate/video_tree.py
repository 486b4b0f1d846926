"""The certificate of a tree of videos: ImageNet-P and its like, sequence by sequence."""

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from corruptions import (
    CORE_IMAGENET,
    EXTRA_IMAGENET,
    frame_count,
    perturb,
)
from robench.certificate.likeness import stranger_sentence
from robench.certificate.photograph_tree import Images, PhotographTree
from robench.certificate.residuals import MOSTLY, OTHER_SEED, compare, summaries
from robench.certificate.sequence_diagnosis import SequenceDiagnosis, tested_frames
from robench.certificate.verdict import DIFFERS, REPRODUCED, SAME_DISTRIBUTION, Verdict
from robench.datasets.video_file import BrokenVideoError, decode_video, read_video, require_video
from robench.datasets.video_p import open_sequences
from robench.errors import RobenchError
from robench.generation.video_file import encode_video, is_grainy, is_lossless

T = TypeVar("T")
Frames = dict[int, Images]  # frame -> uint8 (n, side, side, 3)


class VideoTree(PhotographTree):
    """A tree with a folder ``<sequence>`` per condition."""

    sequences = True

    @property
    def conditions(self) -> tuple[str, ...]:
        """The paths of the sequences' folders."""
        return sequences_in(self.folder)

    def verdict(self, condition: str) -> Verdict:
        """Return the verdict on a folder whose files are all there, going by the sampled photographs."""
        require_video("reading videos")
        name, root = Path(condition).name, (self.folder / condition).parent
        count, side_px = frame_count(name, preset=self.preset), self.clean.shape[1]
        stored = open_sequences(root, name, count, self.sampled, side_px)
        lossless = is_lossless((self.folder / condition / f"{stored.paths[0]}.mp4").read_bytes())
        tested = tested_frames(count)

        def compared(place: int) -> tuple[bool, Images, Images]:
            (kept,) = stored.read(place, place + 1)
            made = self._made(name, place, self.seed, lossless)
            return np.array_equal(kept, made), kept[tested], made[tested]

        results = self._of_each(compared)
        equal = np.array([is_equal for is_equal, _, _ in results])
        if equal.all():
            return Verdict(condition, REPRODUCED, self.reproduced_sentence(condition))
        kept = _by_frame(tested, [frames for _, frames, _ in results])
        made = _by_frame(tested, [frames for _, _, frames in results])
        if equal.mean() > MOSTLY:
            strange = self._stranger_sentence(kept, made)
            return Verdict(condition, DIFFERS, strange or self.changed_sentence(equal))
        return self._statistical(condition, kept, made, lossless)

    def _statistical(self, condition: str, stored: Frames, made: Frames, lossless: bool) -> Verdict:
        name, tested = Path(condition).name, list(stored)
        seed = self.seed ^ OTHER_SEED
        other = _by_frame(
            tested, self._of_each(lambda place: self._made(name, place, seed, lossless)[tested])
        )
        result = compare(
            {frame: summaries(images, self.clean) for frame, images in stored.items()},
            {frame: summaries(images, self.clean) for frame, images in other.items()},
        )
        numbers = {"p_value": result.p_value, "shift": round(result.shift, 4)}
        strange = self._stranger_sentence(stored, other)
        if result.is_same and strange:
            return Verdict(condition, DIFFERS, strange, **numbers)
        if result.is_same:
            apart = [np.abs(made[f].astype(np.int16) - stored[f]).mean() for f in tested]
            levels = f"{np.mean(apart):.2f} levels from seed {self.seed} in the mean"
            detail = f"{len(self.sample)} photographs, {levels}"
            return Verdict(condition, SAME_DISTRIBUTION, detail, **numbers)
        detail = (
            f"frame {result.block}: {result.summary} residual off by {result.shift:+.2f} levels"
        )
        codec = None if lossless else _through_codec
        reason = self.diagnosis.sentence(name, stored, codec) or strange
        return Verdict(condition, DIFFERS, f"{reason} ({detail})" if reason else detail, **numbers)

    def _stranger_sentence(self, stored: Frames, fresh: Frames) -> str:
        first = min(stored)
        return stranger_sentence(stored[first], fresh[first], self.clean, self.sampled_names)

    @cached_property
    def diagnosis(self) -> SequenceDiagnosis:
        """What folders may hold instead, made once for the tree."""
        seed = self.seed ^ OTHER_SEED
        return SequenceDiagnosis(self._pictures, self.clean, self.sample, self.preset, seed)

    @cached_property
    def _pictures(self) -> list[Images]:
        return self._of_each(self.sampled.uncropped)

    def _made(self, name: str, place: int, seed: int, lossless: bool) -> Images:
        """Return a photograph's sequence as it is read back from its file, uint8 (F, side, side, 3)."""
        (frames,) = perturb(
            self._pictures[place][None],
            name,
            preset=self.preset,
            seed=seed,
            indices=self.sample[[place]],
            crop_px=self.clean.shape[1],
            threads=1,
        )
        return frames if lossless else _through_codec(name, frames)

    def _of_each(self, made: Callable[[int], T]) -> list[T]:
        """Return what is made of every place of the sample, on all cores."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(made, range(len(self.sample))))


def sequences_in(folder: Path) -> tuple[str, ...]:
    """Return the paths of a tree's folders of sequences, in the benchmark's order, flat or in families' folders."""
    order = {name: place for place, name in enumerate(CORE_IMAGENET + EXTRA_IMAGENET)}
    found = [
        path.relative_to(folder).as_posix()
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.name in order and next(path.glob("*/*.mp4"), None)
    ]
    return tuple(sorted(found, key=lambda path: (order[path.split("/")[-1]], path)))


def side_px_of(folder: Path) -> int:
    """Return the side of the first readable video of a sequence; raise RobenchError where none is."""
    require_video("reading videos")
    for path in sorted(folder.glob("*/*.mp4")):
        with contextlib.suppress(BrokenVideoError):
            return int(read_video(path).shape[1])
    raise RobenchError(f"{folder} has no readable video")


def _through_codec(name: str, frames: Images) -> Images:
    return decode_video(encode_video(frames, grainy=is_grainy(name), lossless=False))


def _by_frame(tested: list[int], films: list[Images]) -> Frames:
    return dict(zip(tested, np.stack(films, axis=1), strict=True))
