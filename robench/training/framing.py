"""The flip and the shifted crop of ordinary training, once per image and before any method's own work.

All views of an image share its frame, so that a consistency loss compares like with like.
Source: the published AugMix code; He et al. 2016, section 4.2.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from baselines.keyed_uniforms import keyed_uniforms


def framed(
    images: NDArray[np.uint8],
    indices: NDArray[np.int64],
    *,
    flip: bool,
    padding_px: int,
    seed: int,
    epoch: int,
) -> NDArray[np.uint8]:
    """Mirror half of the images and shift each by up to ``padding_px`` pixels, black coming in.

    Args:
        images: uint8 (N, H, W, 3); left unchanged.
        indices: int64 (N,); an image's frame depends on its index, the seed and the epoch.

    Returns:
        uint8 (N, H, W, 3), contiguous.
    """
    count, height, width, _ = images.shape
    uniforms = keyed_uniforms(seed, "frame", epoch, indices, 3)
    mirrored = uniforms[:, 0] < 0.5 if flip else np.zeros(count, bool)
    images = np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    top, left = (uniforms[:, 1:] * (2 * padding_px + 1)).astype(np.int64).T
    border = (padding_px, padding_px)
    padded = np.pad(images, ((0, 0), border, border, (0, 0)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))
    chosen = windows[np.arange(count), top, left]  # (N, 3, H, W)
    return np.ascontiguousarray(chosen.transpose(0, 2, 3, 1))
