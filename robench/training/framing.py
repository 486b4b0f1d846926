"""The flip and the crop of ordinary training, once per image and before any method's own work.

All views of an image share its frame, so that a consistency loss compares like with like.
Source: the published AugMix code; He et al. 2016, section 4.2 (shifted crop); Szegedy et al. 2015,
section 6, in the form of torchvision's RandomResizedCrop (resized crop).
"""

import math

import numba
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from baselines.keyed_uniforms import keyed_uniforms

CROP_AREA = (0.08, 1.0)
CROP_ASPECT = (3 / 4, 4 / 3)
CROP_ATTEMPTS = 10


def flipped(
    images: NDArray[np.uint8], indices: NDArray[np.int64], *, seed: int, epoch: int
) -> NDArray[np.uint8]:
    """Mirror half of the images, uint8 (N, H, W, 3); which ones depends on indices, int64 (N,), seed and epoch."""
    mirrored = keyed_uniforms(seed, "flip", epoch, indices, 1)[:, 0] < 0.5
    output = np.empty(images.shape, np.uint8)
    _mirror(np.ascontiguousarray(images), mirrored, output)
    return output


@numba.njit(nogil=True, cache=True)
def _mirror(
    images: NDArray[np.uint8], mirrored: NDArray[np.bool_], output: NDArray[np.uint8]
) -> None:
    """Copy images, uint8 (N, H, W, 3), where ``mirrored`` (N,) with left and right exchanged."""
    count, height, width, _ = images.shape
    pixels, targets = images.reshape((count, -1)), output.reshape((count, -1))
    for i in range(count):
        if not mirrored[i]:
            targets[i] = pixels[i]
            continue
        for y in range(height):
            start, last = 3 * y * width, 3 * (y + 1) * width - 3
            for x in range(0, 3 * width, 3):
                for channel in range(3):
                    targets[i, start + x + channel] = pixels[i, last - x + channel]


def shifted(
    images: NDArray[np.uint8],
    indices: NDArray[np.int64],
    padding_px: int,
    *,
    seed: int,
    epoch: int,
) -> NDArray[np.uint8]:
    """Shift each image by up to ``padding_px`` pixels, black coming in.

    Args:
        images: uint8 (N, H, W, 3); left unchanged.
        indices: int64 (N,); an image's frame depends on its index, the seed and the epoch.

    Returns:
        uint8 (N, H, W, 3), contiguous.
    """
    count, height, width, _ = images.shape
    uniforms = keyed_uniforms(seed, "shift", epoch, indices, 2)
    top, left = (uniforms * (2 * padding_px + 1)).astype(np.int64).T
    border = (padding_px, padding_px)
    padded = np.pad(images, ((0, 0), border, border, (0, 0)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))
    chosen = windows[np.arange(count), top, left]  # (N, 3, H, W)
    return np.ascontiguousarray(chosen.transpose(0, 2, 3, 1))


def resized_crop(
    picture: Image.Image, index: int, side_px: int, *, seed: int, epoch: int
) -> NDArray[np.uint8]:
    """Cut a random part out of one RGB picture and resize it, bilinear, to uint8 (side_px, side_px, 3)."""
    draws = keyed_uniforms(seed, "crop", epoch, np.array([index]), 4 * CROP_ATTEMPTS)[0]
    left, top, width, height = crop_box(picture.size, draws)
    crop = picture.crop((left, top, left + width, top + height))
    return np.asarray(crop.resize((side_px, side_px), Image.Resampling.BILINEAR))


def crop_box(size: tuple[int, int], draws: NDArray[np.float64]) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a random part of a picture of ``size`` (width, height).

    Its area is 8 to 100% of the picture's and its aspect 3:4 to 4:3. ``draws`` are four numbers in (0, 1)
    for each of ten attempts; where none fits into the picture, the largest central part of an allowed
    aspect is taken.
    """
    full_width, full_height = size
    log_aspects = [math.log(aspect) for aspect in CROP_ASPECT]
    for share, tilt, down, across in draws.reshape(CROP_ATTEMPTS, 4):
        area = full_width * full_height * (CROP_AREA[0] + share * (CROP_AREA[1] - CROP_AREA[0]))
        aspect = math.exp(log_aspects[0] + tilt * (log_aspects[1] - log_aspects[0]))
        width, height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < width <= full_width and 0 < height <= full_height:
            top = int(down * (full_height - height + 1))
            return int(across * (full_width - width + 1)), top, width, height
    width, height = full_width, full_height
    if full_width / full_height < CROP_ASPECT[0]:
        height = round(width / CROP_ASPECT[0])
    elif full_width / full_height > CROP_ASPECT[1]:
        width = round(height * CROP_ASPECT[1])
    return (full_width - width) // 2, (full_height - height) // 2, width, height
