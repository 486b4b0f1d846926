"""``corrupt``: checks a batch, cuts it into chunks, and corrupts the chunks on several threads."""

import functools
import operator
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corruptions import catalogue
from corruptions.compilation import announce_compilation
from corruptions.errors import CorruptionError
from corruptions.keyed_random import KeyedRandom
from corruptions.preset_choice import resolved

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
    preset: str,
    seed: int = 0,
    indices: ArrayLike | None = None,
    threads: int | None = None,
) -> Images:
    """Corrupt a batch of images.

    An output image depends on its pixels, ``name``, ``severity``, ``preset``, ``seed`` and its
    entry in ``indices``, and on nothing else: not on the batch it came in, its place there, or the
    number of threads.

    Args:
        images: uint8 (N, H, W, 3) RGB, or (N, H, W) or (N, H, W, 1) grey, height and width at least
            16; left unchanged.
        name: a corruption, such as ``"fog"``; see ``corruptions.BENCHMARK`` and
            ``corruptions.EXTRA``.
        severity: 1 (mild) to 5 (severe).
        preset: whose constants to use: ``"cifar"`` (32 px), ``"tiny"`` (64), ``"imagenet"`` (224)
            or ``"inception"`` (299); ``"auto"`` takes the nearest to the images' size, and logs it.
        seed: 0 to 2**64 - 1; another seed gives other, equally valid, random draws.
        indices: N distinct non-negative integers, each image's number in its dataset; 0 to N - 1
            when omitted.
        threads: how many threads to use, at least 1; as many as there are cores when omitted.

    Returns:
        uint8 (N, H, W, 3).

    Raises:
        CorruptionError: for anything above that is not as described.

    Source: Hendrycks & Dietterich 2019, "Benchmarking Neural Network Robustness to Common
        Corruptions and Perturbations".
    """
    images = rgb_images(images)
    numbers = checked_indices(indices, len(images))
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
        draws = ()
        if hasattr(module, "sample"):
            random = KeyedRandom(key, name, severity, numbers[chunk])
            draws = module.sample(random, strength, part)
        output[chunk] = module.apply(part, strength, *draws)

    in_threads(corrupt_chunk, list(chunks(images.shape, workers)), workers)
    return output


def rgb_images(images: Images) -> Images:
    """Return ``images`` as uint8 (N, H, W, 3), grey ones with three equal channels.

    Raises CorruptionError unless they are uint8 (N, H, W, 3), (N, H, W, 1) or (N, H, W) with sides of
    at least 16 pixels.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        got = getattr(images, "dtype", type(images).__name__)
        raise CorruptionError(
            f"images must be a uint8 array with values 0 to 255, got {got}; "
            "for floats in [0, 1] pass (x * 255).round().astype('uint8')"
        )
    if images.ndim == 3 and images.shape[2] != 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3):
        hint = "; for a single image pass image[None]" if images.ndim == 3 else ""
        raise CorruptionError(
            f"images must have shape (N, H, W, 3), or (N, H, W) if grey, got {images.shape}{hint}"
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


def chunks(shape: tuple[int, ...], threads: int) -> Iterator[slice]:
    """Cut a batch of ``shape`` (N, H, W, 3) into slices: every thread busy, memory flat."""
    count = shape[0]
    pixels = max(1, shape[1] * shape[2])
    size = max(1, min(CHUNK_PIXELS // pixels, -(-count // threads)))
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def in_threads(work: Callable[[slice], None], slices: list[slice], threads: int) -> None:
    """Run ``work`` on every slice, in this thread and ``threads`` - 1 others; raise its exception.

    Each takes the next slice when it is done with one. After an exception no slice is begun.
    """
    keep_freed_memory()
    helpers = min(threads, len(slices)) - 1
    # A list's iterator gives each element to one thread, without a task and a result for each.
    waiting = iter(slices)
    if helpers < 1:
        _work_through(work, waiting)
        return
    with ThreadPoolExecutor(helpers) as pool:
        futures = [pool.submit(_work_through, work, waiting) for _ in range(helpers)]
        _work_through(work, waiting)
        for future in futures:
            future.result()


def _work_through(work: Callable[[slice], None], waiting: Iterator[slice]) -> None:
    try:
        for chunk in waiting:
            work(chunk)
    except BaseException:
        # Leave nothing to the other threads.
        for _ in waiting:
            pass
        raise


@functools.cache
def keep_freed_memory() -> None:
    """Make the C library keep what is freed, up to 64 MB, for what is allocated next; once a process.

    By default glibc gives a chunk's arrays back to the system, and gets them anew page by page for
    the next chunk, which can take longer than the corruption. The largest block freed so far is
    what it learns from; the one here is never touched and so never in memory.
    """
    block = np.empty(31 << 20, np.uint8)
    del block


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
