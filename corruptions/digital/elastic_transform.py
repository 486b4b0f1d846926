"""Elastic transform: the image is tilted a little, then stretched and squeezed locally.

Three points are moved for an affine map; then every pixel is fetched from a smoothly varying
distance.

Source: Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks applied
to visual document analysis"; Hendrycks & Dietterich 2019, section 3, and the create_c scripts of
its code.
Agreement with the reference on its own draws: exact.
Oddity kept: the ImageNet constants are fractions of 244 pixels, where 224 was meant.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.reflected_gaussian import mix_rows, mixing

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
    height, width = images.shape[1:3]
    out = np.empty_like(images)
    _displace(
        _tilted(images, moves),
        *mixing(height, sigma_px, _STANDARD_DEVIATIONS),
        *mixing(width, sigma_px, _STANDARD_DEVIATIONS),
        x_field,
        y_field,
        amount,
        out,
    )
    return out


def _tilted(images: NDArray[np.uint8], moves: Floats) -> NDArray[np.float32]:
    """Return float32 (N, H, W, 3), 0 to 1: each image under the affine map of its three moves."""
    height, width = images.shape[1:3]
    # The points are (row, column) where OpenCV takes (x, y): the same on a square image.
    centre = np.array([height // 2, width // 2], np.float32)
    arm = min(height, width) // 3
    points = centre + np.array([[arm, arm], [arm, -arm], [-arm, -arm]], np.float32)
    out = np.empty(images.shape, np.float32)
    for n, image in enumerate(images):
        matrix = cv2.getAffineTransform(points, points + moves[n].astype(np.float32))
        pixels = image.astype(np.float32) / np.float32(255)
        cv2.warpAffine(
            pixels, matrix, (width, height), dst=out[n], borderMode=cv2.BORDER_REFLECT_101
        )
    return out


@njit(cache=True, nogil=True)
def _displace(images, y_mix, y_reach, x_mix, x_reach, x_field, y_field, amount, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    moves = np.empty((2, height, width))
    turned = np.empty((width, height))
    row, column = np.empty(width), np.empty(height)
    for n in range(count):
        for move, field in ((moves[0], y_field[n]), (moves[1], x_field[n])):
            mix_rows(y_mix, y_reach, field, row, turned)
            mix_rows(x_mix, x_reach, turned, column, move)
        for y in range(height):
            for x in range(width):
                # Distances are rounded to float32, as is the fetched value: the reference's types.
                source_y = y + np.float64(np.float32(moves[0, y, x] * amount))
                source_x = x + np.float64(np.float32(moves[1, y, x] * amount))
                _fetch(images, n, source_y, source_x, out, y, x)


@njit(cache=True, nogil=True)
def _fetch(images, n, source_y, source_x, out, y, x):  # type: ignore[no-untyped-def]
    """Write to pixel ``(n, y, x)`` of ``out`` what ``images[n]`` shows at any real position."""
    height, width = images.shape[1:3]
    top, left = np.floor(source_y), np.floor(source_x)
    down, right = source_y - top, source_x - left
    y0, y1 = _mirrored(int(top), height), _mirrored(int(top) + 1, height)
    x0, x1 = _mirrored(int(left), width), _mirrored(int(left) + 1, width)
    for channel in range(3):
        total = images[n, y0, x0, channel] * (1 - down) * (1 - right)
        total += images[n, y0, x1, channel] * (1 - down) * right
        total += images[n, y1, x0, channel] * down * (1 - right)
        total += images[n, y1, x1, channel] * down * right
        value = min(max(np.float32(total), np.float32(0)), np.float32(1))
        out[n, y, x, channel] = np.uint8(value * np.float32(255))


@njit(cache=True, nogil=True)
def _mirrored(position, size):  # type: ignore[no-untyped-def]
    """Return the pixel, 0 to size - 1, that any integer position on a mirrored axis shows."""
    if not 0 <= position < size:
        position %= 2 * size
        position = min(position, 2 * size - 1 - position)
    # Unsigned, for which compiled indexing need not look for a negative position.
    return np.uint64(position)
