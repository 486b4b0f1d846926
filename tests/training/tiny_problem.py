"""A problem small enough to train on in a test: bright and dark noise."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from baselines import methods
from robench.datasets import ArraySource, Source
from robench.datasets.stylised_copy import FORMAT, described, picture_path


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


def needs_copy(method: str) -> bool:
    return any(option.name == "stylised" for option in methods.options_of(method))


def write_copy(source: Source, folder: Path) -> Path:
    """Write what `robench stylize` would, with negatives in the place of drawings."""
    folder.mkdir()
    for pixels, index in zip(source.read(0, len(source.labels)), source.indices, strict=True):
        Image.fromarray(255 - pixels).save(picture_path(folder, index))
    record = {"format": FORMAT, "finished": "2026-01-01", **described(source)}
    (folder / "manifest.json").write_text(json.dumps(record))
    return folder
