"""Double crops: images that were framed once and are framed again, so that a model sees their enlarged middle.

The classic: ImageNet-C's 224-pixel files through Resize(256) and CenterCrop(224), as one does with photographs. It
costs several points of error and shows in many published numbers.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from robench.datasets import stratified
from robench.datasets.framing import CentreCrop, Squash
from robench.datasets.image_folder import ImageFolder, decoded
from robench.doctor.finding import NOTE, OK, WRONG, Finding
from robench.models import Model
from robench.suites import Condition
from robench.suites.benchmark import Benchmark

CLEAN_CHECK, CORRUPTED_CHECK = "clean crop", "corrupted crop"
PICTURES = 100
COMPARED = 32
ENLARGED = 256 / 224
# Grey pixels of an image and of its mildest corruption correlate at 0.8 and more, those of two images hardly.
SAME_IMAGE = 0.5
AS_IT_IS = "as it is"
# Corruptions that keep every pixel in its place, so that a crop shows.
IN_PLACE = (
    "brightness",
    "contrast",
    "jpeg_compression",
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "pixelate",
    "iso_noise",
    "color_quant",
)
CLEAN_AT_FIRST = ("gaussian_noise", "shot_noise")


def check_clean_crop(
    benchmark: Benchmark, model: Model | None, device: torch.device, batch_size: int
) -> Finding:
    """Return the verdict on photographs that are about to be cropped: have they been before?"""
    full = benchmark.full
    if not isinstance(full, ImageFolder) or not isinstance(full.framing, CentreCrop):
        return Finding(CLEAN_CHECK, OK, "the images are shown whole, as they are stored")
    chosen = full.select(stratified(full.labels, min(PICTURES, len(full.labels))))
    sizes = {_size(chosen, path) for path in chosen.paths}
    width, height = next(iter(sizes))
    resize_px, side_px = full.framing.resize_px, full.framing.side_px
    if len(sizes) > 1 or width != height or width >= resize_px:
        return Finding(
            CLEAN_CHECK,
            OK,
            f"{len(sizes)} sizes among {len(chosen.paths)} photographs, resized to {resize_px} and "
            f"cropped to {side_px} once",
        )
    numbers = _errors(chosen, model, device, batch_size) if model else ""
    return Finding(
        CLEAN_CHECK,
        WRONG,
        f"a double crop: all of {len(chosen.paths)} pictures looked at are {width} x {height}, so they were framed "
        f"before; resizing them to {resize_px} and cropping {side_px} shows their enlarged middle{numbers}; "
        "give the photographs as published",
    )


def check_corrupted_crop(benchmark: Benchmark) -> Finding:
    """Return the verdict on the corrupted images: do they show what the clean ones show, and as much of it?"""
    suite = benchmark.suite
    if benchmark.folder is None:
        return Finding(CORRUPTED_CHECK, NOTE, "no folder of corrupted images to compare with")
    if suite.sequences:  # the first frame of a noise sequence is clean
        conditions = [Condition(name, 0) for name in CLEAN_AT_FIRST if name in suite.corruptions]
    else:
        conditions = [Condition(name, 1) for name in IN_PLACE if name in suite.corruptions]
    if not conditions:
        return Finding(CORRUPTED_CHECK, NOTE, "no corruption leaves every pixel in its place")
    positions = stratified(benchmark.full.labels, min(COMPARED, len(benchmark.full.labels)))
    clean = benchmark.full.select(positions).read(0, len(positions))
    lines = []
    for condition in conditions:
        images = _corrupted(benchmark, condition, positions)
        found = _correlations(clean, images)
        best = max(found, key=lambda key: found[key])
        lines.append(f"{condition} {found[AS_IT_IS]:.2f}")
        numbers = ", ".join(f"{value:.2f} {key}" for key, value in found.items())
        if found[best] < SAME_IMAGE:
            return Finding(
                CORRUPTED_CHECK,
                WRONG,
                f"{condition} shows other images than the clean ones, or in another order: correlation {numbers}",
            )
        if best != AS_IT_IS:
            return Finding(
                CORRUPTED_CHECK, WRONG, f"{condition} fits best {best}: correlation {numbers}"
            )
    return Finding(
        CORRUPTED_CHECK,
        OK,
        f"the same scenes, crops and order as the clean images (correlation {', '.join(lines)})",
    )


def _corrupted(
    benchmark: Benchmark, condition: Condition, positions: NDArray[np.int64]
) -> NDArray[np.uint8]:
    source = benchmark.source(condition)
    rows = np.searchsorted(benchmark.positions, positions)
    images = np.concatenate([source.read(row, row + 1) for row in rows])
    return images[:, 0] if condition.is_sequence else images


def _correlations(clean: NDArray[np.uint8], corrupted: NDArray[np.uint8]) -> dict[str, float]:
    """Return hypothesis -> correlation of the grey pixels, averaged over images."""
    return {
        AS_IT_IS: _correlation(clean, corrupted),
        "cropped once more (a double crop of the corrupted images)": _correlation(
            _cropped_again(clean), corrupted
        ),
        "only if the corrupted are cropped once more (a double crop of the clean images)": _correlation(
            clean, _cropped_again(corrupted)
        ),
    }


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    a, b = (
        images.mean(axis=3).reshape(len(images), -1).astype(np.float64) for images in (one, other)
    )
    a, b = (values - values.mean(axis=1, keepdims=True) for values in (a, b))
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return float(np.mean((a * b).sum(axis=1) / np.maximum(scale, 1e-9)))


def _cropped_again(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 images of the same size: their middle, enlarged as by Resize(256) and CenterCrop(224)."""
    side = images.shape[1]
    large = round(side * ENLARGED)
    start = (large - side) // 2
    resized = [cv2.resize(image, (large, large)) for image in images]
    return np.stack(resized)[:, start : start + side, start : start + side]


def _errors(chosen: ImageFolder, model: Model, device: torch.device, batch_size: int) -> str:
    """Return in words what the model makes of the pictures as they would be shown, and whole."""
    whole = Squash(chosen.framing.side_px)
    pictures = np.stack([np.asarray(whole(decoded(chosen.root / path))) for path in chosen.paths])
    framed = chosen.read(0, len(chosen.paths))
    errors = [
        _error(model, images, chosen.labels, device, batch_size) for images in (framed, pictures)
    ]
    return f" (clean error {errors[0]:.1%} so, {errors[1]:.1%} of the whole pictures)"


def _error(
    model: Model,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    device: torch.device,
    batch_size: int,
) -> float:
    predictions = [
        model.logits(images[start : start + batch_size], device).argmax(1).cpu().numpy()
        for start in range(0, len(images), batch_size)
    ]
    return float((np.concatenate(predictions) != labels).mean())


def _size(source: ImageFolder, path: str) -> tuple[int, int]:
    with Image.open(source.root / path) as picture:
        return picture.size
