"""``perturb``: makes of every image of a batch a sequence of slightly changed frames."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corruptions import batches
from corruptions.errors import CorruptionError
from corruptions.keyed_random import KeyedRandom
from corruptions.preset_choice import AUTO, resolved
from corruptions.sequence_catalogue import sequence
from corruptions.threads import in_threads

# In the place of a severity, which is 1 to 5, in the key of the random numbers.
SEVERITY = 0

Images = NDArray[np.uint8]


def perturb(
    images: Images,
    name: str,
    *,
    preset: str = AUTO,
    seed: int = 0,
    indices: ArrayLike | None = None,
    threads: int | None = None,
    crop_px: int | None = None,
) -> Images:
    """Make a perturbation sequence of every image of a batch, or of a single one.

    A sequence depends on its image's pixels, ``name``, ``preset``, ``seed``, ``crop_px`` and its
    entry in ``indices``, and on nothing else. The result is as many times the batch as there are
    frames: cut a large data set into batches. Frames are as they are before the benchmark's files
    encode them as videos.

    Args:
        images: uint8 (N, H, W, 3) RGB, or (N, H, W) or (N, H, W, 1) grey, height and width at least
            16; or a single image, the same without N; left unchanged.
        name: a sequence, such as ``"tilt"``; see ``corruptions.CORE_CIFAR`` and the like.
        preset: whose constants to use: ``"cifar"`` (32 px), ``"tiny"`` (64), ``"imagenet"`` (224)
            or ``"inception"`` (299); ``"auto"`` goes by the smaller side of the images, or of the
            crop, as ``preset_for`` does, and logs it.
        seed: 0 to 2**64 - 1; another seed gives other, equally valid, random draws.
        indices: N distinct non-negative integers, each image's number in its dataset, or one of a
            single image; 0 to N - 1 when omitted, so that images which come one by one need it.
        threads: how many threads to use, at least 1; as many as there are cores when omitted.
        crop_px: side of the square that is cut from the middle, 16 up to the smaller side; the
            whole image when omitted. The benchmark shifts, turns, tilts, scales and enlarges the
            uncropped picture, so that what lies around the crop comes into view in the place of
            black. To get that, give ImageNet's pictures with their smaller side resized to 256
            and crop 224. (Inception's script scales and enlarges the 299 pixel crop, and does the
            rest before it resizes the photograph: give either, and resize the frames yourself.)

    Returns:
        uint8 (N, F, H, W, 3), or (F, H, W, 3) of a single image, F being
        ``frame_count(name, preset=preset)``. Noise and zoom blur begin with the clean image;
        ``brightness``, ``rotate`` and the like pass by it half way.

    Raises:
        CorruptionError: for anything above that is not as described.

    Source: Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common
        Corruptions and Perturbations", section 4.
    """
    images, numbers, is_single = batches.as_batch(images, indices)
    key = batches.checked_seed(seed)
    workers = batches.checked_threads(threads)
    middle = _middle(images.shape, crop_px)
    module, strength = sequence(name, resolved(preset, *images[middle].shape[1:3]))
    warps = getattr(module, "WARPS_BEFORE_CROP", False)
    count, frames = len(images), int(strength[0])
    output = np.empty((count, frames, *images[middle].shape[1:]), np.uint8)

    def perturb_chunk(chunk: slice) -> None:
        # A copy, which is contiguous and can be written: numba compiles once for each such kind.
        part = np.array((images if warps else images[middle])[chunk], order="C")
        draws = ()
        if hasattr(module, "sample"):
            random = KeyedRandom(key, name, SEVERITY, numbers[chunk])
            draws = module.sample(random, strength, part)
        made = module.apply(part, strength, *draws)
        output[chunk] = made[:, :, *middle[1:]] if warps else made

    # A chunk is as large as its frames, not as its images.
    shape = (count, frames * images.shape[1], images.shape[2], 3)
    in_threads(perturb_chunk, list(batches.chunks(shape, workers)), workers)
    return output[0] if is_single else output


def _middle(shape: tuple[int, ...], crop_px: int | None) -> tuple[slice, slice, slice]:
    """Return the slices of images, rows and columns that are left of a batch of ``shape``."""
    if crop_px is None:
        return slice(None), slice(None), slice(None)
    smallest, largest = batches.SMALLEST_SIDE_PX, min(shape[1:3])
    if not isinstance(crop_px, int | np.integer) or not smallest <= crop_px <= largest:
        raise CorruptionError(
            f"crop_px must be {smallest} to {largest}, the smaller side of the images, "
            f"got {crop_px!r}"
        )
    # Half a pixel is rounded to the even number, as by torchvision's CenterCrop.
    top, left = (round((side - crop_px) / 2) for side in shape[1:3])
    return slice(None), slice(top, top + crop_px), slice(left, left + crop_px)
