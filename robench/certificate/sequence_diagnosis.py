"""Which perturbation sequence do these frames resemble most?"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corruptions import PRESETS, frame_count, perturb, perturbation_names
from robench.certificate.diagnosis import FAR, distance
from robench.certificate.residuals import summaries

COUNT = 24  # images that candidates are made of
SHORTLIST, CODED_COUNT = 3, 8
FRAMES = 3  # of a sequence, are looked at

Images = NDArray[np.uint8]
Candidate = tuple[str, str]  # sequence, preset
Summaries = dict[int, NDArray[np.float64]]  # frame -> (N, 5)
Store = Callable[[str, Images], Images]  # sequence, its frames -> the frames read back


def tested_frames(count: int) -> list[int]:
    """Return which frames of so many are looked at: the second, the middle and the last."""
    return sorted(set(np.linspace(1, count - 1, FRAMES).astype(int).tolist()))


@dataclass
class SequenceDiagnosis:
    """Candidates for what a folder of sequences may hold, made once of a few clean pictures.

    Attributes:
        pictures: clean, uint8 (H, W, 3) each, with what lies around the square of ``side_px``.
        clean: uint8 (N, side, side, 3), the squares.
        indices: int64 (N,).
        preset: whose constants the sequences should have.
        seed: of the candidates.
    """

    pictures: Sequence[Images]
    clean: Images
    indices: NDArray[np.int64]
    preset: str
    seed: int
    _made: dict[Candidate, Summaries] = field(default_factory=dict)

    def sentence(self, name: str, stored: dict[int, Images], store: Store | None = None) -> str:
        """Return what the stored frames, frame -> uint8 (N, side, side, 3), are most like; "" if that is ``name``.

        ``store`` is what the layout's codec does to a sequence, where it changes pixels. It takes seconds, so it is
        only asked about the few candidates that are nearest without it.
        """
        near = self._distances(list(self._candidates(name)), stored, COUNT, None)
        if store is not None:
            shortlist = sorted(near, key=near.__getitem__)[:SHORTLIST]
            own = (name, self.preset)
            near = self._distances(list({*shortlist, own}), stored, CODED_COUNT, store)
        best = min(near, key=near.__getitem__)
        if best == (name, self.preset) or near[best] >= FAR:
            return ""
        constants = "" if best[1] == self.preset else f" with the {best[1]} constants"
        return f"it is most like {best[0]}{constants}"

    def _distances(
        self,
        candidates: list[Candidate],
        stored: dict[int, Images],
        count: int,
        store: Store | None,
    ) -> dict[Candidate, float]:
        """Return how far the first ``count`` images are from each candidate that has as many frames."""
        values = {f: summaries(part[:count], self.clean[:count]) for f, part in stored.items()}
        found = {}
        for each in candidates:
            made = self._raw(each) if store is None else self._summaries(each, count, store)
            if made.keys() == values.keys():
                found[each] = float(np.mean([distance(values[f], made[f]) for f in values]))
        return found

    def _candidates(self, name: str) -> Iterator[Candidate]:
        yield from ((each, self.preset) for each in perturbation_names())
        yield from ((name, preset) for preset in PRESETS if preset != self.preset)

    def _raw(self, candidate: Candidate) -> Summaries:
        if candidate not in self._made:
            self._made[candidate] = self._summaries(candidate, COUNT, None)
        return self._made[candidate]

    def _summaries(self, candidate: Candidate, count: int, store: Store | None) -> Summaries:
        name, preset = candidate
        tested = tested_frames(frame_count(name, preset=preset))

        def frames(place: int) -> Images:
            (film,) = perturb(
                self.pictures[place][None],
                name,
                preset=preset,
                seed=self.seed,
                indices=self.indices[[place]],
                crop_px=self.clean.shape[1],
                threads=1,
            )
            return (film if store is None else store(name, film))[tested]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            films = np.stack(list(pool.map(frames, range(min(count, len(self.clean))))), axis=1)
        clean = self.clean[: films.shape[1]]
        return {f: summaries(part, clean) for f, part in zip(tested, films, strict=True)}
