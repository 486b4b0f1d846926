"""Gaussian smoothing of a field that continues beyond its edges as in a mirror.

The kernel may be wider than the field: the elastic transform smooths 224 pixels by a kernel of
1025. So the kernel and its reflections are added up once, to a matrix that mixes the rows of a
field, and the work depends on the field's size only. The result is that of
``scipy.ndimage.gaussian_filter`` in mode "reflect" but for the order of the sum.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray


@functools.lru_cache(maxsize=64)
def mixing(size: int, sigma_px: float, truncate: float) -> tuple[NDArray[np.float64], int]:
    """Return the matrix, float64 (size, size), that smooths an axis of ``size``, and its reach.

    Entries further than the reach from the diagonal are 0. The kernel ends at ``truncate`` standard
    deviations; a standard deviation of 0 pixels leaves a field as it is.
    """
    if sigma_px == 0.0:
        return np.eye(size), 0
    reach = int(truncate * sigma_px + 0.5)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 / (sigma_px * sigma_px) * offsets**2)
    kernel /= kernel.sum()
    rows = np.repeat(np.arange(size), len(kernel))
    shown = (rows + np.tile(offsets, size)) % (2 * size)
    shown = np.minimum(shown, 2 * size - 1 - shown)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (rows, shown), np.tile(kernel, size))
    return matrix, reach


@njit(cache=True, nogil=True)
def mix_rows(matrix, reach, field, total, out):  # type: ignore[no-untyped-def]
    """Write ``matrix @ field``, transposed, to ``out``; inside compiled code only.

    Called twice, it smooths both axes and ends as it began, with every access along a row.

    Args:
        matrix: float64 (H, H), and its ``reach``, from ``mixing``.
        field: float64 (H, W).
        total: float64 (W,), working memory.
        out: float64 (W, H).
    """
    height, width = field.shape
    for y in range(height):
        stop = min(y + reach + 1, height)
        k = max(y - reach, 0)
        total[:] = 0.0
        # Four rows at a time: fetching and storing the total would take longer than the sum.
        while k + 4 <= stop:
            a, b, c, d = matrix[y, k], matrix[y, k + 1], matrix[y, k + 2], matrix[y, k + 3]
            for x in range(width):
                first = a * field[k, x] + b * field[k + 1, x]
                total[x] += first + (c * field[k + 2, x] + d * field[k + 3, x])
            k += 4
        while k < stop:
            for x in range(width):
                total[x] += matrix[y, k] * field[k, x]
            k += 1
        for x in range(width):
            out[x, y] = total[x]
