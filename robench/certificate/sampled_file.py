"""A sample of one ``.npy`` file, beside what this version makes of the same clean images."""

import numpy as np
from numpy.typing import NDArray

from corruptions import corrupt, perturb
from robench.certificate.likeness import offset_of
from robench.certificate.residuals import summaries
from robench.certificate.sequence_diagnosis import tested_frames
from robench.datasets import Source
from robench.datasets.npy_c import SEVERITY_COUNT

Images = NDArray[np.uint8]


class SampledFile:
    """A few images of one file in every severity (or three frames), with their clean ones.

    ``stored`` is severity or frame -> uint8 (n, H, W, 3).
    """

    def __init__(
        self,
        corruption: str,
        stored: Images,
        clean: Source,
        preset: str,
        positions: NDArray[np.int64],
    ) -> None:
        part = clean.select(positions)
        self.corruption = corruption
        self.sequences = stored.ndim == 5
        self._source = clean
        self._preset = preset
        self._positions = positions
        self._indices = part.indices
        self._clean = part.read(0, len(positions))
        if self.sequences:
            frames = tested_frames(stored.shape[1])
            self.stored = {frame: np.asarray(stored[positions, frame]) for frame in frames}
        else:
            count = len(clean.labels)
            self.stored = {
                severity: np.asarray(stored[(severity - 1) * count + positions])
                for severity in range(1, SEVERITY_COUNT + 1)
            }

    def fresh(self, seed: int) -> dict[int, Images]:
        """Return the same images as this version makes them."""
        keyed = {"preset": self._preset, "seed": seed, "indices": self._indices}
        if self.sequences:
            films = perturb(self._clean, self.corruption, **keyed)  # type: ignore[arg-type]
            return {frame: films[:, frame] for frame in self.stored}
        return {
            severity: corrupt(self._clean, self.corruption, severity, **keyed)  # type: ignore[arg-type]
            for severity in self.stored
        }

    def shares_equal(self, seed: int) -> list[float]:
        """Return per severity or frame the share of images that are exactly those of this version and ``seed``."""
        made = self.fresh(seed)
        return [
            float((made[block] == images).all((1, 2, 3)).mean())
            for block, images in self.stored.items()
        ]

    def distance(self, seed: int) -> float:
        """Return the mean absolute difference from this version's images, in levels."""
        made = self.fresh(seed)
        parts = [
            np.abs(made[block].astype(np.int16) - images).mean()
            for block, images in self.stored.items()
        ]
        return float(np.mean(parts))

    def summaries_of(self, images: dict[int, Images]) -> dict[int, NDArray[np.float64]]:
        """Return the residual summaries per severity or frame."""
        return {block: summaries(part, self._clean) for block, part in images.items()}

    def offset_sentence(self) -> str:
        """Return by how many places the images are shifted against the clean ones; "" when they are not."""
        mildest = next(iter(self.stored.values()))
        count = len(self._source.labels)

        def read(offset: int) -> Images:
            part = self._source.select((self._positions + offset) % count)
            return part.read(0, len(self._positions))

        offset = offset_of(mildest, self._positions, read)
        if not offset:
            return ""
        direction = "early" if offset > 0 else "late"
        return f"every image stands {abs(offset)} place{'s' * (abs(offset) > 1)} too {direction}"
