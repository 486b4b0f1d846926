"""The clean images that a model is examined with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robench.datasets import stratified
from robench.suites.benchmark import Benchmark


@dataclass(frozen=True)
class Sample:
    """``images`` uint8 (n, H, W, 3), ``labels`` int64 (n,), and the names of all classes."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def part(self, count: int) -> "Sample":
        """Return ``count`` of the images, spread over the classes; all if there are no more."""
        if count >= len(self.labels):
            return self
        chosen = stratified(self.labels, count)
        return Sample(self.images[chosen], self.labels[chosen], self.classes)


def sample_of(benchmark: Benchmark, limit: int) -> Sample:
    """Return ``limit`` clean images, spread over the classes; all if there are no more."""
    full = benchmark.full
    chosen = stratified(full.labels, min(limit, len(full.labels)))
    clean = full.select(chosen)
    return Sample(clean.read(0, len(chosen)), clean.labels, full.classes)
