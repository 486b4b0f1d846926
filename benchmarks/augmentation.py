"""Time robench's AugMix against the published algorithm in Pillow: same images, one thread, same run.

    python benchmarks/augmentation.py            views at 32 and 224 pixels, and a training step
    python benchmarks/augmentation.py --no-step  only the views

The published algorithm is written here as people run it: every operation by Pillow on bytes, every chain's end
to a tensor, normalized by torchvision and mixed by torch. torchvision's and timm's transforms of that name are
other algorithms, with operations that overlap with the test corruptions; they are timed for reference.

"Three views" is all that becomes of an image before the network, the same on both sides: from bytes in memory, the
flip and (at 32 pixels) the shifted crop, the clean view to a normalized tensor, two mixtures, and the batch as one
tensor. What both sides leave out is the same, too: reading files, and for photographs the resized crop, which is
Pillow's on both sides. "A mixture" is one mixture of an image that is framed already; the published code makes a
tensor of the image twice for it, and so does this.

Time is that of the processor, of one thread on one core, so that what else the machine does counts little. Each way
takes its turn in every round, with the same draws each time, and its best round counts. Ours includes its random
draws. The training step is one of ResNet-20 in float32 on 128 images in three views, with the same loss and
optimiser: the published way with the published views, ours with ours and, as in `robench train`, channels last.
"""

# ruff: noqa: NPY002 (the published code draws from numpy's global generator)
import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

# The package above this folder, wherever the benchmark is started.
sys.path[0] = str(Path(__file__).parent.parent)

import numpy as np
import timm.data.auto_augment
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from sklearn.datasets import load_sample_images
from torchvision import transforms

from baselines import architectures, methods
from baselines.augmentations import augment_and_mix
from baselines.augmentations.mixing import Mixture, sample_chains
from baselines.methods.method import Batch, Normalization
from robench.training.framing import flipped, shifted

# Side in pixels -> (images a call of ours, images of the others, severity, ratio asked for).
SIZES = {32: (128, 96, 3.0, 38), 224: (32, 16, 1.0, 8)}
CROP_PADDING_PX = 4
STEP_BATCH = 128
STEP_RATIO, STEP_SHARE = 1.3, 0.02
BILINEAR, AFFINE = Image.Resampling.BILINEAR, Image.Transform.AFFINE

Pixels = NDArray[np.uint8]
Picture = Image.Image
Views = Callable[[], object]


def photographs(count: int, side_px: int) -> Pixels:
    """Return crops of scikit-learn's two sample photographs, uint8 (count, side, side, 3).

    A crop is of half the photograph's height, so that a small image has as much to show as a large one.
    """
    places = np.random.default_rng(0)
    whole = [Image.fromarray(picture) for picture in load_sample_images().images]
    crops = []
    for number in range(count):
        picture = whole[number % len(whole)]
        side = picture.height // 2
        left, top = (int(places.integers(0, size - side)) for size in picture.size)
        crop = picture.resize((side_px, side_px), BILINEAR, (left, top, left + side, top + side))
        crops.append(np.asarray(crop))
    return np.stack(crops)


def level_of(severity: float, most: float) -> float:
    return np.random.uniform(0.1, severity) * most / 10


def signed(amount: float) -> float:
    return -amount if np.random.uniform() > 0.5 else amount


def affine(picture: Picture, *matrix: float) -> Picture:
    return picture.transform(picture.size, AFFINE, matrix, resample=BILINEAR)


OPERATIONS: list[Callable[[Picture, float], Picture]] = [
    lambda picture, _: ImageOps.autocontrast(picture),
    lambda picture, _: ImageOps.equalize(picture),
    lambda picture, severity: ImageOps.posterize(picture, 4 - int(level_of(severity, 4))),
    lambda picture, severity: picture.rotate(signed(int(level_of(severity, 30))), BILINEAR),
    lambda picture, severity: ImageOps.solarize(picture, 256 - int(level_of(severity, 256))),
    lambda picture, severity: affine(picture, 1, signed(level_of(severity, 0.3)), 0, 0, 1, 0),
    lambda picture, severity: affine(picture, 1, 0, 0, signed(level_of(severity, 0.3)), 1, 0),
    lambda picture, severity: affine(
        picture, 1, 0, signed(int(level_of(severity, picture.width / 3))), 0, 1, 0
    ),
    lambda picture, severity: affine(
        picture, 1, 0, 0, 0, 1, signed(int(level_of(severity, picture.width / 3)))
    ),
]


class Published:
    """The published algorithm, one picture at a time."""

    def __init__(self, severity: float, *, cropped: bool = True) -> None:
        self.severity = severity
        self.cropped = cropped
        self.preprocess = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]
        )

    def mixture(self, picture: Picture) -> torch.Tensor:
        weights = np.float32(np.random.dirichlet([1] * 3))
        share = np.float32(np.random.beta(1, 1))
        mixed = torch.zeros_like(self.preprocess(picture))
        for weight in weights:
            chain = picture.copy()
            for _ in range(np.random.randint(1, 4)):
                chain = np.random.choice(OPERATIONS)(chain, self.severity)
            mixed += weight * self.preprocess(chain)
        # For the second time, as published.
        return (1 - share) * self.preprocess(picture) + share * mixed

    def views(self, images: Pixels) -> torch.Tensor:
        """Return the clean image, framed, and two mixtures of each, (3 N, 3, H, W)."""
        frame: list[Callable[[Picture], Picture]] = [transforms.RandomHorizontalFlip()]
        if self.cropped:
            frame.append(transforms.RandomCrop(images.shape[1], padding=CROP_PADDING_PX))
        framed, triples = transforms.Compose(frame), []
        for image in images:
            picture = framed(Image.fromarray(image))
            triples.append((self.preprocess(picture), self.mixture(picture), self.mixture(picture)))
        return torch.cat([torch.stack(view) for view in zip(*triples, strict=True)])


