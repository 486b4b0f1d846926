"""A problem small enough to train on in a test: bright and dark noise."""

import numpy as np

from robench.datasets import ArraySource


def tiny_source(count: int = 40, *, seed: int = 0, name: str = "tiny") -> ArraySource:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = random.integers(0, 128, (count, 32, 32, 3)) + 100 * labels[:, None, None, None]
    return ArraySource(
        name=name,
        description=f"{count} tiny images",
        classes=("dark", "bright"),
        images=images.astype(np.uint8),
        labels=labels.astype(np.int64),
        indices=np.arange(count),
    )


def tiny_pair() -> tuple[ArraySource, ArraySource]:
    return tiny_source(), tiny_source(16, seed=1)
