"""Snow: flakes drawn out by their fall, over an image bleached towards a bright grey.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.linear_zoom import zoom_map
from corruptions.motion_taps import blur_motion, motion_offsets, motion_weights
from corruptions.pixel_range import to_unit
from corruptions.snow_flakes import resting_flakes

# (mean and standard deviation of the noise that becomes flakes, how much it is enlarged, the
#  threshold below which it is no flake, half the length of the trail in pixels, standard deviation
#  of its weights in pixels, share of the image that is not bleached)
STRENGTH = {
    "cifar": (
        (0.1, 0.2, 1.0, 0.6, 8.0, 3.0, 0.95),
        (0.1, 0.2, 1.0, 0.5, 10.0, 4.0, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10.0, 4.0, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12.0, 6.0, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14.0, 12.0, 0.8),
    ),
    "tiny": (
        (0.1, 0.2, 1.0, 0.6, 8.0, 3.0, 0.8),
        (0.1, 0.2, 1.0, 0.5, 10.0, 4.0, 0.8),
        (0.15, 0.3, 1.75, 0.55, 10.0, 4.0, 0.7),
        (0.25, 0.3, 2.25, 0.6, 12.0, 6.0, 0.65),
        (0.3, 0.3, 1.25, 0.65, 14.0, 12.0, 0.6),
    ),
    "imagenet": (
        (0.1, 0.3, 3.0, 0.5, 10.0, 4.0, 0.8),
        (0.2, 0.3, 2.0, 0.5, 12.0, 4.0, 0.7),
        (0.55, 0.3, 4.0, 0.9, 12.0, 8.0, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12.0, 8.0, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12.0, 12.0, 0.55),
    ),
    "inception": (
        (0.1, 0.3, 3.0, 0.5, 10.0, 4.0, 0.8),
        (0.2, 0.3, 2.0, 0.5, 12.0, 4.0, 0.7),
        (0.55, 0.3, 4.0, 0.9, 12.0, 8.0, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12.0, 8.0, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12.0, 12.0, 0.55),
    ),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the noise of the flakes, (N, H, W) standard normal, and their direction in degrees.

    The direction, (N,), lies between -135 and -45: upwards, since a trail starts at its flake.
    """
    return random.normal(images.shape[1:3]), random.uniform((), -135.0, -45.0)


def apply(
    images: NDArray[np.uint8],
    strength: tuple[float, ...],
    noise: NDArray[np.float64],
    angles: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), in snow made of the draws of ``sample``."""
    mean, deviation, enlargement, threshold, radius_px, sigma_px, share = strength
    _, height, width, _ = images.shape
    flakes = resting_flakes(
        noise,
        (mean, deviation, threshold),
        zoom_map(height, enlargement),
        zoom_map(width, enlargement),
    )
    weights = motion_weights(radius_px, sigma_px)
    _fall(flakes, weights, motion_offsets(angles, len(weights)))
    return _cover(images, _grey(images), flakes, np.float32(share), np.float32(1.0 - share))


def _grey(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luma of ``images``, float32 (N, H, W) in [0, 1], summed up as OpenCV does it."""
    count, height, width, _ = images.shape
    units = images.reshape(count * height, width, 3).astype(np.float32)
    units /= np.float32(255.0)
    grey = np.empty((count * height, width), np.float32)
    cv2.cvtColor(units, cv2.COLOR_RGB2GRAY, dst=grey)
    return grey.reshape(count, height, width)


@njit(cache=True, nogil=True)
def _fall(flakes, weights, offsets):  # type: ignore[no-untyped-def]
    """Draw out ``flakes``, uint8 (N, H, W), in place."""
    count, height, width = flakes.shape
    margin = len(weights)
    padded = np.empty((height + 2 * margin, width + 2 * margin), np.float32)
    total = np.empty(width)
    for i in range(count):
        blur_motion(flakes[i], 1, weights, offsets[i], padded, total)


@njit(cache=True, nogil=True)
def _cover(images, grey, flakes, share, rest):  # type: ignore[no-untyped-def]
    """Return the bleached images under the flakes and the flakes turned by half a circle."""
    count, height, width, _ = images.shape
    length = width * 3
    output = np.empty_like(images)
    # A row of each, spread over the three channels.
    bright = np.empty(length, np.float32)
    snow, turned = np.empty(length), np.empty(length)
    # Single precision up to the bleached image, double from the flakes on, as in the reference.
    for i in range(count):
        source, target = images[i].reshape(-1), output[i].reshape(-1)
        for y in range(height):
            for x in range(width):
                for channel in range(3):
                    bright[3 * x + channel] = grey[i, y, x] * np.float32(1.5) + np.float32(0.5)
                    snow[3 * x + channel] = to_unit(flakes[i, y, x])
                    turned[3 * x + channel] = to_unit(flakes[i, height - 1 - y, width - 1 - x])
            start = np.uint64(y * length)
            for x in range(np.uint64(length)):
                light = np.float32(source[start + x]) / np.float32(255.0)
                bleached = share * light + rest * max(light, bright[x])
                covered = min(max(bleached + snow[x] + turned[x], 0.0), 1.0)
                target[start + x] = np.uint8(covered * 255.0)
    return output
