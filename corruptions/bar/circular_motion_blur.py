"""Circular motion blur: the mean of the image turned a little, as by a camera rolling during exposure.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference: exact where that runs on numpy 1, as it did; numpy 2 computes partly in
double precision and gives another level, by 1, for 0.003% of values.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.cubic_spline import bump_weights, to_bumps
from corruptions.exponential import exponential

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "cifar": ((2.8,), (3.6,), (4.4,), (5.2,), (6.0,)),
}
DEGREES_AT_10 = 15.0
TURNS = 21


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), blurred around their centre and darkened at the border.

    Oddity kept: what turns in from outside of the image is black.
    """
    (scale,) = strength
    count, height, width, _ = images.shape
    # Every turn moves all images alike, so that they lie side by side in memory.
    pixels = np.ascontiguousarray(images.transpose(1, 2, 0, 3)).reshape(height, width, count * 3)
    bumps = (pixels.astype(np.float32) / np.float32(255)).astype(np.float64)
    to_bumps(bumps.reshape(height, width * count * 3))
    for row in bumps:
        to_bumps(row)
    parts = 2 * np.arange(TURNS) / (TURNS - 1) - 1
    total = np.zeros(bumps.shape, np.float32)
    weights = exponential(-2 * parts**2)
    _add_turns(bumps, np.radians(parts * (scale * DEGREES_AT_10 / 10)), weights, total)
    total /= np.float32(sum(weights))
    levels = np.clip(total * np.float32(255), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(levels.reshape(height, width, count, 3).transpose(2, 0, 1, 3))


@njit(cache=True, nogil=True)
def _add_turns(bumps, angles, shares, total):  # type: ignore[no-untyped-def]
    """Add to ``total``, float32 (H, W, M), the images turned by each of ``angles``, times a share.

    ``bumps`` is float64 (H, W, M); single precision is where the reference has it.
    """
    height, width, length = bumps.shape
    rows, columns = np.empty(4, np.int64), np.empty(4, np.int64)
    row_weights, column_weights, turned = np.empty(4), np.empty(4), np.empty(length)
    for angle, share in zip(angles, shares):  # noqa: B905 - numba knows no strict
        cosine, sine = np.cos(angle), np.sin(angle)
        middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
        offset_y = middle_y - (cosine * middle_y + sine * middle_x)
        offset_x = middle_x - (cosine * middle_x - sine * middle_y)
        for y in range(height):
            for x in range(width):
                source_y = y * cosine + x * sine + offset_y
                source_x = y * -sine + x * cosine + offset_x
                if not (0 <= source_y <= height - 1 and 0 <= source_x <= width - 1):
                    continue
                bump_weights(source_y, height, rows, row_weights)
                bump_weights(source_x, width, columns, column_weights)
                turned[:] = 0.0
                for i in range(4):
                    for j in range(4):
                        weight = row_weights[i] * column_weights[j]
                        _add(turned, bumps[rows[i], columns[j]], weight)
                for k in range(length):
                    total[y, x, k] += np.float32(share) * np.float32(turned[k])


@njit(cache=True, nogil=True)
def _add(total, values, weight):  # type: ignore[no-untyped-def]
    for k in range(len(total)):
        total[k] += values[k] * weight