def in_turn(ways: dict[str, Views], rounds: int) -> dict[str, float]:
    """Return each way's shortest time in seconds, after a turn that is not counted."""
    best = dict.fromkeys(ways, float("inf"))
    for number in range(rounds + 1):
        for name, work in ways.items():
            # The same operations in every round, or the best would be the one with the easiest.
            random.seed(0)
            torch.manual_seed(0)
            np.random.seed(0)
            start = time.thread_time()
            work()
            if number:
                best[name] = min(best[name], time.thread_time() - start)
    return best


def batch_of(images: Pixels) -> Batch:
    count = len(images)
    return Batch(
        images=images,
        labels=np.arange(count) % 10,
        indices=np.arange(count),
        num_classes=10,
        normalization=Normalization(),
        seed=0,
        epoch=0,
        step=0,
    )


def framed(images: Pixels, *, cropped: bool) -> Pixels:
    """Frame images as training does."""
    indices, key = np.arange(len(images)), {"seed": 0, "epoch": 0}
    if cropped:
        images = shifted(images, indices, CROP_PADDING_PX, **key)
    return flipped(images, indices, **key)


def compare_views(side_px: int, rounds: int) -> None:
    count, few, severity, asked = SIZES[side_px]
    images, cropped = photographs(count, side_px), side_px == min(SIZES)
    published = Published(severity, cropped=cropped)
    method = methods.create("augmix", {"severity": severity})
    best = in_turn(
        {
            "robench": lambda: method.prepare(batch_of(framed(images, cropped=cropped))),
            "published": lambda: published.views(images[:few]),
        },
        rounds,
    )
    print(f"\nthree views of an image of {side_px} px, severity {severity:g}")
    print_ratios(best, count, few)
    print(f"  asked of robench: {asked} times as fast as the published algorithm", flush=True)


def print_ratios(best: dict[str, float], count: int, few: int) -> None:
    """Print times per image: ours are of ``count`` images, the others' of ``few``."""
    each = {name: best[name] / (count if name == "robench" else few) for name in best}
    for name, seconds in each.items():
        times = "" if name == "robench" else f"{seconds / each['robench']:8.1f} times robench's"
        print(f"  {name:<14}{1e6 * seconds:10.1f} us{times}", flush=True)


def compare_mixtures(side_px: int, rounds: int) -> None:
    count, few, severity, _ = SIZES[side_px]
    images = photographs(count, side_px)
    pictures = [Image.fromarray(image) for image in images[:few]]
    published, table = Published(severity), Normalization().table()
    libraries = {
        "torchvision's": transforms.AugMix(severity=max(1, int(severity))),
        "timm's": timm.data.auto_augment.augment_and_mix_transform(
            f"augmix-m{int(severity)}-w3", {"img_mean": (128, 128, 128)}
        ),
    }

    def ours() -> None:
        chains = sample_chains(
            Mixture(severity=severity),
            (side_px, side_px),
            np.arange(count),
            seed=0,
            epoch=0,
            view=1,
        )
        augment_and_mix(images, chains, table, threads=1)

    def of_library(transform: Callable[[Picture], Picture]) -> Views:
        return lambda: [published.preprocess(transform(picture)) for picture in pictures]

    ways: dict[str, Views] = {
        "robench": ours,
        "published": lambda: [published.mixture(picture) for picture in pictures],
    } | {name: of_library(transform) for name, transform in libraries.items()}
    print(f"\na mixture of an image of {side_px} px, severity {severity:g}")
    print_ratios(in_turn(ways, rounds), count, few)


def compare_steps(rounds: int) -> None:
    images = photographs(STEP_BATCH, 32)
    batch = batch_of(images)
    torch.manual_seed(0)
    method, layout = methods.create("augmix"), torch.channels_last
    theirs, own = (architectures.create("resnet20", 10) for _ in range(2))
    own.to(memory_format=layout)
    optimizers = {
        network: torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, nesterov=True)
        for network in (theirs, own)
    }
    published, targets = Published(3.0), torch.from_numpy(batch.labels)

    def step(network: torch.nn.Module, inputs: torch.Tensor) -> None:
        optimizers[network].zero_grad()
        method.loss(network, inputs, targets, batch).backward()
        optimizers[network].step()

    def own_inputs() -> torch.Tensor:
        return method.prepare(batch_of(framed(images, cropped=True)))[0].contiguous(
            memory_format=layout
        )

    best = in_turn(
        {
            "published": lambda: step(theirs, published.views(images)),
            "robench": lambda: step(own, own_inputs()),
            "our views alone": lambda: method.prepare(batch_of(framed(images, cropped=True))),
        },
        rounds,
    )
    ratio = best["published"] / best["robench"]
    share = best["our views alone"] / best["robench"]
    print(f"\nan AugMix step of ResNet-20, float32, {STEP_BATCH} images in three views")
    for name, seconds in best.items():
        print(f"  {name:<16}{1000 * seconds:10.1f} ms")
    print(f"  the published step takes {ratio:.2f} times as long (asked: {STEP_RATIO})")
    print(f"  our views are {share:.1%} of our step (asked: under {STEP_SHARE:.0%})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, choices=list(SIZES), help="only this size")
    parser.add_argument("--no-step", action="store_true", help="leave out the training step")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    for side_px in [arguments.side] if arguments.side else SIZES:
        compare_views(side_px, arguments.rounds)
        compare_mixtures(side_px, arguments.rounds)
    if not arguments.no_step:
        compare_steps(max(3, arguments.rounds // 4))


if __name__ == "__main__":
    main()
