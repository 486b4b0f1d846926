"""Clean labelled images, one file per on-disk format or source.

A file offers its datasets as ``DATASETS = {name: open(split, data_dir) -> Source}``.
"""

import functools
from pathlib import Path

from robench.datasets.source import ArraySource, Source, stratified
from robench.errors import RobenchError
from robench.registry import Registry, collect

SPLITS = ("train", "test")

__all__ = ["SPLITS", "ArraySource", "Source", "load", "registry", "stratified"]


@functools.cache
def registry() -> Registry:
    """Return every dataset that can be opened by name."""
    return collect("dataset", __name__, "DATASETS")


def load(name: str, split: str = "test", data_dir: str | Path | None = None) -> Source:
    """Open a dataset by name.

    Args:
        name: ``"digits"``, ``"cifar-10"``, ``"cifar-100"``, ...
        split: ``"train"`` or ``"test"``.
        data_dir: the folder that holds the dataset's own folder; embedded datasets need none.

    Raises:
        RobenchError: for an unknown name or split, and for files that are missing or damaged.
    """
    if split not in SPLITS:
        raise RobenchError(f"split must be 'train' or 'test', got {split!r}")
    source: Source = registry()[name](split, None if data_dir is None else Path(data_dir))
    return source
