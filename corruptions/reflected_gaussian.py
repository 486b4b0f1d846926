"""Gaussian smoothing of a field that continues beyond its edges as in a mirror.

The result is that of ``scipy.ndimage.gaussian_filter`` in mode "reflect". A kernel that is small
beside the field is slid over it, to the same last bit. A larger one, and the elastic transform
smooths 224 pixels by a kernel of 1025, is added up with its reflections once, to a matrix that
mixes the rows of a field and another that mixes its columns: the work then depends on the field's
size only, and the order of the sum is another.

Such a matrix is the same seen from either end. It therefore mixes the sums of opposite rows and
the differences of opposite rows without mixing these with those, and two matrices of half the side
do its work.
"""

import functools
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.exponential import exponential
from corruptions.gaussian_filter import blur_plane, gaussian_taps

Floats = NDArray[np.float64]
# A kernel that reaches less than this part of an axis is slid along it.
_SMALL = 1 / 4
_ROWS_AT_ONCE = 4


class Smoother(NamedTuple):
    """What ``smooth`` needs to know of a kernel, made by ``smoother``."""

    taps: Floats  # (radius + 1,) of a small kernel, else empty
    y_sums: Floats  # (S, S) for the sums of opposite rows; S at least H / 2, divisible by 4
    y_differences: Floats  # likewise for their differences
    x_sums: Floats  # the same for the columns, transposed
    x_differences: Floats


@functools.lru_cache(maxsize=64)
def smoother(shape: tuple[int, int], sigma_px: float, truncate: float) -> Smoother:
    """Return how to smooth fields of ``shape`` by a kernel that ends at ``truncate`` deviations.

    A standard deviation of 0 pixels leaves a field as it is.
    """
    if sigma_px == 0.0:
        return Smoother(np.ones(1), *[np.empty((0, 0))] * 4)
    if int(truncate * sigma_px + 0.5) <= _SMALL * min(shape):
        return Smoother(gaussian_taps(sigma_px, truncate).copy(), *[np.empty((0, 0))] * 4)
    height, width = shape
    x_sums, x_differences = _halves(_mixing(width, sigma_px, truncate))
    return Smoother(
        np.empty(0),
        *_halves(_mixing(height, sigma_px, truncate)),
        np.ascontiguousarray(x_sums.T),
        np.ascontiguousarray(x_differences.T),
    )


def _mixing(size: int, sigma_px: float, truncate: float) -> Floats:
    """Return the matrix, (size, size), that smooths an axis of ``size``."""
    reach = int(truncate * sigma_px + 0.5)
    offsets = np.arange(-reach, reach + 1)
    kernel = exponential(-0.5 / (sigma_px * sigma_px) * offsets**2)
    kernel /= kernel.sum()
    rows = np.repeat(np.arange(size), len(kernel))
    shown = (rows + np.tile(offsets, size)) % (2 * size)
    shown = np.minimum(shown, 2 * size - 1 - shown)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (rows, shown), np.tile(kernel, size))
    return matrix


