"""Pillow's ImageEnhance: colour, contrast, brightness and sharpness, blends with a degenerate image.

They overlap with test corruptions. Source of the arithmetic: Blend.c and Filter.c.
"""

import numpy as np

from baselines.augmentations.compiled import Planes, compiled


@compiled
def color(planes: Planes, output: Planes, count: int, factor: np.float32) -> None:
    """Blend each of ``count`` pixels with its grey."""
    for place in range(count):
        grey = _grey(planes, place)
        for channel in range(3):
            output[channel, place] = _blended(grey, int(planes[channel, place]), factor)


@compiled
def contrast(planes: Planes, output: Planes, count: int, factor: np.float32) -> None:
    """Blend each pixel with the mean grey of all."""
    total = 0
    for place in range(count):
        total += _grey(planes, place)
    _blend_with_level(planes, output, count, int(total / count + 0.5), factor)


@compiled
def brightness(planes: Planes, output: Planes, count: int, factor: np.float32) -> None:
    """Blend each pixel with black."""
    _blend_with_level(planes, output, count, 0, factor)


@compiled
def sharpness(planes: Planes, output: Planes, size: tuple[int, int], factor: np.float32) -> None:
    """Blend with a smoothed image: 5/13 of the centre, 1/13 around; not at the border."""
    height, width = size
    ring, centre = np.float32(1) / np.float32(13), np.float32(5) / np.float32(13)
    output[:] = planes
    for channel in range(3):
        plane, target = planes[channel], output[channel]
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                total = np.float32(0.5)
                # Upwards as in Pillow: in single precision the order of a sum can show.
                for row in range(y + 1, y - 2, -1):
                    middle = centre if row == y else ring
                    place = row * width + x
                    total += (
                        np.float32(plane[place - 1]) * ring
                        + np.float32(plane[place]) * middle
                        + np.float32(plane[place + 1]) * ring
                    )
                smooth = int(min(total, np.float32(255)))
                target[y * width + x] = _blended(smooth, int(plane[y * width + x]), factor)


@compiled
def _grey(planes: Planes, place: int) -> int:
    red, green, blue = int(planes[0, place]), int(planes[1, place]), int(planes[2, place])
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16


@compiled
def _blended(degenerate: int, value: int, factor: np.float32) -> int:
    """Move ``degenerate`` towards ``value``, beyond it above a factor of 1, in single precision."""
    mixed = np.float32(degenerate) + factor * np.float32(value - degenerate)
    return int(min(max(mixed, np.float32(0)), np.float32(255)))


@compiled
def _blend_with_level(
    planes: Planes, output: Planes, count: int, level: int, factor: np.float32
) -> None:
    for channel in range(3):
        for place in range(count):
            output[channel, place] = _blended(level, int(planes[channel, place]), factor)
