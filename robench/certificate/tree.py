"""The certificate of a tree of JPEG files: ImageNet-C, Tiny-ImageNet-C and their like, folder by folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import BENCHMARK, EXTRA, corrupt, families
from robench.certificate.arrays import OTHER_SEED
from robench.certificate.diagnosis import Diagnosis
from robench.certificate.residuals import compare, summaries
from robench.certificate.verdict import (
    DIFFERS,
    NOT_CHECKED,
    REPRODUCED,
    SAME_DISTRIBUTION,
    Verdict,
)
from robench.datasets.image_folder import BrokenImageError, ImageFolder, decoded
from robench.datasets.stored_jpeg import read_back
from robench.generation.tree_job import file_names

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class JpegTree:
    """A tree of JPEG files and what it is held against.

    Attributes:
        folder: the folder of the corruptions' folders.
        source: the clean photographs, framed; or None where they are not at hand.
        preset: whose constants the files should have.
        seed: with which they may have been generated.
        sample: int64 (n,), the positions of the photographs that are looked at.
        skipped: paths of photographs that were left out on purpose.
    """

    folder: Path
    source: ImageFolder | None
    preset: str
    seed: int
    sample: NDArray[np.int64]
    skipped: frozenset[str] = frozenset()

    def verdicts(self, progress: Callable[[str], object] = lambda name: None) -> Iterator[Verdict]:
        """Yield the verdict on every folder of a condition; ``progress`` is told each name before."""
        for name, corruption, severity in conditions_in(self.folder):
            progress(name)
            if self.source is None:
                yield Verdict(name, NOT_CHECKED, "no clean photographs to compare with")
            else:
                yield self._verdict(name, corruption, severity)

    def _verdict(self, name: str, corruption: str, severity: int) -> Verdict:
        if missing := self._missing(name):
            more = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
            return Verdict(name, DIFFERS, f"{missing[0]}{more} of {len(self._names)} missing")
        try:
            stored = self._stored(name)
        except BrokenImageError as error:
            return Verdict(name, DIFFERS, str(error))
        if stored.shape != self._clean.shape:
            side = " x ".join(map(str, stored.shape[1:3]))
            return Verdict(name, DIFFERS, f"{side} pixels instead of {self._clean.shape[1]}")
        made = self._fresh(corruption, severity, self.seed)
        if np.array_equal(stored, made):
            detail = f"{len(stored)} of {len(self._names)} photographs, with seed {self.seed}"
            return Verdict(name, REPRODUCED, detail)
        return self._statistical(name, corruption, severity, stored, made)

    def _statistical(
        self, name: str, corruption: str, severity: int, stored: Images, made: Images
    ) -> Verdict:
        other = self._fresh(corruption, severity, self.seed ^ OTHER_SEED)
        result = compare(
            {severity: summaries(stored, self._clean)}, {severity: summaries(other, self._clean)}
        )
        numbers = {"p_value": result.p_value, "shift": round(result.shift, 4)}
        if result.is_same:
            distance = np.abs(made.astype(np.int16) - stored).mean()
            detail = f"{len(stored)} photographs, {distance:.2f} levels from seed {self.seed} in the mean"
            return Verdict(name, SAME_DISTRIBUTION, detail, **numbers)
        detail = f"{result.summary} residual off by {result.shift:+.2f} levels"
        reason = self.diagnosis.sentence(corruption, {severity: stored})
        return Verdict(name, DIFFERS, f"{reason} ({detail})" if reason else detail, **numbers)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What folders may hold instead, made once for the tree."""
        seed = self.seed ^ OTHER_SEED
        return Diagnosis(self._clean, self.sample, self.preset, seed, read_back)

    @cached_property
    def _names(self) -> list[str]:
        """Every photograph's file, but for those left out."""
        assert self.source is not None
        names = zip(self.source.paths, file_names(self.source, sequences=False), strict=True)
        return [name for path, name in names if path not in self.skipped]

    @cached_property
    def _clean(self) -> Images:
        assert self.source is not None
        return self.source.select(self.sample).read(0, len(self.sample))

    def _missing(self, name: str) -> list[str]:
        found = {
            path.relative_to(self.folder / name).as_posix()
            for path in (self.folder / name).glob("*/*")
        }
        return [each for each in self._names if each not in found]

    def _stored(self, name: str) -> Images:
        assert self.source is not None
        sampled = file_names(self.source.select(self.sample), sequences=False)
        pictures = [np.asarray(decoded(self.folder / name / each)) for each in sampled]
        sizes = {picture.shape for picture in pictures}
        if len(sizes) > 1:
            raise BrokenImageError(f"pictures of {len(sizes)} sizes")
        return np.stack(pictures)

    def _fresh(self, corruption: str, severity: int, seed: int) -> Images:
        made = corrupt(
            self._clean, corruption, severity, preset=self.preset, seed=seed, indices=self.sample
        )
        return read_back(made)


def conditions_in(folder: Path) -> list[tuple[str, str, int]]:
    """Return (path, corruption, severity) of a tree's folders, in the benchmark's order, then by name.

    The corruptions may lie in folders of their families, as the archives of ImageNet-C have them.
    """
    order = {name: place for place, name in enumerate(BENCHMARK + EXTRA)}
    found = [
        (path.relative_to(folder).as_posix(), path.parent.name, int(path.name))
        for pattern in ("*/[1-5]", "*/*/[1-5]")
        for path in folder.glob(pattern)
        if path.is_dir() and path.parent.name in families()
    ]
    return sorted(found, key=lambda each: (order.get(each[1], len(order)), each))
