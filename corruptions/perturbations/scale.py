"""Scale: the image grows from small to larger than life about its middle, over black.

Source: Hendrycks & Dietterich 2019, section 4, and the create_p scripts of its code.
Agreement with the reference: exact. See ``corruptions.affine_warp`` for its two geometries.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.affine_warp import AS_PUBLISHED, Geometry, inverse_affine, warp

STRENGTH = {  # (frames, size of the first one in percent, percent from frame to frame)
    "cifar": ((31, 70.0, 2.0),),
    "tiny": ((31, 40.0, 2.5),),
    "imagenet": ((31, 40.0, 2.5),),
    "inception": ((31, 40.0, 2.5),),
}
# The reference scales the photograph and crops afterwards, so that its margin comes into view.
WARPS_BEFORE_CROP = True


def apply(
    images: NDArray[np.uint8], strength: tuple[float, ...], geometry: Geometry = AS_PUBLISHED
) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): ``images`` larger in every frame."""
    frames, first_percent, step_percent = strength
    shape = images.shape[1:3]
    scales = [(k * step_percent + first_percent) / 100.0 for k in range(int(frames))]
    return warp(images, [inverse_affine(shape, geometry, scale=scale) for scale in scales])