def _halves(matrix: Floats) -> tuple[Floats, Floats]:
    """Return what ``matrix`` does to sums and to differences of opposite rows, filled up with 0."""
    size = len(matrix)
    half = -(-size // 2)
    upper, mirrored = matrix[:half, :half], matrix[:half, ::-1][:, :half]
    filled = -(-half // _ROWS_AT_ONCE) * _ROWS_AT_ONCE
    sums, differences = np.zeros((2, filled, filled))
    sums[:half, :half] = (upper + mirrored) / 2
    differences[:half, :half] = (upper - mirrored) / 2
    if size % 2:
        sums[:, half - 1] /= 2  # the middle row is opposite to itself
    return sums, differences


@njit(cache=True, nogil=True)
def smooth(field, smoother, out):  # type: ignore[no-untyped-def]
    """Write the smoothed ``field``, float64 (H, W), to ``out``; inside compiled code only."""
    if len(smoother.taps):
        blur_plane(field, 1, smoother.taps, out, True)
    else:
        mixed = np.empty_like(field)
        _mix_rows(field, smoother.y_sums, smoother.y_differences, mixed)
        _mix_columns(mixed, smoother.x_sums, smoother.x_differences, out)


@njit(cache=True, nogil=True)
def _mix_rows(field, of_sums, of_differences, out):  # type: ignore[no-untyped-def]
    height, width = field.shape
    half = (height + 1) // 2
    # Each in memory of its own: where the compiler sees one block it does not vectorise.
    sums, differences = np.zeros((len(of_sums), width)), np.zeros((len(of_sums), width))
    for y in range(half):
        _fold(field[y], field[height - 1 - y], sums[y], differences[y])
    even, odd = np.empty((_ROWS_AT_ONCE, width)), np.empty((_ROWS_AT_ONCE, width))
    for first in range(0, half, _ROWS_AT_ONCE):
        _multiply(of_sums, first, sums, even)
        _multiply(of_differences, first, differences, odd)
        for y in range(first, min(first + _ROWS_AT_ONCE, half)):
            _fold(even[y - first], odd[y - first], out[y], out[height - 1 - y])


@njit(cache=True, nogil=True)
def _mix_columns(field, of_sums, of_differences, out):  # type: ignore[no-untyped-def]
    height, width = field.shape
    half = (width + 1) // 2
    side = len(of_sums)
    # Each in memory of its own: where the compiler sees one block it does not vectorise.
    sums, differences = np.zeros((_ROWS_AT_ONCE, side)), np.zeros((_ROWS_AT_ONCE, side))
    even, odd = np.empty((_ROWS_AT_ONCE, side)), np.empty((_ROWS_AT_ONCE, side))
    for first in range(0, height, _ROWS_AT_ONCE):
        rows = range(first, min(first + _ROWS_AT_ONCE, height))
        for y in rows:
            _fold(field[y, :half], field[y, ::-1], sums[y - first], differences[y - first])
        _multiply(sums, 0, of_sums, even)
        _multiply(differences, 0, of_differences, odd)
        for y in rows:
            _fold(even[y - first, :half], odd[y - first], out[y], out[y, ::-1])


@njit(cache=True, nogil=True)
def _fold(one, other, sums, differences):  # type: ignore[no-untyped-def]
    """Write sums and differences of two rows; of those of the two, it gives what they are made of."""
    for x in range(len(one)):
        a, b = one[x], other[x]
        differences[x] = a - b
        sums[x] = a + b


@njit(cache=True, nogil=True)
def _multiply(matrix, first, rows, out):  # type: ignore[no-untyped-def]
    """Write to ``out``, (4, W), rows ``first`` to ``first`` + 3 of ``matrix @ rows``.

    Sixteen products for every four values fetched: fetching them would take longer than the sum. No
    slices, for to count their references would, too.
    """
    for j in range(_ROWS_AT_ONCE):
        for x in range(out.shape[1]):
            out[j, x] = 0.0
    for k in range(0, len(rows), _ROWS_AT_ONCE):
        a, b, c, d = _four(matrix, first, k)
        e, f, g, h = _four(matrix, first + 1, k)
        i, j, m, n = _four(matrix, first + 2, k)
        o, p, q, r = _four(matrix, first + 3, k)
        for x in range(out.shape[1]):
            s, t, u, v = rows[k, x], rows[k + 1, x], rows[k + 2, x], rows[k + 3, x]
            out[0, x] += (a * s + b * t) + (c * u + d * v)
            out[1, x] += (e * s + f * t) + (g * u + h * v)
            out[2, x] += (i * s + j * t) + (m * u + n * v)
            out[3, x] += (o * s + p * t) + (q * u + r * v)


@njit(cache=True, nogil=True)
def _four(matrix, y, x):  # type: ignore[no-untyped-def]
    return matrix[y, x], matrix[y, x + 1], matrix[y, x + 2], matrix[y, x + 3]
