"""The clean images that a model is examined with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robench.datasets import stratified
from robench.suites.benchmark import Benchmark

LARGEST_BATCH = 100
BATCH_PIXELS = 8 * 224 * 224


@dataclass(frozen=True)
class Sample:
    """``images`` uint8 (n, H, W, 3), ``labels`` int64 (n,), and the names of all classes."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def between(self, start: int, stop: int) -> "Sample":
        """Return the images from ``start`` to ``stop``, or to the end; a part is as mixed as the whole."""
        return Sample(self.images[start:stop], self.labels[start:stop], self.classes)


def sample_of(benchmark: Benchmark, limit: int) -> Sample:
    """Return ``limit`` clean images, spread over the classes and shuffled; all if there are no more."""
    full = benchmark.full
    chosen = stratified(full.labels, min(limit, len(full.labels)))
    clean = full.select(np.random.default_rng(0).permutation(chosen))
    return Sample(clean.read(0, len(chosen)), clean.labels, full.classes)


def batch_size_for(size_px: tuple[int, int]) -> int:
    """Return how many images to show at once: few large ones, whose activations would not stay in the caches."""
    height, width = size_px
    return max(1, min(LARGEST_BATCH, BATCH_PIXELS // (height * width)))
