"""The certificate of a tree of JPEG files: ImageNet-C, Tiny-ImageNet-C and their like, folder by folder."""

from functools import cached_property
from pathlib import Path

import numpy as np

from corruptions import BENCHMARK, EXTRA, corrupt, families
from robench.certificate.arrays import MOSTLY, OTHER_SEED
from robench.certificate.diagnosis import Diagnosis
from robench.certificate.photograph_tree import Images, PhotographTree
from robench.certificate.residuals import compare, summaries
from robench.certificate.verdict import DIFFERS, REPRODUCED, SAME_DISTRIBUTION, Verdict
from robench.datasets.image_folder import BrokenImageError, decoded
from robench.datasets.stored_jpeg import read_back
from robench.generation.tree_job import file_names


class JpegTree(PhotographTree):
    """A tree with a folder ``<corruption>/<severity>`` per condition."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The paths of the conditions' folders."""
        return tuple(path for path, _, _ in conditions_in(self.folder))

    def verdict(self, condition: str) -> Verdict:
        """Return the verdict on a folder whose files are all there, going by the sampled photographs."""
        corruption, severity = condition.split("/")[-2:]
        stored = self._stored(condition)
        if stored.shape != self.clean.shape:
            side = " x ".join(map(str, stored.shape[1:3]))
            found = f"{side} pixels instead of {self.clean.shape[1]}"
            return Verdict(condition, DIFFERS, found)
        made = self._fresh(corruption, int(severity), self.seed)
        equal = (stored == made).all((1, 2, 3))
        if equal.all():
            return Verdict(condition, REPRODUCED, self.reproduced_sentence(condition))
        if equal.mean() > MOSTLY:
            return Verdict(condition, DIFFERS, self.changed_sentence(equal))
        return self._statistical(condition, corruption, int(severity), stored, made)

    def _statistical(
        self, condition: str, corruption: str, severity: int, stored: Images, made: Images
    ) -> Verdict:
        other = self._fresh(corruption, severity, self.seed ^ OTHER_SEED)
        result = compare(
            {severity: summaries(stored, self.clean)}, {severity: summaries(other, self.clean)}
        )
        numbers = {"p_value": result.p_value, "shift": round(result.shift, 4)}
        if result.is_same:
            distance = np.abs(made.astype(np.int16) - stored).mean()
            detail = f"{len(stored)} photographs, {distance:.2f} levels from seed {self.seed} in the mean"
            return Verdict(condition, SAME_DISTRIBUTION, detail, **numbers)
        detail = f"{result.summary} residual off by {result.shift:+.2f} levels"
        reason = self.diagnosis.sentence(corruption, {severity: stored})
        return Verdict(condition, DIFFERS, f"{reason} ({detail})" if reason else detail, **numbers)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What folders may hold instead, made once for the tree."""
        seed = self.seed ^ OTHER_SEED
        return Diagnosis(self.clean, self.sample, self.preset, seed, read_back)

    def _stored(self, condition: str) -> Images:
        names = file_names(self.sampled, sequences=False)
        pictures = [np.asarray(decoded(self.folder / condition / name)) for name in names]
        sizes = {picture.shape for picture in pictures}
        if len(sizes) > 1:
            raise BrokenImageError(f"pictures of {len(sizes)} sizes")
        return np.stack(pictures)

    def _fresh(self, corruption: str, severity: int, seed: int) -> Images:
        made = corrupt(
            self.clean, corruption, severity, preset=self.preset, seed=seed, indices=self.sample
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
