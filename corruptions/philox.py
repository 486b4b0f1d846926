"""Compiled kernels of Philox4x32-10: words, and the random numbers that are made of them.

Words are made a few thousand at a time, at most, and turned into numbers at once, so that they stay in the fastest
cache. ``keyed_random`` has the source, and what key and counter stand for.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions import normal_table, poisson_table
from corruptions.normal_vectors import LANES, four_quantiles

_LOW_32 = np.uint64(0xFFFFFFFF)
_SHIFT_32 = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
# Words are made this many at a time, so that they stay in the fastest cache and the compiler can
# vectorise.
TILE = 2048


class Words(NamedTuple):
    """Where the words of some draw begin, for each of N images; ``fill_words`` makes them."""

    key: tuple[np.uint64, np.uint64]
    stream: np.uint64
    indices: NDArray[np.int64]
    block: np.uint64


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
def draw_normals(source, out, table):  # type: ignore[no-untyped-def]
    """Fill ``out``, float64 (N, K), with standard normal numbers, a row an image; see ``fill_normals``."""
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            fill_normals(source, n, start, table, words, out[n, start : start + TILE])


@njit(cache=True, nogil=True)
def draw_uniforms(source, out, low, width):  # type: ignore[no-untyped-def]
    """Fill ``out``, float64 (N, K), with numbers between ``low`` and ``low + width``, a row an image."""
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            fill_uniforms(source, n, start, low, width, words, out[n, start : start + TILE])


@njit(cache=True, nogil=True)
def draw_integers(source, out, lows, spans):  # type: ignore[no-untyped-def]
    """Fill ``out``, int64 (N, K), with integers from ``lows[n]`` to ``lows[n] + spans[n] - 1``, a row an image."""
    words = np.empty(TILE, np.uint32)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            part = out[n, start : start + TILE]
            fill_integers(source, n, start, lows[n], spans[n], words, part)


@njit(cache=True, nogil=True)
def draw_poisson(source, out, levels, table):  # type: ignore[no-untyped-def]
    """Fill ``out``, int32 (N, K), with counts at the rates of uint8 (N, K) ``levels``; see ``fill_poisson``."""
    words = np.empty(TILE, np.uint32)
    entries = np.empty(TILE, np.uint64)
    for n in range(len(out)):
        for start in range(0, out.shape[1], TILE):
            stop = start + TILE
            part = out[n, start:stop]
            fill_poisson(source, n, start, levels[n, start:stop], table, words, entries, part)
