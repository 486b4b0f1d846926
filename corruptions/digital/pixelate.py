"""Pixelate: the image is shrunk and enlarged again, as when a small picture is shown large.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code, which call
Pillow's ``resize`` with ``BOX`` both ways.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte. Pillow
13 shrinks heights before widths where an image is more than twice as tall as wide, which the
reference's square images are not; there a value can be a level off.
"""

import functools

import numpy as np
from numba import njit
from numpy.typing import NDArray

STRENGTH = {  # (fraction of the height and of the width that is left,)
    "imagenet": ((0.6,), (0.5,), (0.4,), (0.3,), (0.25,)),
    "cifar": ((0.95,), (0.9,), (0.85,), (0.75,), (0.65,)),
    "tiny": ((0.9,), (0.8,), (0.7,), (0.6,), (0.5,)),
    "inception": ((0.5,), (0.4,), (0.3,), (0.25,), (0.2,)),
}
# Pillow's resampling weights are integers over 2**22.
_WEIGHT_BITS = 22


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3), in blocks of the mean colours of ``images``."""
    (fraction,) = strength
    height, width = images.shape[1:3]
    rows, columns = int(height * fraction), int(width * fraction)
    out = np.empty_like(images)
    _shrink_and_enlarge(
        images,
        boxes(width, columns),
        boxes(height, rows),
        boxes(columns, width)[:, 0],
        boxes(rows, height)[:, 0],
        out,
    )
    return out


@functools.lru_cache(maxsize=64)
def boxes(size: int, other: int) -> NDArray[np.int64]:
    """Return int64 (other, 2): the first pixel and the one after the last that each pixel is made of.

    An axis of ``size`` pixels becomes one of ``other``; a box narrower than a pixel is one pixel.
    """
    scale = size / other
    widest = max(scale, 1.0)
    centres = (np.arange(other) + 0.5) * scale
    starts = np.maximum((centres - widest * 0.5 + 0.5).astype(np.int64), 0)
    stops = np.minimum((centres + widest * 0.5 + 0.5).astype(np.int64), size)
    # Then the end is tried, as Pillow does: where the edge of a box falls on the centre of a pixel,
    # the last bit of a float decides, and it may decide otherwise than above.
    stops -= (stops - 1 - centres + 0.5) * (1.0 / widest) > 0.5
    return np.stack([starts, stops], axis=1)


@njit(cache=True, nogil=True)
def _shrink_and_enlarge(images, x_boxes, y_boxes, x_source, y_source, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    narrow = np.empty((height, 3 * len(x_boxes)), np.uint8)
    short = np.empty(3 * len(x_boxes), np.uint8)
    total = np.empty(len(short), np.uint32)
    x_weights, y_weights = _weights(x_boxes), _weights(y_boxes)
    for n in range(count):
        # Widths first, and rounded to pixels before the heights, as Pillow does.
        source = images[n].reshape(height, 3 * width)
        for y in range(height):
            _mean_columns(source[y], x_boxes, x_weights, narrow[y])
        target = out[n].reshape(height, 3 * width)
        made = -1
        for y in range(height):
            box = y_source[y]
            if box == made:
                target[y] = target[y - 1]
            else:
                _mean_rows(narrow, y_boxes[box], y_weights[box], total, short)
                _repeat_columns(short, x_source, target[y])
                made = box


@njit(cache=True, nogil=True)
def _weights(boxes):  # type: ignore[no-untyped-def]
    """Return uint32: one over the pixels of each box, in Pillow's fixed point."""
    weights = np.empty(len(boxes), np.uint32)
    for k in range(len(boxes)):
        weights[k] = np.uint32(0.5 + (1.0 / (boxes[k, 1] - boxes[k, 0])) * (1 << _WEIGHT_BITS))
    return weights


@njit(cache=True, nogil=True)
def _mean_columns(row, boxes, weights, out):  # type: ignore[no-untyped-def]
    for x in range(len(boxes)):
        start = np.uint64(3 * boxes[x, 0])
        red, green, blue = (
            np.uint32(row[start]),
            np.uint32(row[start + 1]),
            np.uint32(row[start + 2]),
        )
        for source in range(start + 3, np.uint64(3 * boxes[x, 1]), 3):
            red += row[source]
            green += row[source + 1]
            blue += row[source + 2]
        out[3 * x] = _rounded(red, weights[x])
        out[3 * x + 1] = _rounded(green, weights[x])
        out[3 * x + 2] = _rounded(blue, weights[x])


@njit(cache=True, nogil=True)
def _mean_rows(rows, box, weight, total, out):  # type: ignore[no-untyped-def]
    total[:] = 0
    for y in range(box[0], box[1]):
        row = rows[y]
        for x in range(len(total)):
            total[x] += row[x]
    for x in range(len(total)):
        out[x] = _rounded(total[x], weight)


@njit(cache=True, nogil=True)
def _repeat_columns(short, x_source, out):  # type: ignore[no-untyped-def]
    for x in range(len(x_source)):
        source = 3 * x_source[x]
        for channel in range(3):
            out[3 * x + channel] = short[source + channel]


@njit(cache=True, nogil=True)
def _rounded(total, weight):  # type: ignore[no-untyped-def]
    """Return ``total * weight`` as a pixel; no more than 255 << 22 plus a half, it fits 32 bits."""
    return np.uint8(np.uint32(total * weight + (1 << (_WEIGHT_BITS - 1))) >> _WEIGHT_BITS)
