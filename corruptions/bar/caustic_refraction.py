"""Caustic refraction: the image at the bottom of shallow water, bent and lit by its waves.

Source: Mintun, Kirillov & Xie 2021, and the imagenet_c_bar scripts of its code.
Agreement with the reference on its own draws: exact.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.bilinear_fetch import fetch
from corruptions.keyed_random import KeyedRandom
from corruptions.reflected_gaussian import smooth, smoother

STRENGTH = {  # (strength on the benchmark's scale of 0 to 10,)
    "imagenet": ((2.35,), (3.2,), (4.9,), (6.6,), (9.15,)),
}
LENS_AT_10 = 0.5  # of the image's side
LIGHT_AT_10 = 2.0
REFRACTIVE_INDEX = 4.0
FLATTEST = 1.0 - 1e-3  # cosine of the slope below which nothing is bent
SOFTENING_PX = 1.0
_STANDARD_DEVIATIONS = 4.0

Floats = NDArray[np.float64]


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[Floats, Floats]:
    """Draw the water's place in time, 0.5 to 2, and the size of its pattern in pixels: (N,) each."""
    times = random.uniform((), 0.5, 2.0)
    return times, random.uniform((), 0.75, 1.25) * min(images.shape[1:3])


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], times: Floats, sizes_px: Floats
) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3): ``images``, bent and lit; black where beyond their border is seen."""
    (scale,) = strength
    height, width = images.shape[1:3]
    lens_px = scale * (LENS_AT_10 * min(height, width)) / 10
    out = np.empty_like(images)
    _refract_all(
        images.astype(np.float32) / np.float32(255),
        times,
        sizes_px,
        smoother((height, width), SOFTENING_PX, _STANDARD_DEVIATIONS),
        lens_px,
        scale * LIGHT_AT_10 / 10,
        out,
    )
    return out


@njit(cache=True, nogil=True)
def _refract_all(  # type: ignore[no-untyped-def]
    images, times, sizes, softening, lens, light, out
):
    count, height, width, _ = images.shape
    sharp, caustics = np.empty((height, width)), np.empty((height, width))
    for n in range(count):
        for y in range(height):
            for x in range(width):
                sharp[y, x] = _caustic(y / sizes[n], x / sizes[n], times[n])
        smooth(sharp, softening, caustics)
        _refract(images[n], caustics, lens, light, out[n])


@njit(cache=True, nogil=True)
def _caustic(y, x, time):  # type: ignore[no-untyped-def]
    """Return the light, 0 to 1, that waves gather at a point of a pattern of period 1."""
    p, q = (y % 1) * 6.28318530718 - 250, (x % 1) * 6.28318530718 - 250
    u, v, total = p, q, 1.0
    for k in range(5):
        t = time * (1.0 - 3.5 / (k + 1))
        u, v = p + (np.cos(t - u) + np.sin(t + v)), q + (np.sin(t - v) + np.cos(t + u))
        one, other = p / (np.sin(u + t) / 0.005), q / (np.cos(v + t) / 0.005)
        total += 1.0 / np.sqrt(one**2 + other**2)
    bright = abs(1.17 - (total / 5.0) ** 1.4) ** 8.0
    return min(max(bright, 0.0), 1.0)


@njit(cache=True, nogil=True)
def _refract(image, caustics, lens, light, out):  # type: ignore[no-untyped-def]
    """Write to ``out``, uint8, what ``image``, float32 in 0 to 1, is seen as below ``caustics``."""
    height, width, _ = image.shape
    weights, pixel = np.empty(4, np.float32), np.empty(3, np.float32)
    for y in range(height):
        for x in range(width):
            # Beyond the border it is dark.
            across = _at(caustics, y, x + 1) - _at(caustics, y, x - 1)
            along = _at(caustics, y + 1, x) - _at(caustics, y - 1, x)
            dy, dx = _bent(along, across, lens)
            fetch(image, y + dy, x + dx, weights, pixel)
            for channel in range(3):
                # Single precision where the reference has it.
                value = pixel[channel] + np.float32(-across * light)
                value = np.float32(value + np.float32(along * light))
                value = min(max(value, np.float32(0)), np.float32(1))
                out[y, x, channel] = np.uint8(np.float64(value) * 255)


@njit(cache=True, nogil=True)
def _at(field, y, x):  # type: ignore[no-untyped-def]
    if 0 <= y < field.shape[0] and 0 <= x < field.shape[1]:
        return field[y, x]
    return 0.0


@njit(cache=True, nogil=True)
def _bent(slope_y, slope_x, lens):  # type: ignore[no-untyped-def]
    """Return how far, in pixels, a ray from above is moved where the water has these slopes."""
    norm = np.sqrt(slope_y**2 + slope_x**2 + 1.0)
    y, x, z = slope_y / norm, slope_x / norm, 1.0 / norm
    if z >= FLATTEST:
        return 0.0, 0.0
    angle = np.arcsin(np.sin(np.arccos(z)) / REFRACTIVE_INDEX)
    # Along the normal, and across it in the plane of the ray and the normal.
    part = np.cos(angle) - np.sin(angle) * z / np.sqrt(y**2 + x**2)
    # The reference rounds to thousandths of a pixel.
    return np.round(y * part * lens, 3), np.round(x * part * lens, 3)
