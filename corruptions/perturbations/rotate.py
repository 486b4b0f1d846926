"""Rotate: the image turns clockwise from -15 to 15 degrees, a degree a frame, over black.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference: exact. See ``corruptions.affine_warp`` for its two geometries.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.affine_warp import AS_PUBLISHED, Geometry, inverse_affine, warp

STRENGTH = {  # (frames, degrees of the first one)
    "cifar": ((31, -15.0),),
    "tiny": ((31, -15.0),),
    "imagenet": ((31, -15.0),),
    "inception": ((31, -15.0),),
}
# The reference turns the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], geometry: Geometry = AS_PUBLISHED
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` turned by one more degree in every frame."""
    frames, first_deg = strength
    shape = images.shape[1:3]
    angles = [first_deg + k for k in range(int(frames))]
    return warp(images, [inverse_affine(shape, geometry, angle_deg=angle) for angle in angles])
