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
    columns, rows = len(x_boxes), len(y_boxes)
    narrow = np.empty((images.shape[1], 3 * columns), np.uint8)
    small = np.empty((rows, 3 * columns), np.uint8)
    for n in range(len(images)):
        # Widths first, and rounded to pixels before the heights, as Pillow does.
        for y in range(images.shape[1]):
            for x in range(columns):
                for channel in range(3):
                    total = np.uint32(0)
                    for source in range(x_boxes[x, 0], x_boxes[x, 1]):
                        total += images[n, y, source, channel]
                    narrow[y, 3 * x + channel] = _mean(total, x_boxes[x, 1] - x_boxes[x, 0])
        for y in range(rows):
            for x in range(3 * columns):
                total = np.uint32(0)
                for source in range(y_boxes[y, 0], y_boxes[y, 1]):
                    total += narrow[source, x]
                small[y, x] = _mean(total, y_boxes[y, 1] - y_boxes[y, 0])
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                for channel in range(3):
                    out[n, y, x, channel] = small[y_source[y], 3 * x_source[x] + channel]


@njit(cache=True, nogil=True)
def _mean(total, count):  # type: ignore[no-untyped-def]
    """Return ``total / count`` rounded, in Pillow's fixed point."""
    weight = np.int64(0.5 + (1.0 / count) * (1 << _WEIGHT_BITS))
    return np.uint8((total * weight + (1 << (_WEIGHT_BITS - 1))) >> _WEIGHT_BITS)
