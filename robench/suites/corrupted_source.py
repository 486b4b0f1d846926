"""Clean images that are corrupted as they are read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import corruptions
from robench.datasets import Source
from robench.datasets.stored_jpeg import read_back
from robench.suites.condition import Condition


@dataclass(frozen=True)
class CorruptedSource:
    """A clean source whose images are corrupted as they are read, keyed by their indices.

    ``as_jpeg`` sends them through the JPEG file that the benchmark stores them in.
    """

    clean: Source
    condition: Condition
    preset: str
    seed: int
    as_jpeg: bool = False

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (N,), those of the clean images."""
        return self.clean.labels

    @property
    def indices(self) -> NDArray[np.int64]:
        """int64 (N,), those of the clean images."""
        return self.clean.indices

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return corrupted images ``start`` to ``stop`` as uint8 (n, H, W, 3)."""
        images = corruptions.corrupt(
            self.clean.read(start, stop),
            self.condition.corruption,
            self.condition.severity,
            preset=self.preset,
            seed=self.seed,
            indices=self.indices[start:stop],
        )
        return read_back(images) if self.as_jpeg else images
