"""Elastic transform: the image is tilted a little, then stretched and squeezed locally.

Three points are moved for an affine map; then every pixel is fetched from a smoothly varying
distance.

Source: Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks applied
to visual document analysis"; Hendrycks & Dietterich 2019, section 3, and the create_c scripts of
its code.
Agreement with the reference on its own draws: exact.
Oddity kept: the ImageNet constants are fractions of 244 pixels, where 224 was meant.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.grid_warp import inverse_affine_map, warp_affine
from corruptions.keyed_random import KeyedRandom
from corruptions.pixel_vectors import mix_square
from corruptions.reflected_gaussian import smooth, smoother

STRENGTH = {  # (largest distance, its smoothness, largest move of an affine point), all in pixels
    # 244 (not 224) times (2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), ...
    "imagenet": (
        (488.0, 170.8, 24.4),
        (488.0, 19.52, 48.8),
        (12.2, 2.44, 4.88),
        (17.08, 2.44, 4.88),
        (29.28, 2.44, 4.88),
    ),
    "cifar": (
        (0.0, 0.0, 2.56),
        (1.6, 6.4, 2.24),
        (2.56, 1.92, 1.92),
        (3.2, 1.28, 1.6),
        (3.2, 0.96, 0.96),
    ),
    "tiny": (
        (0.0, 0.0, 5.12),
        (3.2, 19.2, 3.84),
        (6.4, 5.12, 3.84),
        (6.4, 1.92, 1.92),
        (10.24, 1.92, 1.28),
    ),
    "inception": (
        (720.0, 252.0, 36.0),
        (720.0, 28.8, 72.0),
        (18.0, 3.6, 7.2),
        (25.2, 3.6, 7.2),
        (43.2, 3.6, 7.2),
    ),
}
_STANDARD_DEVIATIONS = 3.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats, Floats]:
    """Return the moves of three points in pixels, (N, 3, 2), and two fields in -1 to 1, (N, H, W)."""
    furthest = strength[2]
    shape = images.shape[1:3]
    moves = random.uniform((3, 2), -furthest, furthest)
    return moves, random.uniform(shape, -1.0, 1.0), random.uniform(shape, -1.0, 1.0)


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    moves: Floats,
    x_field: Floats,
    y_field: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images`` under the affine map and the smoothed fields."""
    amount, sigma_px, _ = strength
    _, height, width, _ = images.shape
    # The points are (row, column) where OpenCV takes (x, y): the same on a square image.
    centre = np.array([height // 2, width // 2], np.float32)
    arm = min(height, width) // 3
    points = centre + np.array([[arm, arm], [arm, -arm], [-arm, -arm]], np.float32)
    moved = points + moves.astype(np.float32)
    out = np.empty_like(images)
    smoothing = smoother((height, width), sigma_px, _STANDARD_DEVIATIONS)
    _transform(images, points, moved, smoothing, x_field, y_field, amount, out)
    return out


@njit(cache=True, nogil=True)
def _transform(images, points, moved, smoothing, x_field, y_field, amount, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = out.shape
    # The pixels row by row and one value more: see ``pixel_vectors``.
    units, tilted = np.zeros((2, images[0].size + 1), np.float32)
    inverse = np.empty(6)
    for n in range(count):
        levels = images[n].reshape(-1)
        for k in range(len(levels)):
            units[k] = np.float32(levels[k]) / np.float32(255)
        inverse_affine_map(points, moved[n], inverse)
        warp_affine(units, (height, width), inverse, tilted)
        _displace(tilted, smoothing, x_field[n], y_field[n], amount, out[n])


@njit(cache=True, nogil=True)
def _displace(image, smoothing, x_field, y_field, amount, out):  # type: ignore[no-untyped-def]
    height, width, channels = out.shape
    length = width * channels
    y_moves, x_moves = np.empty((2, height, width))
    before, after = np.empty((2, 2, width), np.int64)
    shares = np.empty((2, width))
    columns = np.arange(width) * 1.0
    fetched = np.empty(length + 1, np.float32)
    smooth(y_field, smoothing, y_moves)
    smooth(x_field, smoothing, x_moves)
    for y in range(height):
        _locate(np.full(width, y), y_moves[y], amount, height, before[0], after[0], shares[0])
        _locate(columns, x_moves[y], amount, width, before[1], after[1], shares[1])
        _fetch_row(image, before, after, shares, length, fetched)
        row = out[y].reshape(length)
        for x in range(length):
            value = min(max(fetched[x], np.float32(0)), np.float32(1))
            row[x] = np.uint8(value * np.float32(255))


@njit(cache=True, nogil=True)
def _locate(starts, moves, amount, size, before, after, shares):  # type: ignore[no-untyped-def]
    """Write which pixels of an axis of ``size`` a row of positions lies between.

    Args:
        starts, moves, amount: the positions are ``starts + moves * amount``.
        size: of the axis, which continues as in a mirror.
        before, after: int64, written: the pixels on both sides.
        shares: float64, written: how much of the pixel after.
    """
    period = 2.0 * size
    for x in range(len(moves)):
        # Distances are rounded to float32: the reference's type.
        position = starts[x] + np.float64(np.float32(moves[x] * amount))
        low = np.floor(position)
        shares[x] = position - low
        high = low + 1.0
        low -= np.floor(low / period) * period
        high -= np.floor(high / period) * period
        before[x] = np.int64(min(low, period - 1.0 - low))
        after[x] = np.int64(min(high, period - 1.0 - high))


@njit(cache=True, nogil=True)
def _fetch_row(image, before, after, shares, length, fetched):  # type: ignore[no-untyped-def]
    """Write to ``fetched`` what ``image`` shows between its pixels, linear in both directions.

    Args:
        image: float32, the pixels row by row, ``length`` values a row.
        before, after, shares: (2, W), from ``_locate``, of the rows and of the columns.
        fetched: float32 (W * 3 + 1,); the last has no meaning.
    """
    for x in range(before.shape[1]):
        upper, lower = before[0, x] * length, after[0, x] * length
        left, right = before[1, x] * 3, after[1, x] * 3
        places = (upper + left, upper + right, lower + left, lower + right)
        down, along = shares[0, x], shares[1, x]
        mix_square(image, places, (1.0 - down, down, 1.0 - along, along), fetched, 3 * x)
