"""Poisson counts from 32-bit words by inverting the distribution function, for 256 rates at once.

A pixel has 256 values, so one severity of shot noise needs 256 distributions and no more. Each is
stored as the words at which the count goes up by one; a guide says where to start looking, so that
a count takes one or two comparisons. The probabilities are exact but for the words' step of
2**-32.

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

# thresholds uint32, all rates end to end; offsets int32 (256,); guide int32 (256, 256)
Table = tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]


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
    starts = np.arange(1 << _GUIDE_BITS, dtype=np.int64) << int(_GUIDE_SHIFT)
    guide = [np.searchsorted(words, starts, side="right") for _, words in steps]
    # Offsets are lowered by the first count, so that thresholds[offset + count] is the word that
    # ends a count.
    return (
        np.concatenate([words for _, words in steps]),
        offsets - firsts,
        np.array(guide, np.int32) + firsts[:, None],
    )


def _thresholds(rate: float) -> tuple[int, NDArray[np.uint32]]:
    """Return the first count, and from it on the first word that belongs to the next count."""
    spread = 7.0 * np.sqrt(rate) + 30.0
    first = max(0, int(rate - spread))
    cumulated = pdtr(np.arange(first, int(rate + spread)), rate)
    words = np.minimum(np.round(cumulated * 2.0**32), _NEVER).astype(np.uint32)
    possible = np.flatnonzero(words)[0]
    return first + int(possible), words[possible : np.argmax(words == _NEVER) + 1]


@njit(cache=True, nogil=True)
def count(word, level, thresholds, offsets, guide):  # type: ignore[no-untyped-def]
    """Return the count, int32, of a uint32 ``word`` at the rate of one ``level`` (0 to 255)."""
    k = guide[level, word >> _GUIDE_SHIFT]
    while word >= thresholds[offsets[level] + k] and thresholds[offsets[level] + k] != _NEVER:
        k += 1
    return k
