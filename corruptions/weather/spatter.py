"""Spatter: drops of water (severities 1 to 3) or mud (4 and 5) on the lens.

Source: create_c scripts of Hendrycks & Dietterich 2019, one of the four extra corruptions.
Agreement with the reference: exact.

Not kept: where the noise happens to make no drop of water, the reference divides 0 by 0 and stores
a black image; here such an image stays clean. At the benchmark's own sizes and severities that was
not seen in thousands of draws.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import blur_plane, gaussian_taps
from corruptions.keyed_random import KeyedRandom
from corruptions.water_drops import tint, water

# (mean and standard deviation of the noise that becomes drops, standard deviation of its blur in
#  pixels, threshold below which it is no drop; for water the opacity of the drops, for mud the
#  standard deviation in pixels by which the splashes are blurred; 1 for mud, 0 for water)
STRENGTH = {
    "cifar": (
        (0.62, 0.1, 0.7, 0.7, 0.5, 0.0),
        (0.65, 0.1, 0.8, 0.7, 0.5, 0.0),
        (0.65, 0.3, 1.0, 0.69, 0.5, 0.0),
        (0.65, 0.1, 0.7, 0.69, 0.6, 1.0),
        (0.65, 0.1, 0.5, 0.68, 0.6, 1.0),
    ),
    "tiny": (
        (0.62, 0.1, 0.7, 0.7, 0.6, 0.0),
        (0.65, 0.1, 0.8, 0.7, 0.6, 0.0),
        (0.65, 0.3, 1.0, 0.69, 0.6, 0.0),
        (0.65, 0.1, 0.7, 0.68, 0.6, 1.0),
        (0.65, 0.1, 0.5, 0.67, 0.6, 1.0),
    ),
    "imagenet": (
        (0.65, 0.3, 4.0, 0.69, 0.6, 0.0),
        (0.65, 0.3, 3.0, 0.68, 0.6, 0.0),
        (0.65, 0.3, 2.0, 0.68, 0.5, 0.0),
        (0.65, 0.3, 1.0, 0.65, 1.5, 1.0),
        (0.67, 0.4, 1.0, 0.65, 1.5, 1.0),
    ),
    "inception": (
        (0.65, 0.3, 4.0, 0.69, 0.9, 0.0),
        (0.65, 0.3, 3.5, 0.68, 0.9, 0.0),
        (0.65, 0.3, 3.0, 0.68, 0.8, 0.0),
        (0.65, 0.3, 1.2, 0.65, 1.8, 1.0),
        (0.67, 0.4, 1.2, 0.65, 1.8, 1.0),
    ),
}
MUD_RGB = np.array([63, 42, 20]) / 255.0  # brown
FAINTEST_MUD = 0.8


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the noise of the drops, standard normal: one array (N, H, W)."""
    return (random.normal(images.shape[1:3]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], noise: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), behind drops made of the ``noise`` of ``sample``."""
    mean, deviation, sigma_px, threshold, material, is_mud = strength
    liquid = _liquid(noise, mean, deviation, gaussian_taps(sigma_px), threshold)
    if is_mud:
        mud = _mud(liquid, threshold, gaussian_taps(material))
        return _cover(images, mud, MUD_RGB.astype(np.float32))
    output = np.empty_like(images)
    for i in range(len(images)):
        drops = water(liquid[i], np.float32(material))
        tint(images[i], drops[None], output[i, None])
    return output


@njit(cache=True, nogil=True)
def _liquid(noise, mean, deviation, taps, threshold):  # type: ignore[no-untyped-def]
    """Return smooth noise where it reaches the threshold and 0 elsewhere: float64 (N, H, W)."""
    liquid = np.empty_like(noise)
    plane = np.empty(noise.shape[1:])
    for i in range(len(noise)):
        for y in range(plane.shape[0]):
            for x in range(plane.shape[1]):
                plane[y, x] = mean + deviation * noise[i, y, x]
        blur_plane(plane, 1, taps, liquid[i], False)
        for y in range(plane.shape[0]):
            for x in range(plane.shape[1]):
                if liquid[i, y, x] < threshold:
                    liquid[i, y, x] = 0.0
    return liquid


@njit(cache=True, nogil=True)
def _mud(liquid, threshold, taps):  # type: ignore[no-untyped-def]
    """Return how opaque the mud is, float32 (N, H, W), 0 or 0.8 to 1."""
    mud = np.empty(liquid.shape, np.float32)
    splashes = np.empty(liquid.shape[1:], np.float32)
    for i in range(len(liquid)):
        for y in range(splashes.shape[0]):
            for x in range(splashes.shape[1]):
                splashes[y, x] = 1.0 if liquid[i, y, x] > threshold else 0.0
        blur_plane(splashes, 1, taps, mud[i], False)
        for y in range(splashes.shape[0]):
            for x in range(splashes.shape[1]):
                if mud[i, y, x] < FAINTEST_MUD:
                    mud[i, y, x] = 0.0
    return mud


@njit(cache=True, nogil=True)
def _cover(images, mud, colour):  # type: ignore[no-untyped-def]
    """Return the images with their own light and the colour mixed by the opacity of the mud."""
    output = np.empty_like(images)
    count, height, width, _ = images.shape
    for i in range(count):
        for y in range(height):
            for x in range(width):
                opacity = mud[i, y, x]
                for channel in range(3):
                    light = np.float32(images[i, y, x, channel]) / np.float32(255.0)
                    light = light * (np.float32(1.0) - opacity) + colour[channel] * opacity
                    output[i, y, x, channel] = _level(light)
    return output


@njit(cache=True, nogil=True)
def _level(light):  # type: ignore[no-untyped-def]
    light = min(max(light, np.float32(0.0)), np.float32(1.0))
    return np.uint8(light * np.float32(255.0))
