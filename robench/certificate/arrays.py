"""The certificate of a folder of ``.npy`` files: CIFAR-10-C, CIFAR-10-P and their like."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import BENCHMARK, EXTRA, families, perturbation_names
from robench.certificate.diagnosis import Diagnosis
from robench.certificate.published import PUBLISHED_MD5
from robench.certificate.residuals import MOSTLY, OTHER_SEED, compare
from robench.certificate.sampled_file import SampledFile
from robench.certificate.sequence_diagnosis import SequenceDiagnosis
from robench.certificate.verdict import (
    DIFFERS,
    NOT_CHECKED,
    OFFICIAL,
    REPRODUCED,
    SAME_DISTRIBUTION,
    Verdict,
)
from robench.datasets import Source
from robench.datasets.npy_c import SEVERITY_COUNT
from robench.generation.arrays import LABELS, array_files
from robench.generation.order import Order

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class ArrayFolder:
    """A folder of arrays and what it is held against.

    Attributes:
        folder: the folder.
        dataset: whose published md5 to look for, such as ``"cifar-10"``.
        clean: the clean test set, or None where it is not at hand.
        preset: whose constants the files should have.
        seed: with which they may have been generated.
        sample: int64 (n,), the positions of the images that the statistical test looks at.
    """

    folder: Path
    dataset: str
    clean: Source | None
    preset: str
    seed: int
    sample: NDArray[np.int64]

    def verdicts(self, progress: Callable[[str], object] = lambda name: None) -> Iterator[Verdict]:
        """Yield the verdict on every file, labels first; ``progress`` is told each name before."""
        for name in file_names(self.folder):
            progress(name)
            yield self._verdict(name)

    def _verdict(self, name: str) -> Verdict:
        path = self.folder / name
        if name == LABELS and not path.exists():
            return Verdict(name, DIFFERS, "there is none")
        with path.open("rb") as file:
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        if md5 == PUBLISHED_MD5.get(self.dataset, {}).get(name):
            return Verdict(name, OFFICIAL, f"md5 {md5}")
        try:
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            size = path.stat().st_size
            return Verdict(name, DIFFERS, f"truncated or not a .npy file: {size} bytes ({error})")
        if self.clean is None:
            return Verdict(
                name, NOT_CHECKED, "not a known md5, and no clean images to compare with"
            )
        if name == LABELS:
            return labels_verdict(stored, self.clean.labels)
        return self._images_verdict(path.stem, stored)

    def _images_verdict(self, corruption: str, stored: Images) -> Verdict:
        name = f"{corruption}.npy"
        sequences = stored.ndim == 5
        if corruption not in (perturbation_names() if sequences else families()):
            return Verdict(name, NOT_CHECKED, "no corruption of that name")
        assert self.clean is not None
        order = Order(self.clean, (corruption,), sequences, self.preset, self.seed)
        _, expected = array_files(order)
        if stored.dtype != np.uint8 or stored.shape != expected.shape:
            found = f"{stored.dtype} {stored.shape} instead of uint8 {expected.shape}"
            return Verdict(name, DIFFERS, found)
        sampled = SampledFile(corruption, stored, self.clean, self.preset, self.sample)
        # In every severity, because whole severities that are others have a reason of their own.
        if min(sampled.shares_equal(self.seed)) > MOSTLY:
            return _whole_file(name, stored, expected.batches(), self.seed)
        return self._statistical(name, sampled)

    def _statistical(self, name: str, sampled: SampledFile) -> Verdict:
        fresh = sampled.summaries_of(sampled.fresh(self.seed ^ OTHER_SEED))
        result = compare(sampled.summaries_of(sampled.stored), fresh)
        numbers = {"p_value": result.p_value, "shift": round(result.shift, 4)}
        size = f"{len(self.sample)} images a {'frame' if sampled.sequences else 'severity'}"
        if result.is_same:
            distance = sampled.distance(self.seed)
            detail = f"{size}, {distance:.2f} levels from seed {self.seed} in the mean"
            return Verdict(name, SAME_DISTRIBUTION, detail, **numbers)
        where = f"{'frame' if sampled.sequences else 'severity'} {result.block}"
        detail = f"{where}: {result.summary} residual off by {result.shift:+.2f} levels"
        reason = sampled.offset_sentence()
        if not reason:
            diagnosis = self.sequence_diagnosis if sampled.sequences else self.diagnosis
            reason = diagnosis.sentence(sampled.corruption, sampled.stored)
        return Verdict(name, DIFFERS, f"{reason} ({detail})" if reason else detail, **numbers)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What files may hold instead, made once for the folder."""
        assert self.clean is not None
        part = self.clean.select(self.sample)
        clean = part.read(0, len(self.sample))
        return Diagnosis(clean, part.indices, self.preset, self.seed ^ OTHER_SEED)

    @cached_property
    def sequence_diagnosis(self) -> SequenceDiagnosis:
        """What files of sequences may hold instead, made once for the folder."""
        assert self.clean is not None
        part = self.clean.select(self.sample)
        clean = part.read(0, len(self.sample))
        seed = self.seed ^ OTHER_SEED
        return SequenceDiagnosis(list(clean), clean, part.indices, self.preset, seed)


def file_names(folder: Path) -> list[str]:
    """Return the ``.npy`` files of a folder: labels, then the benchmark's order, then the rest by name."""
    found = {path.name for path in folder.glob("*.npy")}
    order = [LABELS, *(f"{name}.npy" for name in BENCHMARK + EXTRA)]
    known = [name for name in order if name in found or name == LABELS]
    return known + sorted(found.difference(known))


def labels_verdict(stored: NDArray, labels: NDArray[np.int64]) -> Verdict:
    """Hold ``labels.npy`` against the clean labels, once for sequences or five times for corruptions."""
    expected = np.tile(labels, max(1, len(stored) // len(labels))) if stored.ndim else labels
    if stored.shape not in (labels.shape, (SEVERITY_COUNT * len(labels),)):
        shape = f"{SEVERITY_COUNT * len(labels)} labels (or {len(labels)} of sequences)"
        return Verdict(LABELS, DIFFERS, f"shape {stored.shape} instead of {shape}")
    wrong = int(np.count_nonzero(stored != expected))
    if not wrong:
        return Verdict(LABELS, REPRODUCED, f"the clean labels, as {stored.dtype}")
    for offset in (1, -1, 2, -2, 3, -3):
        if np.count_nonzero(np.roll(expected, -offset) != stored) <= abs(offset) * SEVERITY_COUNT:
            direction = "early" if offset > 0 else "late"
            detail = (
                f"every label stands {abs(offset)} place{'s' * (abs(offset) > 1)} too {direction}"
            )
            return Verdict(LABELS, DIFFERS, detail)
    return Verdict(LABELS, DIFFERS, f"{wrong} of {len(stored)} labels are not those of the images")


def _whole_file(name: str, stored: Images, made: Iterator[Images], seed: int) -> Verdict:
    """Compare every image of a file that was made by this version."""
    place, wrong, first = 0, 0, -1
    for batch in made:
        part = np.asarray(stored[place : place + len(batch)])
        if not np.array_equal(part, batch):
            unequal = np.flatnonzero((part != batch).reshape(len(batch), -1).any(1))
            first = place + int(unequal[0]) if first < 0 else first
            wrong += len(unequal)
        place += len(batch)
    if wrong:
        detail = f"{wrong} of {len(stored)} images were changed, the first is number {first}"
        return Verdict(name, DIFFERS, detail)
    return Verdict(name, REPRODUCED, f"with seed {seed}")
