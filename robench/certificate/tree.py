"""The certificate of a tree of JPEG files: ImageNet-C, Tiny-ImageNet-C and their like, folder by folder."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from corruptions import BENCHMARK, EXTRA, PRESETS, corrupt, families
from robench.certificate.diagnosis import Diagnosis
from robench.certificate.likeness import nearer_framing, stranger_sentence
from robench.certificate.photograph_tree import Images, PhotographTree
from robench.certificate.residuals import MOSTLY, OTHER_SEED, compare, summaries
from robench.certificate.verdict import DIFFERS, REPRODUCED, SAME_DISTRIBUTION, Verdict
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import BrokenImageError, ImageFolder, decoded
from robench.datasets.stored_jpeg import read_back


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
            strange = stranger_sentence(stored, made, self.clean, self.sampled_names)
            return Verdict(condition, DIFFERS, strange or self.changed_sentence(equal))
        return self._statistical(condition, corruption, int(severity), stored, made)

    def _statistical(
        self, condition: str, corruption: str, severity: int, stored: Images, made: Images
    ) -> Verdict:
        other = self._fresh(corruption, severity, self.seed ^ OTHER_SEED)
        result = compare(
            {severity: summaries(stored, self.clean)}, {severity: summaries(other, self.clean)}
        )
        numbers = {"p_value": result.p_value, "shift": round(result.shift, 4)}
        strange = stranger_sentence(stored, other, self.clean, self.sampled_names)
        if result.is_same and strange:
            return Verdict(condition, DIFFERS, strange, **numbers)
        if result.is_same:
            distance = np.abs(made.astype(np.int16) - stored).mean()
            detail = f"{len(stored)} photographs, {distance:.2f} levels from seed {self.seed} in the mean"
            return Verdict(condition, SAME_DISTRIBUTION, detail, **numbers)
        detail = f"{result.summary} residual off by {result.shift:+.2f} levels"
        reason = self._reframed_sentence(corruption, severity, stored, other)
        reason = reason or self.diagnosis.sentence(corruption, {severity: stored}) or strange
        return Verdict(condition, DIFFERS, f"{reason} ({detail})" if reason else detail, **numbers)

    def _reframed_sentence(
        self, corruption: str, severity: int, stored: Images, fresh: Images
    ) -> str:
        """Return as which preset the photographs were framed, if not as this one, and what else is wrong; else ""."""
        clean = {preset: each.clean for preset, each in self._other_framings.items()}
        preset = nearer_framing(stored, self.clean, clean)
        # Some corruptions by themselves resemble another framing, as zoom_blur does.
        if preset is None or nearer_framing(fresh, self.clean, clean):
            return ""
        framed = f"framed as {preset} frames photographs"
        more = self._other_framings[preset].sentence(corruption, {severity: stored})
        return f"{framed}; {more}" if more else framed

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What folders may hold instead, made once for the tree."""
        return self._diagnosis_of(self.clean)

    @cached_property
    def _other_framings(self) -> dict[str, Diagnosis]:
        """Preset -> the same of photographs that are framed as that preset frames them, where it shows another part."""
        side_px = self.clean.shape[1]
        found: dict[str, ImageFolder] = {}
        for preset in PRESETS:
            framing = framing_of(preset, side_px)
            if framing not in (self.sampled.framing, *(each.framing for each in found.values())):
                found[preset] = replace(self.sampled, framing=framing)
        return {
            preset: self._diagnosis_of(source.read(0, len(self.sample)))
            for preset, source in found.items()
        }

    def _diagnosis_of(self, clean: Images) -> Diagnosis:
        return Diagnosis(clean, self.sample, self.preset, self.seed ^ OTHER_SEED, read_back)

    def _stored(self, condition: str) -> Images:
        folder = self.folder / condition
        pictures = [np.asarray(decoded(folder / name)) for name in self.sampled_names]
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
