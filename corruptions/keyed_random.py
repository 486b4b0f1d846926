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
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from corruptions import normal_table, poisson_table
from corruptions.errors import CorruptionError
from corruptions.normal_vectors import LANES, four_quantiles

Shape = tuple[int, ...]

BLOCKS_PER_IMAGE = 1 << 32
_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32 = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
# Words are made this many at a time, so that they stay in the fastest cache and the compiler can
# vectorise.
TILE = 2048


def stream_of(name: str, severity: int) -> int:
    """Return the 32-bit stream number of one corruption at one severity."""
    return zlib.crc32(f"{name}/{severity}".encode())


class Words(NamedTuple):
    """Where the words of some draw begin, for each of N images; ``fill_words`` makes them."""

    key: tuple[np.uint64, np.uint64]
    stream: np.uint64
    indices: NDArray[np.int64]
    block: np.uint64


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
        return self._drawn(_normal, shape, np.float64, normal_table.coefficients())

    def uniform(self, shape: Shape, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        """Return uniform numbers in (low, high), float64 (N, *shape), one of 2**32 even steps."""
        return self._drawn(_uniform, shape, np.float64, float(low), (float(high) - float(low)))

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
        return self._drawn(_integers, shape, np.int64, lows, spans.astype(np.uint64))

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
        return self._drawn(_poisson, levels.shape[1:], np.int32, flat, table)

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


@njit(cache=True, nogil=True)
def philox(key, block, stream, low, high, words):  # type: ignore[no-untyped-def]
    """Fill ``words``, uint32 of a length divisible by 4, from consecutive blocks.

    All else is uint64 below 2**32; ``key`` is a pair, low half first.
    """
    for j in range(len(words) // 4):
        c0, c1, c2, c3 = (block + np.uint64(j)) & _LOW_32, stream, low, high
        k0, k1 = key
        for _ in range(10):
            p0 = _MULTIPLIERS[0] * c0
            p1 = _MULTIPLIERS[1] * c2
            c0 = (p1 >> _SHIFT_32) ^ c1 ^ k0
            c1 = p1 & _LOW_32
            c2 = (p0 >> _SHIFT_32) ^ c3 ^ k1
            c3 = p0 & _LOW_32
            k0 = (k0 + _WEYL[0]) & _LOW_32
            k1 = (k1 + _WEYL[1]) & _LOW_32
        words[4 * j] = c0
        words[4 * j + 1] = c1
        words[4 * j + 2] = c2
        words[4 * j + 3] = c3


@njit(cache=True, nogil=True)
def fill_words(source, n, start, words):  # type: ignore[no-untyped-def]
    """Fill ``words``, uint32, with those of image ``n`` of a ``Words`` from number ``start`` on.

    ``start`` and the length of ``words`` are divisible by 4.
    """
    number = np.uint64(source.indices[n])
    first = source.block + np.uint64(start // 4)
    philox(source.key, first, source.stream, number & _LOW_32, number >> _SHIFT_32, words)


@njit(cache=True, nogil=True)
def fill_normals(source, n, start, table, words, out):  # type: ignore[no-untyped-def]
    """Fill ``out``, float64 (K,), with the standard normal numbers of image ``n`` from ``start`` on.

    Args:
        source: a ``Words``.
        n, start: as for ``fill_words``.
        table: ``normal_table.coefficients()``.
        words: uint32, working memory for at least K words, and these rounded up to blocks of four.
        out: written.
    """
    count = len(out)
    fill_words(source, n, start, words[: (count + 3) // 4 * 4])
    whole = count // LANES * LANES
    for i in range(0, whole, LANES):
        four_quantiles(words, i, table, out, i)
    for i in range(whole, count):
        out[i] = normal_table.quantile(words[i], table)


@njit(cache=True, nogil=True)
def fill_uniforms(source, n, start, low, width, words, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with numbers between ``low`` and ``low + width``; see ``fill_normals``."""
    fill_words(source, n, start, words[: (len(out) + 3) // 4 * 4])
    for i in range(len(out)):
        out[i] = low + width * ((words[i] + 0.5) * 2.0**-32)


@njit(cache=True, nogil=True)
def fill_integers(source, n, start, low, span, words, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with integers from ``low`` to ``low + span - 1``; see ``fill_normals``."""
    fill_words(source, n, start, words[: (len(out) + 3) // 4 * 4])
    for i in range(len(out)):
        out[i] = low + np.int64((np.uint64(words[i]) * span) >> _SHIFT_32)


@njit(cache=True, nogil=True)
def fill_poisson(source, n, start, levels, table, words, entries, out):  # type: ignore[no-untyped-def]
    """Fill ``out``, int32 (K,), with counts at the rates of uint8 (K,) ``levels``; see ``fill_normals``.

    ``table`` is a ``poisson_table.Table``; ``entries``, uint64, are working memory.
    """
    fill_words(source, n, start, words[: (len(out) + 3) // 4 * 4])
    poisson_table.fill_counts(words, levels, table, entries, out)


@njit(cache=True, nogil=True)
def _normal(source, out, table):  # type: ignore[no-untyped-def]
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            fill_normals(source, n, start, table, words, out[n, start : start + TILE])


@njit(cache=True, nogil=True)
def _uniform(source, out, low, width):  # type: ignore[no-untyped-def]
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            fill_uniforms(source, n, start, low, width, words, out[n, start : start + TILE])


@njit(cache=True, nogil=True)
def _integers(source, out, lows, spans):  # type: ignore[no-untyped-def]
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            part = out[n, start : start + TILE]
            fill_integers(source, n, start, lows[n], spans[n], words, part)


@njit(cache=True, nogil=True)
def _poisson(source, out, levels, table):  # type: ignore[no-untyped-def]
    words = np.empty(TILE, np.uint32)
    entries = np.empty(TILE, np.uint64)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            stop = start + TILE
            part = out[n, start:stop]
            fill_poisson(source, n, start, levels[n, start:stop], table, words, entries, part)
