"""Poisson counts from 32-bit words by inverting the distribution function, for 256 rates at once.

A pixel has 256 values, so one severity of shot noise needs 256 distributions and no more. Each is
stored as the words at which the count goes up by one. A guide has, for the highest bits of a word,
the count to start from and the word that ends it, so that nearly every count takes one comparison.
The probabilities are exact but for the words' step of 2**-32.

Source of the guide: Chen & Asau 1974, "On generating random variates from an empirical
distribution".
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import pdtr

from corruptions.errors import CorruptionError

LARGEST_RATE = 30_000.0
_GUIDE_BITS = 8
_GUIDE_SHIFT = np.uint32(32 - _GUIDE_BITS)
_NEVER = 0xFFFFFFFF
# An entry of the guide, from the lowest bit up: a count, whether its successor, too, may have to be
# passed, and the 33 bits of the word that ends the count.
_COUNT_MASK = np.uint64((1 << 30) - 1)
_MORE = np.uint64(1 << 30)
_END_SHIFT = np.uint64(31)

# thresholds uint32, all rates end to end; offsets int32 (256,); guide uint64 (256, 256)
Table = tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.uint64]]


def of(rates: NDArray[np.float64]) -> Table:
    """Return the table for float64 (256,) ``rates``; raise CorruptionError unless 0 to 30000."""
    if rates.shape != (256,) or not 0 <= rates.min() <= rates.max() <= LARGEST_RATE:
        raise CorruptionError(f"Poisson rates must be 256 numbers from 0 to {LARGEST_RATE:.0f}")
    return _table(rates.astype(np.float64).tobytes())


# Twenty rows of shot noise and the three strengths of the -P sequences fit; a table is up to 1 MB.
@functools.lru_cache(maxsize=32)
def _table(rates: bytes) -> Table:
    steps = [_thresholds(rate) for rate in np.frombuffer(rates)]
    firsts = np.array([first for first, _ in steps], np.int32)
    lengths = [len(words) for _, words in steps]
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int32)
    # Offsets are lowered by the first count, so that thresholds[offset + count] is the word that
    # ends a count.
    return (
        np.concatenate([words for _, words in steps]),
        offsets - firsts,
        np.array([_guide(first, words) for first, words in steps]),
    )


def _guide(first: int, words: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return the guide of one rate, uint64 (256,), from what ``_thresholds`` returns."""
    starts = np.arange(1 << _GUIDE_BITS, dtype=np.int64) << int(_GUIDE_SHIFT)
    # No word reaches the end of the largest count.
    ends = np.append(words[:-1], [1 << 32, 1 << 32]).astype(np.uint64)
    passed = np.searchsorted(words, starts, side="right")
    counts = (first + passed).astype(np.uint64)
    more = ends[passed + 1] < (starts + (1 << int(_GUIDE_SHIFT))).astype(np.uint64)
    return (ends[passed] << _END_SHIFT) | (more * _MORE) | counts


def _thresholds(rate: float) -> tuple[int, NDArray[np.uint32]]:
    """Return the first count, and from it on the first word that belongs to the next count."""
    spread = 7.0 * np.sqrt(rate) + 30.0
    first = max(0, int(rate - spread))
    cumulated = pdtr(np.arange(first, int(rate + spread)), rate)
    words = np.minimum(np.round(cumulated * 2.0**32), _NEVER).astype(np.uint32)
    possible = np.flatnonzero(words)[0]
    return first + int(possible), words[possible : np.argmax(words == _NEVER) + 1]


@njit(cache=True, nogil=True)
def fill_counts(words, levels, table, entries, counts):  # type: ignore[no-untyped-def]
    """Set ``counts``, int32 (K,), to the counts of uint32 ``words`` at the rates of ``levels``.

    ``words`` and ``entries``, uint64, have at least K elements; ``entries`` are working memory. One
    loop fetches, one compares, and what that does not settle is rare.
    """
    guide = table[2].reshape(-1)
    length = np.uint64(len(counts))
    for i in range(length):
        row = np.uint64(levels[i]) << np.uint64(_GUIDE_BITS)
        entries[i] = guide[row | np.uint64(words[i] >> _GUIDE_SHIFT)]
    for i in range(length):
        counts[i] = _nearly(words[i], entries[i])
    for i in range(length):
        if entries[i] & _MORE:
            counts[i] = count(words[i], levels[i], table)


@njit(cache=True, nogil=True)
def count(word, level, table):  # type: ignore[no-untyped-def]
    """Return the count, int32, of a uint32 ``word`` at the rate of one ``level`` (0 to 255)."""
    thresholds, offsets, guide = table
    k = _nearly(word, guide[level, word >> _GUIDE_SHIFT])
    while word >= thresholds[offsets[level] + k] and thresholds[offsets[level] + k] != _NEVER:
        k += 1
    return k


@njit(cache=True, nogil=True)
def _nearly(word, entry):  # type: ignore[no-untyped-def]
    """Return the count of ``word`` by its ``entry`` in the guide, or too low a one if more may be."""
    return np.int32(entry & _COUNT_MASK) + np.int32(np.uint64(word) >= entry >> _END_SHIFT)
