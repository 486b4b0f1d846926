"""Motion blur: the camera moves, and from frame to frame in a direction turned a little further.

No frame is clean; the last one is blurred along the rows.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code, which hand
the image to ImageMagick.
Agreement with the reference: exact.
Oddities kept: 21 frames for CIFAR, where most sequences have 31. The Tiny-ImageNet script blurs the
photograph at its own size and then resizes it to 64 pixels: give the photographs to get that.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.motion_taps import blur_motion, motion_weights
from corruptions.turning_trail import turning_offsets

# (frames, half the length of the trail in pixels, standard deviation of its weights in pixels,
#  degrees from frame to frame)
STRENGTH = {
    "cifar": ((21, 6.0, 1.8, 9.0),),
    "tiny": ((31, 14.0, 3.0, 5.0),),
    "imagenet": ((31, 10.0, 3.0, 4.0),),
    "inception": ((31, 13.0, 3.0, 4.0),),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` blurred in a direction that turns to 0 degrees."""
    frames, radius_px, sigma_px, turn_deg = strength
    weights = motion_weights(radius_px, sigma_px)
    first_deg = -(frames - 1) * turn_deg
    output = np.repeat(images[:, None], int(frames), axis=1)
    _blur(output, weights, turning_offsets(first_deg, turn_deg, int(frames), len(weights)))
    return output


@njit(cache=True, nogil=True)
def _blur(output, weights, offsets):  # type: ignore[no-untyped-def]
    """Blur every frame of ``output``, uint8 (N, F, H, W, 3), in place along its own trail."""
    count, frames, height, width, _ = output.shape
    margin = len(weights)
    padded = np.empty((height + 2 * margin, (width + 2 * margin) * 3), np.float32)
    total = np.empty(width * 3)
    for n in range(count):
        for k in range(frames):
            frame = output[n, k].reshape(height, width * 3)
            blur_motion(frame, 3, weights, offsets[k], padded, total)
