"""The clean images that a model is examined with."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from robench.datasets import Source, stratified
from robench.errors import RobenchError
from robench.reading import Readable
from robench.suites import Condition, Suite
from robench.suites.benchmark import Benchmark

LARGEST_BATCH = 100
BATCH_PIXELS = 8 * 224 * 224


# The benchmarks' mildest corruptions, the very mildest first; they serve where clean images are missing.
MILD = ("brightness", "saturate", "jpeg_compression", "contrast", "pixelate", "elastic_transform")


@dataclass(frozen=True)
class Sample:
    """``images`` uint8 (n, H, W, 3), ``labels`` int64 (n,), and the names of all classes.

    ``suite`` says of which classes the logits count; ``name`` what the images are, in words; ``is_clean`` is false of
    those of a mild condition.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    suite: Suite
    name: str = "clean images"
    is_clean: bool = True

    def between(self, start: int, stop: int) -> "Sample":
        """Return the images from ``start`` to ``stop``, or to the end; a part is as mixed as the whole."""
        return replace(self, images=self.images[start:stop], labels=self.labels[start:stop])

    def is_grey(self) -> bool:
        """Say whether no image has a colour, so that the order of its channels is no question."""
        return bool((self.images == self.images[..., :1]).all())


def sample_of(benchmark: Benchmark, limit: int) -> Sample:
    """Return ``limit`` clean images, spread over the classes and shuffled; all if there are no more."""
    full = benchmark.full
    clean = full.select(_chosen(full.labels, limit))
    return Sample(clean.read(0, len(clean.labels)), clean.labels, full.classes, benchmark.suite)


def mildest_sample_of(benchmark: Benchmark, limit: int) -> Sample:
    """Return the same of clean images where they are there, else of the mildest condition that can be read.

    Of a sequence that is the first frame. Raises RobenchError where nothing can be read.
    """
    if not benchmark.clean_missing:
        return sample_of(benchmark, limit)
    full, suite = benchmark.full, benchmark.suite
    chosen = _chosen(full.labels, limit)
    part = replace(benchmark, positions=np.sort(chosen))
    known = suite.corruptions + suite.extra
    reasons = []
    for name in [*(each for each in MILD if each in known), *known]:
        condition = Condition(name, 0 if suite.sequences else suite.severities[0])
        try:
            source = part.source(condition)
            images = _read_first_frames(source) if condition.is_sequence else _read(source)
        except RobenchError as error:
            reasons.append(str(error))
            continue
        order = np.random.default_rng(0).permutation(len(images))
        what = f"first frames of {name}" if condition.is_sequence else f"images of {condition}"
        return Sample(
            images[order], source.labels[order], full.classes, suite, what, is_clean=False
        )
    raise RobenchError(f"no clean images ({benchmark.clean_missing}), and none else: {reasons[0]}")


def _read(source: Readable) -> NDArray[np.uint8]:
    return source.read(0, len(source.labels))


def _read_first_frames(source: Readable) -> NDArray[np.uint8]:
    """Return them of all sequences, which are read one by one: they are large."""
    return np.concatenate([source.read(at, at + 1)[:, 0] for at in range(len(source.labels))])


def benchmark_of(source: Source) -> Benchmark:
    """Return clean images as a benchmark without corruptions."""
    suite = Suite(source.name, "", source.name, (), (), "cifar")
    return Benchmark(suite, source, np.arange(len(source.labels)), None, 0)


def _chosen(labels: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    return np.random.default_rng(0).permutation(stratified(labels, min(limit, len(labels))))


def batch_size_for(size_px: tuple[int, int]) -> int:
    """Return how many images to show at once: few large ones, whose activations would not stay in the caches."""
    height, width = size_px
    return max(1, min(LARGEST_BATCH, BATCH_PIXELS // (height * width)))
