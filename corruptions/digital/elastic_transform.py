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
from corruptions.reflected_gaussian import gaussian_half, mirrored, smooth

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
    tilted = np.stack([_tilted(image, move) for image, move in zip(images, moves, strict=True)])
    out = np.empty_like(images)
    half = gaussian_half(sigma_px, _STANDARD_DEVIATIONS)
    _displace(tilted, x_field, y_field, amount, half, out)
    return out


def _tilted(image: NDArray[np.uint8], moves: Floats) -> NDArray[np.float32]:
    """Return float32 (H, W, 3), 0 to 1: ``image`` (H, W, 3) under the map that moves three points."""
    height, width = image.shape[:2]
    # The points are (row, column) where OpenCV takes (x, y): the same on a square image.
    centre = np.array([height // 2, width // 2], np.float32)
    arm = min(height, width) // 3
    points = centre + np.array([[arm, arm], [arm, -arm], [-arm, -arm]], np.float32)
    matrix = cv2.getAffineTransform(points, points + moves.astype(np.float32))
    pixels = image.astype(np.float32) / np.float32(255)
    return cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)


@njit(cache=True, nogil=True)
def _displace(images, x_field, y_field, amount, half, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    columns = np.empty(width + 2 * (len(half) - 1))
    x_moves, y_moves = np.empty((height, width)), np.empty((height, width))
    for n in range(count):
        smooth(x_field[n], half, columns, x_moves)
        smooth(y_field[n], half, columns, y_moves)
        for y in range(height):
            for x in range(width):
                # Distances are rounded to float32, as is the fetched value: the reference's types.
                source_y = y + np.float64(np.float32(y_moves[y, x] * amount))
                source_x = x + np.float64(np.float32(x_moves[y, x] * amount))
                _fetch(images[n], source_y, source_x, out[n, y, x])


@njit(cache=True, nogil=True)
def _fetch(image, y, x, pixel):  # type: ignore[no-untyped-def]
    """Write to ``pixel``, uint8 (3,), the ``image`` between its pixels, at any position."""
    height, width, _ = image.shape
    top, left = np.floor(y), np.floor(x)
    down, right = y - top, x - left
    y0, y1 = mirrored(int(top), height), mirrored(int(top) + 1, height)
    x0, x1 = mirrored(int(left), width), mirrored(int(left) + 1, width)
    for channel in range(3):
        total = image[y0, x0, channel] * (1 - down) * (1 - right)
        total += image[y0, x1, channel] * (1 - down) * right
        total += image[y1, x0, channel] * down * (1 - right)
        total += image[y1, x1, channel] * down * right
        value = min(max(np.float32(total), np.float32(0)), np.float32(1))
        pixel[channel] = np.uint8(value * np.float32(255))
