"""The certificate of a tree of files made of photographs, folder by folder: what JPEG and video trees share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.certificate.tree_files import TreeFiles
from robench.certificate.verdict import DIFFERS, NOT_CHECKED, Verdict
from robench.datasets.image_folder import BrokenImageError, ImageFolder
from robench.datasets.video_file import BrokenVideoError
from robench.errors import RobenchError
from robench.generation.tree_job import file_names

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class PhotographTree(ABC):
    """A tree of files and what it is held against.

    Attributes:
        folder: the folder of the conditions' folders.
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
    sequences = False

    def refuse_other_photographs(self) -> None:
        """Raise RobenchError if no file of the tree has the name of a photograph, so that these cannot be its origin.

        Tiny-ImageNet-C as published has no name of Tiny ImageNet's: see ``robench.suites.clean_images``.
        """
        if self.source is None:
            return
        expected = set(self._names)
        for condition in self.conditions:
            found = [
                f"{path.parent.name}/{path.name}" for path in (self.folder / condition).glob("*/*")
            ]
            if found and expected.isdisjoint(found):
                own = ""
                if self.preset == "tiny":
                    own = "; those of Tiny-ImageNet-C and -P are the folder imagenet_val_bbox_crop"
                raise RobenchError(
                    f"{self.folder / condition} was made of other photographs than those in {self.source.root}: "
                    f"none of its {len(found)} files, such as {found[0]}, has the name of one{own}"
                )

    def verdicts(self, progress: Callable[[str], object] = lambda name: None) -> Iterator[Verdict]:
        """Yield the verdict on every folder of a condition; ``progress`` is told each name before."""
        for condition in self.conditions:
            progress(condition)
            fault = self.files.fault(condition)
            verdict = Verdict(condition, DIFFERS, fault) if fault else self._by_content(condition)
            if not fault and (changed := self.files.changed_sentence(condition)):
                words = f"{verdict.detail}; {changed}" if verdict.verdict == DIFFERS else changed
                verdict = replace(verdict, verdict=DIFFERS, detail=words)
            yield verdict

    def _by_content(self, condition: str) -> Verdict:
        if self.source is None:
            return Verdict(condition, NOT_CHECKED, self._unchecked(condition))
        try:
            return self.verdict(condition)
        except (BrokenImageError, BrokenVideoError) as error:
            return Verdict(condition, DIFFERS, str(error))

    @property
    @abstractmethod
    def conditions(self) -> tuple[str, ...]:
        """The paths of the conditions' folders."""

    @abstractmethod
    def verdict(self, condition: str) -> Verdict:
        """Return the verdict on a folder whose files are all there, going by the sampled photographs."""

    @cached_property
    def files(self) -> TreeFiles:
        """What every folder must hold."""
        names = None if self.source is None else tuple(self._names)
        return TreeFiles(self.folder, self.conditions, names)

    def reproduced_sentence(self, condition: str) -> str:
        """Return how many files were looked at, for a folder that is reproduced."""
        looked_at = f"{len(self.sample)} of {len(self._names)} photographs, with seed {self.seed}"
        recorded = self.files.recorded_sentence(condition)
        return f"{looked_at}; {recorded}" if recorded else looked_at

    def changed_sentence(self, equal: NDArray[np.bool_]) -> str:
        """Return which of the sampled files, bool (n,), are not equal where most are."""
        unequal = np.flatnonzero(~equal)
        first = self.sampled_names[unequal[0]]
        return f"{len(unequal)} of {len(equal)} files were changed, the first is {first}"

    @cached_property
    def sampled(self) -> ImageFolder:
        """The sampled photographs."""
        assert self.source is not None
        return self.source.select(self.sample)

    @cached_property
    def sampled_names(self) -> list[str]:
        """Their files, as ``<class>/<name>``."""
        return file_names(self.sampled, self.sequences)

    @cached_property
    def clean(self) -> Images:
        """The sampled photographs' squares, uint8 (n, side, side, 3)."""
        return self.sampled.read(0, len(self.sample))

    @cached_property
    def _names(self) -> list[str]:
        """Every photograph's file, but for those left out."""
        assert self.source is not None
        names = zip(self.source.paths, file_names(self.source, self.sequences), strict=True)
        return [name for path, name in names if path not in self.skipped]

    def _unchecked(self, condition: str) -> str:
        recorded = self.files.recorded_sentence(condition)
        nothing = "no clean photographs to compare with"
        return f"{nothing}; {recorded}" if recorded else nothing
