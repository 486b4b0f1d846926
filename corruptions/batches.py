"""``corrupt``: checks a batch, cuts it into chunks, and corrupts the chunks on several threads."""

import operator
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corruptions import catalogue
from corruptions.compilation import announce_compilation
from corruptions.errors import CorruptionError
from corruptions.keyed_random import KeyedRandom
from corruptions.preset_choice import AUTO, resolved
from corruptions.threads import in_threads

SMALLEST_SIDE_PX = 16
# Small enough that a chunk's float images stay in cache and memory stays flat, large enough to
# hide Python.
CHUNK_PIXELS = 1 << 15

Images = NDArray[np.uint8]

announce_compilation("corruptions")


def corrupt(
    images: Images,
    name: str,
    severity: int,
    *,
    preset: str = AUTO,
    seed: int = 0,
    indices: ArrayLike | None = None,
    threads: int | None = None,
) -> Images:
    """Corrupt a batch of images, or a single one.

    An output image depends on its pixels, ``name``, ``severity``, ``preset``, ``seed`` and its
    entry in ``indices``, and on nothing else: not on the batch it came in, its place there, or the
    number of threads. Images that come one by one, or batch by batch, need ``indices``: without
    them every call begins again at 0, and the first image of each gets the same random draws.

    Args:
        images: uint8 (N, H, W, 3) RGB, or (N, H, W) or (N, H, W, 1) grey, height and width at least
            16; or a single image, the same without N; left unchanged. For PIL images and tensors
            there is ``Corrupt``.
        name: a corruption, such as ``"fog"``; see ``corruptions.BENCHMARK`` and
            ``corruptions.EXTRA``.
        severity: 1 (mild) to 5 (severe).
        preset: whose constants to use: ``"cifar"`` (32 px), ``"tiny"`` (64), ``"imagenet"`` (224)
            or ``"inception"`` (299); ``"auto"`` goes by the images' smaller side, as ``preset_for``
            does (``"cifar"`` to 45 pixels, ``"tiny"`` to 119, ``"imagenet"`` to 258), and logs it.
        seed: 0 to 2**64 - 1; another seed gives other, equally valid, random draws.
        indices: N distinct non-negative integers, each image's number in its dataset, or one of a
            single image; 0 to N - 1 when omitted.
        threads: how many threads to use, at least 1; as many as there are cores when omitted.

    Returns:
        uint8 (N, H, W, 3), or (H, W, 3) of a single image.

    Raises:
        CorruptionError: for anything above that is not as described.

    Source: Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common
        Corruptions and Perturbations".
    """
    images, numbers, is_single = as_batch(images, indices)
    key = checked_seed(seed)
    workers = checked_threads(threads)
    strength = catalogue.strength(name, severity, resolved(preset, *images.shape[1:3]))
    module = catalogue.load(name)
    output = np.empty(images.shape, np.uint8)

    def corrupt_chunk(chunk: slice) -> None:
        part = np.ascontiguousarray(images[chunk])
        if not part.flags.writeable:
            # Numba would compile every kernel once more for an array that cannot be written.
            part = part.copy()
        if not hasattr(module, "sample"):
            output[chunk] = module.apply(part, strength)
            return
        random = KeyedRandom(key, name, severity, numbers[chunk])
        if hasattr(module, "draw_and_apply"):
            output[chunk] = module.draw_and_apply(part, strength, random)
        else:
            output[chunk] = module.apply(part, strength, *module.sample(random, strength, part))

    slices = chunks(images.shape, workers, getattr(module, "CHUNK_PIXELS", None))
    in_threads(corrupt_chunk, list(slices), workers)
    return output[0] if is_single else output


def as_batch(images: Images, indices: ArrayLike | None) -> tuple[Images, NDArray[np.int64], bool]:
    """Return images as uint8 (N, H, W, 3), their indices, and whether it was a single image.

    A single image is (H, W, 3), (H, W, 1) or (H, W), and its index may be a number. No batch is
    like that: an image is at least 16 pixels wide. Raises CorruptionError for what is neither.
    """
    shape: tuple[int, ...] = getattr(images, "shape", ())
    is_single = len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))
    batch = rgb_images(images[None] if is_single else images)
    if is_single and indices is not None:
        indices = np.atleast_1d(indices)
    return batch, checked_indices(indices, len(batch)), is_single


