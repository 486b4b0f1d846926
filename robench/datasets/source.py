"""What a dataset looks like to the rest of robench: labels in memory, pixels read by range."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from robench.errors import RobenchError


class Source(Protocol):
    """N labelled images that are read a range at a time, so that none need be held whole."""

    @property
    def name(self) -> str:
        """The dataset's name, such as ``"cifar-10"``."""

    @property
    def description(self) -> str:
        """A sentence that says where the images came from."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, in the order of the labels."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (N,), each in 0 .. len(classes) - 1."""

    @property
    def indices(self) -> NDArray[np.int64]:
        """int64 (N,): each image's number in the full dataset, the key of its corruption's randomness."""

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images ``start`` to ``stop`` as uint8 (n, H, W, 3)."""

    def select(self, positions: NDArray[np.int64]) -> Self:
        """Return the source of the images at ``positions``, int64 (n,), in that order."""

    def manifest_sha256(self) -> str:
        """Return a digest of what the source holds: equal digests mean the same images and labels."""


@dataclass(frozen=True)
class ArraySource:
    """A source whose images are one array, in memory or memory-mapped.

    ``images`` is uint8 (N, H, W, 3), ``labels`` int64 (N,), ``indices`` int64 (N,), each image's number in the full
    set. Raises RobenchError when the images are of another kind, the counts differ or a label has no class.
    """

    name: str
    description: str
    classes: tuple[str, ...]
    images: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        checked_arrays(self.name, self.images, self.labels, len(self.classes))

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images ``start`` to ``stop`` as uint8 (n, H, W, 3)."""
        # A mapped file is copied here, on the reader's thread, and not when the network asks for its pages.
        return np.require(self.images[start:stop], requirements=("C_CONTIGUOUS", "WRITEABLE"))

    def select(self, positions: NDArray[np.int64]) -> "ArraySource":
        """Return the source of the images at ``positions``, int64 (n,), in that order."""
        return replace(
            self,
            images=self.images[positions],
            labels=self.labels[positions],
            indices=self.indices[positions],
        )

    def manifest_sha256(self) -> str:
        """Return the SHA-256 of shape, pixels, labels and indices."""
        digest = hashlib.sha256(str(self.images.shape).encode())
        for array in (self.images, self.labels, self.indices):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def checked_arrays(
    name: str, images: NDArray[np.uint8], labels: NDArray[np.int64], class_count: int
) -> None:
    """Raise RobenchError unless images are uint8 (N, H, W, 3) with N labels in 0 .. class_count - 1."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise RobenchError(
            f"{name}: images must be uint8 (N, H, W, 3), got {images.dtype} {images.shape}"
        )
    if labels.shape != (len(images),):
        raise RobenchError(f"{name}: {len(images)} images but labels of shape {labels.shape}")
    if len(images) == 0:
        raise RobenchError(f"{name}: no images")
    if labels.min() < 0 or labels.max() >= class_count:
        place = int(np.flatnonzero((labels < 0) | (labels >= class_count))[0])
        raise RobenchError(
            f"{name}: label {labels[place]} of image {place} is outside the {class_count} classes "
            f"(0 to {class_count - 1})"
        )


def stratified(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return ``count`` positions, int64 sorted, that take the classes in turn, the first images of each first.

    Class counts differ by at most one while no class is exhausted. Whose turn it is in the last round, which cannot be
    all classes' turn, is drawn once and for all: the same count of the same set is the same images everywhere.
    Raises RobenchError unless 1 <= count <= len(labels).
    """
    if not 1 <= count <= len(labels):
        raise RobenchError(f"limit must be 1 to {len(labels)} (the images there are), got {count}")
    by_class = np.argsort(labels, kind="stable")
    sorted_labels = labels[by_class]
    rank_in_class = np.arange(len(labels)) - np.searchsorted(sorted_labels, sorted_labels)
    order_of_classes = np.random.default_rng(0).permutation(int(labels.max()) + 1)
    turn = np.lexsort((order_of_classes[sorted_labels], rank_in_class))
    return np.sort(by_class[turn[:count]])
