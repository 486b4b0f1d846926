"""Random numbers that depend on (seed, corruption, severity, image index) and on nothing else.

The generator is Philox4x32-10, which turns a 64-bit key and a 128-bit counter into four random
32-bit words without any state. The key is the seed; the counter is (block, stream, index low,
index high), where the stream is the crc32 of ``"name/severity"`` and the block counts what one
image has drawn so far. Different images therefore never share a word, and a batch can be cut
anywhere.

Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel Random Numbers: As Easy as 1, 2, 3".
"""

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corruptions import normal_table, poisson_table
from corruptions.errors import CorruptionError
from corruptions.philox import Words, draw_integers, draw_normals, draw_poisson, draw_uniforms

Shape = tuple[int, ...]

BLOCKS_PER_IMAGE = 1 << 32


def stream_of(name: str, severity: int) -> int:
    """Return the 32-bit stream number of one corruption at one severity."""
    return zlib.crc32(f"{name}/{severity}".encode())


class KeyedRandom:
    """N independent streams of random numbers, one per image.

    Every method returns an array with a leading axis of N and advances all streams by the same
    amount, which depends on the shape asked for only. Each number is made of one 32-bit word.

    Args:
        seed: 0 to 2**64 - 1.
        name: the corruption, part of the key.
        severity: part of the key.
        indices: int64 (N,), not negative, each image's number in its dataset.
    """

    def __init__(self, seed: int, name: str, severity: int, indices: ArrayLike) -> None:
        self.indices: NDArray[np.int64] = np.ascontiguousarray(indices, dtype=np.int64)
        self._key = (np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32))
        self._stream = np.uint64(stream_of(name, severity))
        self._block = 0

    def normal(self, shape: Shape) -> NDArray[np.float64]:
        """Return standard normal numbers, float64 (N, *shape), accurate to 2e-9, below 6.34."""
        return self._drawn(draw_normals, shape, np.float64, normal_table.coefficients())

    def uniform(self, shape: Shape, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        """Return uniform numbers in (low, high), float64 (N, *shape), one of 2**32 even steps."""
        return self._drawn(draw_uniforms, shape, np.float64, float(low), (float(high) - float(low)))

    def integers(self, shape: Shape, low: ArrayLike, high: ArrayLike) -> NDArray[np.int64]:
        """Return integers from ``low`` to ``high - 1``, int64 (N, *shape).

        The bounds are scalars or int64 (N,). No value is likelier than another by more than
        (high - low) / 2**32 of its probability.

        Raises:
            CorruptionError: if a range is empty or wider than 2**32.
        """
        lows, spans = np.empty((2, len(self.indices)), np.int64)
        lows[:] = low
        np.subtract(high, lows, out=spans)
        if len(spans) and not 0 < spans.min() <= spans.max() <= 1 << 32:
            raise CorruptionError(
                f"integers needs low < high <= low + 2**32, got {low!r}, {high!r}"
            )
        return self._drawn(draw_integers, shape, np.int64, lows, spans.astype(np.uint64))

    def poisson(self, levels: NDArray[np.uint8], rates: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return Poisson counts, int32 shaped like ``levels``, of mean ``rates[level]``.

        Args:
            levels: uint8 (N, ...) C-contiguous, for example an image.
            rates: float64 (256,), the mean for each of the 256 levels, 0 to 30000.

        Raises:
            CorruptionError: if a rate is out of range.
        """
        table = poisson_table.of(rates)
        flat = levels.reshape(len(levels), math.prod(levels.shape[1:]))
        return self._drawn(draw_poisson, levels.shape[1:], np.int32, flat, table)

    def take(self, count: int) -> Words:
        """Return where compiled code finds the next ``count`` words of each image; step over them.

        Raises:
            CorruptionError: if an image would have drawn more than 2**34 numbers.
        """
        blocks = -(-count // 4)
        if self._block + blocks > BLOCKS_PER_IMAGE:
            raise CorruptionError(f"an image can draw 2**34 numbers, {count} would exceed that")
        words = Words(self._key, self._stream, self.indices, np.uint64(self._block))
        self._block += blocks
        return words

    def _drawn(self, fill: Callable[..., None], shape: Shape, dtype: Any, *arguments: Any) -> Any:
        """Return an array (N, *shape) filled by the kernel ``fill``."""
        count = math.prod(shape)
        out = np.empty((len(self.indices), count), dtype)
        fill(self.take(count), out, *arguments)
        return out.reshape(len(self.indices), *shape)
