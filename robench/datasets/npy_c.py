"""The official layout of CIFAR-10-C and CIFAR-100-C: ``<corruption>.npy`` for all severities, and ``labels.npy``.

Each file is uint8 (5 * 10000, 32, 32, 3), severity 1 first; ``labels.npy`` repeats the test labels five times.
Source: Hendrycks & Dietterich 2019; Zenodo records 2535967 (CIFAR-10-C) and 3555552 (CIFAR-100-C).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets.mapped_array import mapped
from robench.datasets.source import ArraySource, Source
from robench.errors import MissingDataError, RobenchError

SEVERITY_COUNT = 5
CLASS_COUNTS = {"cifar-10": 10, "cifar-100": 100}


def open_condition(folder: Path, corruption: str, severity: int, clean: Source) -> ArraySource:
    """Open one severity of one corruption; its images are those of ``clean``, the full test set, in the same order.

    The pixels stay on disk until they are read. Raises RobenchError when a file is missing, damaged, of another shape
    or dtype, or when its labels are not those of the clean set.
    """
    path = folder / f"{corruption}.npy"
    images = mapped(path)
    count = len(clean.labels)
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) != SEVERITY_COUNT * count:
        raise RobenchError(
            f"{path}: expected uint8 ({SEVERITY_COUNT * count}, H, W, 3), "
            f"got {images.dtype} {images.shape}"
        )
    part = slice((severity - 1) * count, severity * count)
    labels = _labels(folder, clean)[part]
    return ArraySource(
        name=clean.name,
        description=str(path),
        classes=clean.classes,
        images=images[part],
        labels=labels,
        indices=clean.indices,
    )


def listed_in(
    folder: Path, dataset: str, corruptions: Sequence[str], missing: MissingDataError
) -> ArraySource:
    """Return what stands for the clean test set where that is not at hand: severity 1 of a corruption, with its labels.

    Its pixels are corrupted; only its labels and indices are those of the clean images. The classes are numbers, whose
    names are in the dataset's own files. Raises ``missing`` where there is no ``labels.npy`` or none of the
    ``corruptions``, and RobenchError where they do not fit.
    """
    path = folder / "labels.npy"
    present = [name for name in corruptions if (folder / f"{name}.npy").is_file()]
    if not path.is_file() or not present:
        raise missing
    labels = mapped(path).astype(np.int64)
    count = len(labels) // SEVERITY_COUNT
    if (
        labels.ndim != 1
        or not count
        or not np.array_equal(labels, np.tile(labels[:count], SEVERITY_COUNT))
    ):
        raise RobenchError(
            f"{path}: expected the test set's labels {SEVERITY_COUNT} times over, got shape {labels.shape}"
        )
    return ArraySource(
        name=dataset,
        description="none at hand",
        classes=tuple(map(str, range(CLASS_COUNTS[dataset]))),
        images=mapped(folder / f"{present[0]}.npy")[:count],
        labels=labels[:count],
        indices=np.arange(count),
    )


def _labels(folder: Path, clean: Source) -> NDArray[np.int64]:
    path = folder / "labels.npy"
    labels = mapped(path).astype(np.int64)
    expected = np.tile(clean.labels, SEVERITY_COUNT)
    if labels.shape != expected.shape:
        raise RobenchError(f"{path}: expected {len(expected)} labels, got shape {labels.shape}")
    if not np.array_equal(labels, expected):
        wrong = int(np.count_nonzero(labels != expected))
        raise RobenchError(
            f"{path}: {wrong} of {len(labels)} labels differ from those of {clean.description}; "
            "the two folders do not belong together"
        )
    return labels
