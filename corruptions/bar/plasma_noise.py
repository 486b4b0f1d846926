"""Plasma noise: a colourful pattern of sines whose arguments are folded into each other.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.levels import to_level

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "imagenet": ((4.75,), (7.0,), (8.5,), (9.25,), (10.0,)),
}
AMPLITUDE_AT_10 = 64.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    """Draw the pattern: four arrays (N,).

    They are its place in time, 0 to 6 pi; how often it is folded, 4 to 6 times; its sharpness, 0.5
    to 1; and its scale in pixels.
    """
    times = random.uniform((), 0.0, 6 * np.pi)
    folds = random.integers((), 4, 7)
    sharpness = random.uniform((), 0.5, 1.0)
    return times, folds, sharpness, random.uniform((), 0.075, 0.2) * min(images.shape[1:3])


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    times: Floats,
    folds: NDArray[np.int64],
    sharpness: Floats,
    scales_px: Floats,
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, dimmed, plus the pattern."""
    (scale,) = strength
    out = np.empty_like(images)
    _add_pattern(images, scale * AMPLITUDE_AT_10 / 10, times, folds, sharpness, scales_px, out)
    return out


@njit(cache=True, nogil=True)
def _add_pattern(images, amplitude, times, folds, sharpness, scales, out):  # type: ignore[no-untyped-def]
    count, height, width, _ = images.shape
    dimmed = 1 - amplitude / 255
    for n in range(count):
        time = times[n]
        for y in range(height):
            for x in range(width):
                u, v = _folded(x / scales[n], y / scales[n], time, folds[n], sharpness[n])
                image, pixel = images[n, y, x], out[n, y, x]
                green = np.sin((u + v + np.sin(time)) * 0.5)
                pixel[0] = to_level(dimmed * image[0] + amplitude * np.sin(u - time))
                pixel[1] = to_level(dimmed * image[1] + amplitude * green)
                pixel[2] = to_level(dimmed * image[2] + amplitude * np.sin(v + time))


@njit(cache=True, nogil=True)
def _folded(x, y, time, folds, sharpness):  # type: ignore[no-untyped-def]
    """Return where the point ``(x, y)`` is after all folds, each finer and weaker than the last."""
    # Oddity kept: the reference also subtracts a phase, but starts it at 0 and only multiplies it.
    frequency, slowness, weakness = 1.0, 1.0, 1.0
    for _ in range(folds):
        du = np.cos(y * frequency + time / slowness) / weakness
        dv = np.sin(x * frequency + time / slowness) / weakness
        x += du + -dv * 0.3
        y += dv + du * 0.3
        frequency *= 1.93
        slowness *= 1.15
        weakness *= 2.25 - sharpness
    return x, y
