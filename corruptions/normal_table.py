"""Normal numbers from 32-bit words: the quantile function in piecewise cubics.

One word gives one number, by arithmetic that is the same on every machine: no rejection, no
logarithm, no sine.

The lowest bit of a word is the sign. The word with that bit set, v = 1, 3, ... 2**32 - 1, is the
probability v / 2**33 of the tail beyond the number. Every octave of v is cut into 32 equal
segments, so that the exponent and the first five mantissa bits of v as a float64 are the segment's
row in the table; in a segment a cubic runs through four exact quantiles.

Source of the quantiles: Wichura 1988, algorithm AS 241, as in Python's ``statistics.NormalDist``.
"""

import functools
from statistics import NormalDist

import numpy as np
from numba import njit
from numpy.typing import NDArray

_OCTAVES = 32
_SEGMENT_BITS = 5
_SEGMENTS = 1 << _SEGMENT_BITS
SHIFT = np.int64(52 - _SEGMENT_BITS)
FIRST_ROW = np.int64(1023 << _SEGMENT_BITS)  # of v = 1.0, whose biased exponent is 1023
START_MASK = np.int64(~((1 << (52 - _SEGMENT_BITS)) - 1))
# Values at 0, 1/3, 2/3 and 1 of a segment -> twice the coefficients of the cubic through them.
_TWICE_CUBIC = np.array([[2, 0, 0, 0], [-11, 18, -9, 2], [18, -45, 36, -9], [-9, 27, -27, 9]])


@functools.cache
def coefficients() -> NDArray[np.float64]:
    """Return float64 (1024, 4): a cubic a row, constant first, of |z| in v - segment start."""
    third = np.arange(4) / 3
    octave, segment = np.divmod(np.arange(_OCTAVES * _SEGMENTS), _SEGMENTS)
    width = 2.0 ** (octave - _SEGMENT_BITS)
    tail = (2.0**octave + width * segment)[:, None] + width[:, None] * third
    inverse = NormalDist().inv_cdf
    values = -np.array([[inverse(p * 2.0**-33) for p in row] for row in tail])
    cubic = (values[:, None, :] * _TWICE_CUBIC).sum(axis=2) / 2
    # Rounded, so that the last bit of a machine's logarithm does not reach the pixels.
    cubic = np.round(cubic * 2.0**40) * 2.0**-40
    return np.ascontiguousarray(cubic / width[:, None] ** np.arange(4))


@njit(cache=True, nogil=True)
def quantile(word, table):  # type: ignore[no-untyped-def]
    """Return the standard normal number, float64, of a uint32 ``word``, by ``coefficients()``."""
    v = np.float64(word | np.uint32(1))
    bits = v.view(np.int64)
    row = (bits >> SHIFT) - FIRST_ROW
    t = v - np.int64(bits & START_MASK).view(np.float64)
    size = table[row, 0] + t * (table[row, 1] + t * (table[row, 2] + t * table[row, 3]))
    return size if word & np.uint32(1) else -size
