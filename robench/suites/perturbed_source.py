"""Clean images that become perturbation sequences as they are read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import corruptions
from robench.datasets import Source
from robench.datasets.image_folder import ImageFolder


@dataclass(frozen=True)
class PerturbedSource:
    """A clean source whose images become sequences as they are read, keyed by their indices.

    They are the frames that ``robench generate`` computes, before it encodes those of photographs as videos.
    """

    clean: Source
    name: str
    preset: str
    seed: int

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (N,), those of the clean images."""
        return self.clean.labels

    @property
    def indices(self) -> NDArray[np.int64]:
        """int64 (N,), those of the clean images."""
        return self.clean.indices

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return sequences ``start`` to ``stop`` as uint8 (n, F, H, W, 3)."""
        if isinstance(self.clean, ImageFolder):
            return self._of_photographs(self.clean, range(start, stop))
        return corruptions.perturb(
            self.clean.read(start, stop),
            self.name,
            preset=self.preset,
            seed=self.seed,
            indices=self.indices[start:stop],
        )

    def _of_photographs(self, folder: ImageFolder, positions: range) -> NDArray[np.uint8]:
        """Perturb photographs before they are cropped, each by itself since they differ in size."""

        def sequence(position: int) -> NDArray[np.uint8]:
            return corruptions.perturb(
                folder.uncropped(position)[None],
                self.name,
                preset=self.preset,
                seed=self.seed,
                indices=self.indices[[position]],
                threads=1,
                crop_px=folder.framing.side_px,
            )[0]

        with ThreadPoolExecutor() as pool:
            return np.stack(list(pool.map(sequence, positions)))
