"""Snow: a fall of flakes whose direction turns from frame to frame over a bleached image.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code. One of the ten
sequences of ImageNet-P, held out for validation in CIFAR-10-P.
Agreement with the reference on its own draws: exact.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom
from corruptions.linear_zoom import zoom_map
from corruptions.motion_taps import blur_motion, motion_weights
from corruptions.snow_flakes import resting_flakes
from corruptions.turning_trail import turning_offsets

# (frames, mean and standard deviation of the noise that becomes flakes, how much it is enlarged,
#  the threshold below which it is no flake, half the length of the trail in pixels, standard
#  deviation of its weights in pixels, share of the image that is not bleached)
STRENGTH = {
    "cifar": ((31, 0.05, 0.3, 2.0, 0.5, 10.0, 2.0, 0.85),),
    "tiny": ((31, 0.05, 0.28, 2.0, 0.5, 10.0, 2.5, 0.85),),
    "imagenet": ((31, 0.05, 0.3, 3.0, 0.5, 14.0, 4.0, 0.85),),
    "inception": ((31, 0.05, 0.3, 3.0, 0.5, 14.0, 4.0, 0.85),),
}
FIRST_DEG, TURN_DEG = -150.0, 4.0


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the noise of the flakes, standard normal: one array (N, H, W) for all frames."""
    return (random.normal(images.shape[1:3]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], noise: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` in snow made of the ``noise`` of ``sample``."""
    frames, mean, deviation, enlargement, threshold, radius_px, sigma_px, share = strength
    _, height, width, _ = images.shape
    maps = zoom_map(height, enlargement), zoom_map(width, enlargement)
    flakes = resting_flakes(noise, (mean, deviation, threshold), *maps)
    weights = motion_weights(radius_px, sigma_px)
    offsets = turning_offsets(FIRST_DEG, TURN_DEG, int(frames), len(weights))
    return _snow(images, _grey(images), flakes, weights, offsets, share)


def _grey(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luma of ``images``, float32 (N, H, W) in [0, 1], summed up as OpenCV does it."""
    grey = np.empty(images.shape[:3], np.float32)
    for image, target in zip(images, grey, strict=True):
        # Divided in double precision first, unlike in the corruption of the same name.
        cv2.cvtColor((image / 255.0).astype(np.float32), cv2.COLOR_RGB2GRAY, dst=target)
    return grey


@njit(cache=True, nogil=True)
def _snow(images, grey, flakes, weights, offsets, share):  # type: ignore[no-untyped-def]
    """Return the frames: for each direction of ``offsets`` the flakes drawn out, then laid over."""
    count, height, width, _ = images.shape
    output = np.empty((count, len(offsets), height, width, 3), np.uint8)
    margin = len(weights)
    padded = np.empty((height + 2 * margin, (width + 2 * margin)), np.float32)
    total = np.empty(width)
    bleached = np.empty((height, width, 3))
    for n in range(count):
        _bleach(images[n], grey[n], share, bleached)
        for k in range(len(offsets)):
            falling = flakes[n].copy()
            blur_motion(falling, 1, weights, offsets[k], padded, total)
            _cover(bleached, falling, output[n, k])
    return output


@njit(cache=True, nogil=True)
def _bleach(image, grey, share, bleached):  # type: ignore[no-untyped-def]
    """Write the image drawn towards a bright grey, in double precision but for the grey."""
    height, width, _ = image.shape
    for y in range(height):
        for x in range(width):
            bright = grey[y, x] * np.float32(1.5) + np.float32(0.5)
            for channel in range(3):
                light = image[y, x, channel] / 255.0
                bleached[y, x, channel] = share * light + (1 - share) * max(light, bright)


@njit(cache=True, nogil=True)
def _cover(bleached, flakes, output):  # type: ignore[no-untyped-def]
    """Add the flakes and the flakes turned by half a circle."""
    height, width = flakes.shape
    for y in range(height):
        for x in range(width):
            snow = flakes[y, x] / 255.0
            turned = flakes[height - 1 - y, width - 1 - x] / 255.0
            for channel in range(3):
                light = min(max(bleached[y, x, channel] + snow + turned, 0.0), 1.0)
                output[y, x, channel] = np.uint8(light * 255.0)
