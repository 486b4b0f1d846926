"""Shear: the rows of the image slide apart, from -15 to 15 degrees, over black.

Source: create_p scripts of Hendrycks & Dietterich 2019, one of the sequences held out for
validation.
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
# The reference shears the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], geometry: Geometry = AS_PUBLISHED
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` sheared by one more degree in every frame."""
    frames, first_deg = strength
    shape = images.shape[1:3]
    angles = [first_deg + k for k in range(int(frames))]
    return warp(images, [inverse_affine(shape, geometry, shear_deg=angle) for angle in angles])
