"""Zoom blur: frame k is the mean of the clean image and its first k enlargements.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference: exact. See ``corruptions.affine_warp`` for its two geometries.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.affine_warp import AS_PUBLISHED, Geometry, inverse_affine, warp

STRENGTH = {  # (frames, enlargement from frame to frame)
    "cifar": ((31, 0.004),),
    "tiny": ((31, 0.004),),
    "imagenet": ((31, 0.004),),
    "inception": ((31, 0.004),),
}
# The reference enlarges the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], geometry: Geometry = AS_PUBLISHED
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images``, first clean, then ever more blurred."""
    frames, step = strength
    shape = images.shape[1:3]
    scales = [1 + step * k for k in range(1, int(frames))]
    zoomed = warp(images, [inverse_affine(shape, geometry, scale=scale) for scale in scales])
    output = np.empty((len(images), int(frames), *images.shape[1:]), np.uint8)
    output[:, 0] = images
    _cumulate(images, zoomed, output)
    return output


@njit(cache=True, nogil=True)
def _cumulate(images, zoomed, output):  # type: ignore[no-untyped-def]
    """Write the running means of an image and its zoomed frames, in the reference's float32."""
    white = np.float32(255.0)
    for n in range(len(images)):
        source = images[n].reshape(-1)
        total = source.astype(np.float32) / white
        for k in range(1, output.shape[1]):
            frame = zoomed[n, k - 1].reshape(-1)
            target = output[n, k].reshape(-1)
            for i in range(len(total)):
                total[i] += np.float32(frame[i]) / white
                target[i] = np.uint8(total[i] / np.float32(k + 1) * white)
