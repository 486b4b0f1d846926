"""Frames that the reference made: some to look at, and the sha256 of all of them.

At 32 px make_cifar_p.py of github.com/hendrycks/robustness (commit 8190fe3, Apache-2.0) was run on
four synthetic images, numpy's generator freshly seeded for every image; its black frames of spatter
were replaced by the clean image. For the other presets the recipes of its sister scripts were
carried out with numpy, Pillow, torchvision, scikit-image, OpenCV and ImageMagick 6.9.11 on one image
of 64 or 224 px, without a crop. ``@today`` marks the geometry of current torchvision, no mark that
of torchvision 0.2.1. They change only if the benchmark does.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.corruptions.golden.reference_pixels import arrays

FOLDER = Path(__file__).parent
DIGESTS = json.loads((FOLDER / "perturbations.json").read_text())
KEYS = sorted(DIGESTS)  # such as "cifar/rotate@today"


class Sequences(NamedTuple):
    images: np.ndarray  # uint8 (N, H, W, 3)
    seeds: list[int]  # N
    sha256: str  # the first 16 digits, of uint8 (N, F, H, W, 3)


def sequences(key: str) -> Sequences:
    """Return the images, the seeds and the digest of what the reference made of them."""
    preset, _ = key.split("/")
    images = arrays("blur_weather_inputs")["tiny" if preset == "tiny" else "imagenet"]
    if preset == "cifar":
        others = arrays("blur_weather_inputs")["cifar"]
        images = np.concatenate([arrays("perturbations")["image_0"][None], others])
    return Sequences(images, DIGESTS[key]["seeds"], DIGESTS[key]["sha256"])


@cache
def frames(key: str) -> dict[int, np.ndarray]:
    """Return number -> frame, uint8 (32, 32, 3), of the second image: the first few to look at."""
    _, name = key.split("/")
    count = {"motion_blur": 21, "translate": 16}.get(name, 31)
    kept = arrays("perturbations")[name]
    return dict(zip((1, count // 2 + 1, count - 1), kept, strict=True))


def digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]
