"""How does a file differ? The corruption, severity, constants or order that it resembles most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corruptions import BENCHMARK, EXTRA, PRESETS, SEVERITIES, corrupt
from robench.certificate.residuals import compare, summaries

COUNT = 64  # images of the sample that candidates are made of
FAR = 0.5  # standard deviations, beyond which no candidate need be tested

Images = NDArray[np.uint8]
Candidate = tuple[str, int, str]  # corruption, severity, preset


@dataclass
class Diagnosis:
    """Candidates for what a file may hold, made once of a few clean images.

    Attributes:
        clean: uint8 (N, H, W, 3), a sample of the clean images.
        indices: int64 (N,).
        preset: whose constants the files should have.
        seed: of the candidates.
        store: what the layout's codec does to images; nothing for arrays.
    """

    clean: Images
    indices: NDArray[np.int64]
    preset: str
    seed: int
    store: Callable[[Images], Images] = lambda images: images
    _made: dict[Candidate, NDArray[np.float64]] = field(default_factory=dict)

    def sentence(self, corruption: str, stored: dict[int, Images]) -> str:
        """Return what the stored images, severity -> uint8 (N, H, W, 3), hold instead; "" where nothing fits.

        One cause for all severities is preferred to one for each, because presets share some of their constants.
        """
        fits = {severity: self._fits(corruption, images) for severity, images in stored.items()}
        own = (corruption, self.preset)
        for name, preset in (own, *self._causes(corruption)):
            if all((name, severity, preset) in fits[severity] for severity in stored):
                return "" if (name, preset) == own else f"it is {name} with the {preset} constants"
        words = []
        for severity, fitting in fits.items():
            if (corruption, severity, self.preset) in fitting:
                continue
            usual = {each: fitting[each] for each in fitting if each[2] == self.preset}
            if not fitting:
                return ""
            best = min(usual or fitting, key=fitting.__getitem__)
            words.append(f"severity {severity} holds {self._words(corruption, best)}")
        return "; ".join(words)

    def _causes(self, corruption: str) -> Iterator[tuple[str, str]]:
        """Yield what a whole file may be by one mistake: other constants, or another corruption."""
        yield from ((corruption, preset) for preset in PRESETS if preset != self.preset)
        yield from ((name, self.preset) for name in BENCHMARK + EXTRA if name != corruption)

    def _words(self, corruption: str, candidate: Candidate) -> str:
        name, level, preset = candidate
        if not level:
            return "clean images"
        words = [f"severity {level}"]
        words += [f"of {name}"] if name != corruption else []
        words += [f"with the {preset} constants"] if preset != self.preset else []
        return " ".join(words)

    def _fits(self, corruption: str, images: Images) -> dict[Candidate, float]:
        """Return the candidates that the images can be, with how far they are from each."""
        values = summaries(images[:COUNT], self.clean[:COUNT])
        near = {
            each: apart
            for each in self._candidates(corruption)
            if (apart := distance(values, self._candidate(each))) < FAR
        }
        return {
            each: apart
            for each, apart in near.items()
            if compare({0: values}, {0: self._candidate(each)}).is_same
        }

    def _candidates(self, corruption: str) -> Iterator[Candidate]:
        yield "clean", 0, self.preset
        for name in BENCHMARK + EXTRA:
            presets = PRESETS if name == corruption else (self.preset,)
            yield from ((name, level, preset) for level in SEVERITIES for preset in presets)

    def _candidate(self, candidate: Candidate) -> NDArray[np.float64]:
        if candidate not in self._made:
            name, level, preset = candidate
            clean, indices = self.clean[:COUNT], self.indices[:COUNT]
            keyed = {"preset": preset, "seed": self.seed, "indices": indices}
            images = corrupt(clean, name, level, **keyed) if level else clean  # type: ignore[arg-type]
            self._made[candidate] = summaries(self.store(images), clean)
        return self._made[candidate]


def distance(values: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return the mean over summaries of how far the paired means are apart, in standard deviations."""
    spread = values.std(0) + others.std(0) + 1
    return float((np.abs((values - others).mean(0)) / spread).mean())
