"""Spatter: drops of water that run down the lens.

Source: Hendrycks & Dietterich 2019 and the create_p scripts of its code. One of the ten sequences
of CIFAR-10-P, held out for validation in ImageNet-P.
Agreement with the reference on its own draws: exact, but for the black frames.

Not kept: where no drop is left on the lens the reference divides 0 by 0 and stores a black frame,
which befalls 6% of the frames and 15% of the sequences of CIFAR-10-P and was not seen at the other
sizes. Here such a frame is the clean image, so that flip rates on this sequence are lower than on
the published file.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.gaussian_filter import blur_plane, gaussian_taps
from corruptions.keyed_random import KeyedRandom
from corruptions.water_drops import tint, water

# (frames, mean and standard deviation of the noise that becomes drops, standard deviation of its
#  blur in pixels, threshold below which it is no drop, opacity of the drops; then how much of the
#  liquid of a pixel and of those above it is there in the next frame)
STRENGTH = {
    "cifar": ((31, 0.6, 0.265, 1.75, 0.7, 0.6, 0.2, 0.8),),
    "tiny": ((31, 0.6, 0.25, 1.75, 0.7, 0.6, 0.2, 0.8),),
    "imagenet": ((31, 0.65, 0.27, 3.7, 0.69, 0.6, 0.05, 0.1, 0.15, 0.7),),
    "inception": ((31, 0.65, 0.3, 4.0, 0.69, 0.6, 0.05, 0.1, 0.15, 0.7),),
}


def sample(
    random: KeyedRandom, strength: tuple[float, ...], images: NDArray[np.uint8]
) -> tuple[NDArray[np.float64]]:
    """Draw the noise of the drops, standard normal: one array (N, H, W) for all frames."""
    return (random.normal(images.shape[1:3]),)


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], noise: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` behind drops made of the ``noise`` of ``sample``."""
    frames, mean, deviation, sigma_px, threshold, opacity, *flow = strength
    output = np.empty((len(images), int(frames), *images.shape[1:]), np.uint8)
    liquid = np.empty((int(frames), *images.shape[1:3]))
    for n, image in enumerate(images):
        _settle(mean + deviation * noise[n], gaussian_taps(sigma_px), threshold, liquid[0])
        _run_down(liquid, np.array(flow))
        drops = np.stack([water(layer, np.float32(opacity)) for layer in liquid])
        tint(image, drops, output[n])
    return output


@njit(cache=True, nogil=True)
def _settle(noise, taps, threshold, liquid):  # type: ignore[no-untyped-def]
    """Write smooth noise where it reaches the threshold and 0 elsewhere: float64 (H, W)."""
    blur_plane(noise, 1, taps, liquid, False)
    height, width = liquid.shape
    for y in range(height):
        for x in range(width):
            if liquid[y, x] < threshold:
                liquid[y, x] = 0.0


@njit(cache=True, nogil=True)
def _run_down(liquid, flow):  # type: ignore[no-untyped-def]
    """Fill ``liquid``, float64 (F, H, W), from its first frame; what leaves below is lost."""
    frames, height, width = liquid.shape
    # Oddity kept: of four weights the first one draws liquid up from the pixel below.
    upwards = (len(flow) - 1) // 2
    for k in range(1, frames):
        for y in range(height):
            liquid[k, y] = 0.0
            for j in range(len(flow)):
                above = y + upwards - j
                if 0 <= above < height:
                    for x in range(width):
                        liquid[k, y, x] += flow[j] * liquid[k - 1, above, x]