def rgb_images(images: Images) -> Images:
    """Return ``images`` as uint8 (N, H, W, 3), grey ones with three equal channels.

    Raises CorruptionError unless they are uint8 (N, H, W, 3), (N, H, W, 1) or (N, H, W) with sides of
    at least 16 pixels.
    """
    if not isinstance(images, np.ndarray):
        raise CorruptionError(
            f"images must be a uint8 array with values 0 to 255, got {type(images).__name__}; "
            "corruptions.Corrupt takes PIL images and uint8 tensors"
        )
    if images.dtype != np.uint8:
        raise CorruptionError(
            f"images must be a uint8 array with values 0 to 255, got {images.dtype}{_as_bytes(images)}"
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3):
        raise CorruptionError(
            f"images must have shape (N, H, W, 3), or (N, H, W) if grey, got {images.shape}"
        )
    if len(images) and min(images.shape[1:3]) < SMALLEST_SIDE_PX:
        raise CorruptionError(
            f"images must be at least {SMALLEST_SIDE_PX} pixels on each side, "
            f"got {images.shape[1]} x {images.shape[2]}"
        )
    return images if images.shape[3] == 3 else np.broadcast_to(images, (*images.shape[:3], 3))


def checked_indices(indices: ArrayLike | None, count: int) -> NDArray[np.int64]:
    """Return ``indices`` as int64 (N,), 0 to N - 1 for None.

    Raises CorruptionError if they cannot be keys: wrong shape, not integers, negative or repeated.
    """
    if indices is None:
        return np.arange(count, dtype=np.int64)
    numbers = np.asarray(indices)
    if numbers.shape != (count,) or (count and numbers.dtype.kind not in "iu"):
        raise CorruptionError(
            f"indices must be {count} integers, one per image, got {numbers.dtype} {numbers.shape}"
        )
    if count and numbers.min() < 0:
        raise CorruptionError(f"indices must not be negative, got {numbers.min()}")
    if count and numbers.max() >= 2**63:
        raise CorruptionError(f"indices must be below 2**63, got {numbers.max()}")
    if len(np.unique(numbers)) != count:
        raise CorruptionError("indices must be distinct: equal indices get equal random draws")
    return numbers.astype(np.int64)


def checked_seed(seed: int) -> int:
    """Return ``seed`` as an int; raise CorruptionError unless it is an integer from 0 to 2**64 - 1."""
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < 2**64:
        raise CorruptionError(f"seed must be an integer from 0 to 2**64 - 1, got {seed!r}")
    return number


def checked_threads(threads: int | None) -> int:
    """Return how many threads to use; raise CorruptionError for fewer than one."""
    if threads is None:
        return _cores()
    if threads < 1:
        raise CorruptionError(f"threads must be at least 1, got {threads}")
    return threads


def chunks(shape: tuple[int, ...], threads: int, most_pixels: int | None = None) -> Iterator[slice]:
    """Cut a batch of ``shape`` (N, H, W, 3) into slices: every thread busy, memory flat.

    A slice has at least one image, and else at most ``most_pixels``: ``CHUNK_PIXELS`` when omitted.
    For several threads they get smaller towards the end, so that none waits long for the last, but
    not so small that Python would take longer than the work.
    """
    count, pixels = shape[0], max(1, shape[1] * shape[2])
    largest = max(1, (most_pixels or CHUNK_PIXELS) // pixels)
    smallest = max(1, min(largest // 2, -(-count // threads)))
    start = 0
    while start < count:
        share = count if threads == 1 else max(smallest, (count - start) // (2 * threads))
        stop = min(start + min(largest, share), count)
        yield slice(start, stop)
        start = stop


def _as_bytes(images: NDArray[Any]) -> str:
    """Return how to make bytes of images of another type, where their values tell."""
    if not images.size or images.dtype.kind not in "buif" or not np.isfinite(images).all():
        return ""
    lowest, highest = images.min(), images.max()
    if lowest < 0 or highest > 255:
        return f" with values {lowest} to {highest}"
    if highest <= 1 and images.dtype.kind == "f":
        return "; for floats in [0, 1] pass (x * 255).round().astype('uint8')"
    return "; of values 0 to 255 pass x.round().astype('uint8')"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
