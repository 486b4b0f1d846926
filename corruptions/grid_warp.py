"""Images warped linearly on a grid of 1/32 pixel, as OpenCV 3 and 4 draw them.

These versions round the point that a pixel is fetched from to 1/32 of a pixel along either axis, as
did the one that made the published files; OpenCV 5 does not, which changes up to a fifth of the
values. The arithmetic is therefore here, down to the order of its sums, and no version matters.

Source: OpenCV 4's ``getAffineTransform``, ``warpAffine`` and ``warpPerspective`` with the flag
``INTER_LINEAR``.
Agreement: exact with OpenCV 3.4, 4.8, 4.12 and 4.13, but for points more than 2**21 pixels outside
the image, where theirs overflow.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.pixel_vectors import sum_square

_GRID_BITS = 5
_GRID = 1 << _GRID_BITS  # parts of a pixel
# An affine map is added up in 1/1024 pixel, row and column apart.
_FINE_BITS = 10
_FINE = 1 << _FINE_BITS
_FURTHEST = 2.0**31
# A homography is added up anew from every 64th pixel of a row.
_BLOCK_PX = 64
# Black pixels around an image: two, for a point so far out that it has none of the image's around it.
_MARGIN_PX = 2


@njit(cache=True, nogil=True)
def inverse_affine_map(points, moved, inverse):  # type: ignore[no-untyped-def]
    """Write the affine map that takes ``moved`` back to ``points``; compiled code only.

    Args:
        points, moved: (3, 2), x and y.
        inverse: float64 (6,), (a, b, c, d, e, f): the source of (x, y) is (a x + b y + c, d x + ...).
            All 0 where the moved points lie on a line.
    """
    equations, forward = np.zeros((6, 6)), np.empty(6)
    for i in range(3):
        equations[2 * i, :2] = points[i]
        equations[2 * i, 2] = 1.0
        equations[2 * i + 1, 3:5] = points[i]
        equations[2 * i + 1, 5] = 1.0
        forward[2 * i : 2 * i + 2] = moved[i]
    _solve(equations, forward)
    a, b, c, d, e, f = forward
    determinant = a * e - b * d
    factor = 1.0 / determinant if determinant != 0.0 else 0.0
    a, b, d, e = e * factor, b * -factor, d * -factor, a * factor
    inverse[0], inverse[1], inverse[2] = a, b, -a * c - b * f
    inverse[3], inverse[4], inverse[5] = d, e, -d * c - e * f


@njit(cache=True, nogil=True)
def _solve(matrix, values):  # type: ignore[no-untyped-def]
    """Replace ``values`` (M,) by the solution of ``matrix`` (M, M), which is overwritten.

    Elimination with the largest pivot, the first of equal ones, in OpenCV's order.
    """
    size = len(values)
    for i in range(size):
        pivot = i
        for j in range(i + 1, size):
            if abs(matrix[j, i]) > abs(matrix[pivot, i]):
                pivot = j
        if pivot != i:
            for k in range(size):
                matrix[i, k], matrix[pivot, k] = matrix[pivot, k], matrix[i, k]
            values[i], values[pivot] = values[pivot], values[i]
        factor = -1.0 / matrix[i, i]
        for j in range(i + 1, size):
            share = matrix[j, i] * factor
            for k in range(i + 1, size):
                matrix[j, k] += share * matrix[i, k]
            values[j] += share * values[i]
    for i in range(size - 1, -1, -1):
        total = values[i]
        for k in range(i + 1, size):
            total -= matrix[i, k] * values[k]
        values[i] = total / matrix[i, i]


@njit(cache=True, nogil=True)
def warp_affine(image, shape, inverse, out):  # type: ignore[no-untyped-def]
    """Write to ``out`` the ``image`` under an affine map, mirrored beyond its borders; compiled code only.

    Args:
        image: float32 (H * W * 3 + 1,), the pixels row by row; the last has no meaning.
        shape: H and W.
        inverse: float64 (6,), from ``inverse_affine_map``.
        out: float32 (H * W * 3 + 1,); the last has no meaning.
    """
    height, width = shape
    a, b, c, d, e, f = inverse
    steps = np.empty((width, 2), np.int64)
    for x in range(width):
        steps[x, 0], steps[x, 1] = _rounded(a * x * _FINE), _rounded(d * x * _FINE)
    for y in range(height):
        x_start = _rounded((b * y + c) * _FINE) + _FINE // _GRID // 2
        y_start = _rounded((e * y + f) * _FINE) + _FINE // _GRID // 2
        for x in range(width):
            # Both in parts of the grid.
            source_x = (x_start + steps[x, 0]) >> _FINE_BITS - _GRID_BITS
            source_y = (y_start + steps[x, 1]) >> _FINE_BITS - _GRID_BITS
            left, upper = source_x >> _GRID_BITS, source_y >> _GRID_BITS
            right, lower = left + 1, upper + 1
            if left < 0 or right >= width or upper < 0 or lower >= height:
                left, right = _mirrored(left, width)
                upper, lower = _mirrored(upper, height)
            above, below = upper * width, lower * width
            places = (
                3 * (above + left),
                3 * (above + right),
                3 * (below + left),
                3 * (below + right),
            )
            weights = _weights(_share(source_x), _share(source_y))
            sum_square(image, places, weights, out, 3 * (y * width + x))


@njit(cache=True, nogil=True)
def _rounded(value):  # type: ignore[no-untyped-def]
    return np.int32(np.rint(min(max(value, -_FURTHEST), _FURTHEST - 1.0)))


@njit(cache=True, nogil=True)
def _mirrored(place, size):  # type: ignore[no-untyped-def]
    """Return which of ``size`` pixels are seen at any place and at the next; a border pixel is the mirror."""
    place = min(max(place, -(1 << 15)), (1 << 15) - 1)  # OpenCV keeps it in 16 bits
    period = 2 * size - 2
    first, second = place % period, (place + 1) % period
    return min(first, period - first), min(second, period - second)


def inverse_homography(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of a regular ``matrix``, float64 (3, 3), by its cofactors."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    inverse: NDArray[np.float64] = np.array(cofactors) * (1.0 / determinant)
    return inverse


@njit(cache=True, nogil=True)
def warp_perspective(images, inverses, output):  # type: ignore[no-untyped-def]
    """Write to ``output`` each image under each homography, black beyond its borders.

    Args:
        images: uint8 (N, H, W, 3).
        inverses: float64 (F, 3, 3), from ``inverse_homography``.
        output: uint8 (N, F, H, W, 3).
    """
    count, height, width, _ = images.shape
    framed_width = width + 2 * _MARGIN_PX
    length = 3 * framed_width
    # The pixels of an image and of a black frame row by row, and one value more.
    framed = np.zeros((height + 2 * _MARGIN_PX) * length + 1, np.float32)
    places, shares = np.empty(width, np.int32), np.empty((2, width), np.float32)
    levels = np.empty(3 * width + 1, np.float32)
    for n in range(count):
        for y in range(height):
            start = (y + _MARGIN_PX) * length + 3 * _MARGIN_PX
            framed[start : start + 3 * width] = images[n, y].reshape(-1)
        for k in range(len(inverses)):
            for y in range(height):
                _locate(inverses[k], y, height, framed_width, places, shares[0], shares[1])
                for x in range(width):
                    place = 3 * np.int64(places[x])
                    around = (place, place + 3, place + length, place + length + 3)
                    # In single precision, yet nothing is rounded: 1/1024 of a level is the smallest part.
                    sum_square(framed, around, _weights(shares[0, x], shares[1, x]), levels, 3 * x)
                row = output[n, k, y].reshape(-1)
                for i in range(len(row)):
                    row[i] = np.uint8(levels[i] + np.float32(0.5))


@njit(cache=True, nogil=True)
def _locate(inverse, y, height, framed_width, places, right_shares, lower_shares):  # type: ignore[no-untyped-def]
    """Write which pixels of a framed image are to the upper left of the points of row ``y``, and their shares."""
    width = len(places)
    for start in range(0, width, _BLOCK_PX):
        x_start = inverse[0, 0] * start + inverse[0, 1] * y + inverse[0, 2]
        y_start = inverse[1, 0] * start + inverse[1, 1] * y + inverse[1, 2]
        depth_start = inverse[2, 0] * start + inverse[2, 1] * y + inverse[2, 2]
        block = places[start : start + _BLOCK_PX]
        rights, lowers = (
            right_shares[start : start + _BLOCK_PX],
            lower_shares[start : start + _BLOCK_PX],
        )
        for x in range(len(block)):
            depth = depth_start + inverse[2, 0] * x
            scale = _GRID / depth if depth != 0.0 else 0.0
            # In parts of the grid.
            source_x = _rounded((x_start + inverse[0, 0] * x) * scale)
            source_y = _rounded((y_start + inverse[1, 0] * x) * scale)
            left = min(max((source_x >> _GRID_BITS) + _MARGIN_PX, 0), width + _MARGIN_PX)
            upper = min(max((source_y >> _GRID_BITS) + _MARGIN_PX, 0), height + _MARGIN_PX)
            block[x] = upper * framed_width + left
            rights[x] = _share(source_x)
            lowers[x] = _share(source_y)


@njit(cache=True, nogil=True)
def _share(source):  # type: ignore[no-untyped-def]
    """Return how much of the pixel after it a point of the grid shows."""
    return np.float32(source & _GRID - 1) / np.float32(_GRID)


@njit(cache=True, nogil=True)
def _weights(right, lower):  # type: ignore[no-untyped-def]
    """Return those of the pixels around a point, upper left to lower right; no product is rounded."""
    left, upper = np.float32(1) - right, np.float32(1) - lower
    return upper * left, upper * right, lower * left, lower * right
