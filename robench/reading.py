"""The images of the next batches, read and corrupted while the network works on this one."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from robench.errors import RobenchError
from robench.suites import Chunk, Condition

AHEAD = 2  # batches with one reader: enough to keep the network busy, and no more memory than that


class Readable(Protocol):
    """Images, labels and indices of one condition, as the sources of ``robench.suites.benchmark`` give them."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (N,)."""

    @property
    def indices(self) -> NDArray[np.int64]:
        """int64 (N,)."""

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images ``start`` to ``stop`` as uint8 (n, H, W, 3), sequences as (n, F, H, W, 3)."""


class Readables(Protocol):
    """Whatever can open the images of a condition."""

    def source(self, condition: Condition) -> Readable:
        """Return the images of one condition; raise RobenchError when they are missing or damaged."""

    def frame_count(self, condition: Condition) -> int:
        """Return how many frames an image has in a condition: 1 but in sequences."""


@dataclass(frozen=True)
class Batch:
    """Consecutive images of a chunk: uint8 (n, H, W, 3), int64 (n,), int64 (n,); ``last`` of its chunk or not.

    Of sequences, ``images`` is uint8 (n * F, H, W, 3), all frames of the first image before those of the second. They
    are a tensor once they are on a GPU.
    """

    chunk: Chunk
    images: NDArray[np.uint8] | torch.Tensor
    labels: NDArray[np.int64]
    indices: NDArray[np.int64]
    last: bool


@dataclass(frozen=True)
class Unreadable:
    """A batch whose images could not be had, with the reason."""

    chunk: Chunk
    reason: str


def read_ahead(
    data: Readables, chunks: Iterable[Chunk], batch_size: int, readers: int = 1
) -> Iterator[Batch | Unreadable]:
    """Yield the chunks in batches of ``batch_size`` or, at the end of a chunk, less.

    Batches never span chunks, so that a chunk's logits do not depend on what else is evaluated. Sequences are never
    divided: a batch holds as many as fit, and at least one. ``readers`` threads read; one is enough where the sources'
    own threads keep all cores busy, which they do not between one batch and the next.
    """
    opened = _Sources(data)
    plan = ((chunk, *part) for chunk in chunks for part in _parts(data, chunk, batch_size))
    with ThreadPoolExecutor(readers) as reader:
        waiting: deque[Future[Batch | Unreadable]] = deque(
            reader.submit(opened.read, *part) for part in islice(plan, AHEAD + readers - 1)
        )
        while waiting:
            ready = waiting.popleft().result()
            waiting.extend(reader.submit(opened.read, *part) for part in islice(plan, 1))
            yield ready


def _parts(data: Readables, chunk: Chunk, batch_size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of a chunk's batches."""
    size = max(1, batch_size // data.frame_count(chunk.condition))
    for start in range(chunk.start, chunk.stop, size):
        yield start, min(start + size, chunk.stop)


class _Sources:
    """Opens a condition once for all of its chunks that follow each other."""

    def __init__(self, data: Readables) -> None:
        self.data = data
        self.condition: Condition | None = None
        self.source: Readable | None = None
        self.opening = Lock()

    def read(self, chunk: Chunk, start: int, stop: int) -> Batch | Unreadable:
        try:
            source = self._open(chunk.condition)
            images = source.read(start, stop)
        except RobenchError as error:
            return Unreadable(chunk, str(error))
        if chunk.condition.is_sequence:
            images = images.reshape(-1, *images.shape[2:])
        labels, indices = source.labels[start:stop], source.indices[start:stop]
        return Batch(chunk, images, labels, indices, stop == chunk.stop)

    def _open(self, condition: Condition) -> Readable:
        with self.opening:
            if self.source is None or condition != self.condition:
                self.source, self.condition = self.data.source(condition), condition
            return self.source
