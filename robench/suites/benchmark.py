"""A suite with its data: the images of every condition, from the official folder or corrupted on the fly."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import corrupt
from robench import datasets
from robench.datasets import Source, stratified
from robench.datasets.npy_c import open_condition
from robench.errors import RobenchError
from robench.suites.condition import CLEAN, Condition
from robench.suites.suite import Suite

DATA_MODES = ("auto", "folder", "on-the-fly")


@dataclass(frozen=True)
class CorruptedSource:
    """A clean source whose images are corrupted as they are read, keyed by their indices."""

    clean: Source
    condition: Condition
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
        """Return corrupted images ``start`` to ``stop`` as uint8 (n, H, W, 3)."""
        return corrupt(
            self.clean.read(start, stop),
            self.condition.corruption,
            self.condition.severity,
            preset=self.preset,
            seed=self.seed,
            indices=self.indices[start:stop],
        )


@dataclass(frozen=True)
class Benchmark:
    """An opened suite: ``source(condition)`` gives the images of a condition.

    Attributes:
        suite: the description.
        full: the whole clean test set.
        positions: int64 (n,), which of its images are evaluated.
        folder: the official folder in use, or None when the clean images are corrupted on the fly.
        seed: of the corruptions on the fly.
    """

    suite: Suite
    full: Source
    positions: NDArray[np.int64]
    folder: Path | None
    seed: int

    @property
    def clean(self) -> Source:
        """The clean images that are evaluated."""
        if len(self.positions) == len(self.full.labels):
            return self.full
        return self.full.select(self.positions)

    def source(self, condition: Condition) -> "Source | CorruptedSource":
        """Return the images of one condition; raise RobenchError when their file is missing or damaged."""
        if condition == CLEAN:
            return self.clean
        if self.folder is None:
            return CorruptedSource(self.clean, condition, self.suite.preset, self.seed)
        whole = open_condition(self.folder, condition.corruption, condition.severity, self.full)
        return (
            whole.select(self.positions) if len(self.positions) < len(self.full.labels) else whole
        )

    def description(self) -> str:
        """Return in a sentence where the images come from."""
        chosen = len(self.positions)
        part = (
            ""
            if chosen == len(self.full.labels)
            else f"{chosen} of {len(self.full.labels)} images of "
        )
        if self.folder is not None:
            return f"{part}the corrupted images in {self.folder} (clean: {self.full.description})"
        return (
            f"{part}{self.full.description}, corrupted on the fly "
            f"(preset {self.suite.preset}, seed {self.seed})"
        )

    def manifest_sha256(self) -> str:
        """Return a digest of the clean images, and of the official folder's files where one is in use."""
        digest = hashlib.sha256(self.clean.manifest_sha256().encode())
        for path in sorted(self.folder.glob("*.npy")) if self.folder is not None else ():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.name} {content}\n".encode())
        return digest.hexdigest()


def open_benchmark(
    suite: Suite,
    data_dir: str | Path | None = None,
    *,
    mode: str = "auto",
    seed: int = 0,
    limit: int | None = None,
) -> Benchmark:
    """Open a suite's data.

    Args:
        suite: what to open.
        data_dir: the folder that holds the dataset's and the official corrupted folders; embedded suites need none.
        mode: ``"folder"`` uses the official corrupted images, ``"on-the-fly"`` corrupts the clean ones, and ``"auto"``
            takes the folder where there is one.
        seed: of the corruptions on the fly.
        limit: evaluate this many images, spread evenly over the classes; all when None.

    Raises:
        RobenchError: when data is missing or damaged, or the mode, seed or limit cannot be.
    """
    if mode not in DATA_MODES:
        raise RobenchError(f"data mode must be one of {', '.join(DATA_MODES)}, got {mode!r}")
    if not 0 <= seed < 2**64:
        raise RobenchError(f"seed must be 0 to 2**64 - 1, got {seed}")
    full = datasets.load(suite.dataset, "test", data_dir)
    positions = np.arange(len(full.labels)) if limit is None else stratified(full.labels, limit)
    benchmark = Benchmark(suite, full, positions, None, seed)
    if mode == "on-the-fly" or suite.folder is None:
        if mode == "folder":
            raise RobenchError(
                f"{suite.name} has no official folder; it is always corrupted on the fly"
            )
        return benchmark
    folder = Path(data_dir or ".") / suite.folder
    if folder.is_dir():
        return replace(benchmark, folder=folder)
    if mode == "folder":
        raise RobenchError(
            f"{suite.name}: no folder {folder}; use --data on-the-fly to corrupt the clean images"
        )
    return benchmark
