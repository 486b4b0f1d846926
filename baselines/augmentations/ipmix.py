"""IPMix's mixture: chains of operations on the image, or of patches mixed with a picture, for a whole batch.

Source: Huang et al. 2023, "IPMix: Label-Preserving Data Augmentation Method for Training Robust
Classifiers", section 3, and its published code where the paper is silent.

That code stores a mixed patch in bytes unchecked, so that values above 1 wrap around to dark and those
below 0 to bright; here they are clipped, as in PixMix.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations import picture_mixing_kernels
from baselines.augmentations.chains import operate_batch, operate_chains
from baselines.augmentations.mixing import LOWEST_LEVEL
from baselines.augmentations.operations import EVERY_OPERATION, amounts
from baselines.augmentations.picture_mixing import strengths
from baselines.augmentations.threads import in_threads
from baselines.keyed_uniforms import keyed_uniforms

# AugMix's without autocontrast, and two more.
OPERATIONS = (*EVERY_OPERATION[1:9], "mirror", "invert")
# Those below the image's own side are used, and that: a patch of the whole image is the pixel level.
PATCH_SIDES_PX = (4, 8, 16, 32, 64)
SMALLEST_SIDE_PX = 2
MIXING_OPERATIONS = ("add", "multiply", "random_pixels", "random_elements")
PER_CHAIN, PER_ROUND = 3, 9 + 6


@dataclass(frozen=True)
class Levels:
    """How images are mixed: ``chains`` of 0 to ``rounds`` operations or patches.

    ``severity`` is the upper end of an operation's level, ``beta`` how much mixing leaves of the image;
    ``augmented_patches`` mixes half of the patches with an augmented copy of the image in the place
    of a picture.
    """

    chains: int = 3
    rounds: int = 3
    severity: float = 3
    beta: float = 3
    augmented_patches: bool = False


@dataclass(frozen=True)
class Draws:
    """The draws for N images in C chains of at most R rounds.

    ``patchy`` (N, C): is this a chain of patches? ``counts`` (N, C) of rounds. ``operations`` and
    ``amounts`` (N, C, R) as in ``chains``; of the augmented copy in a chain of patches. ``boxes`` (N, C, R,
    4), ``mixings`` (N, C, R), ``strengths`` (N, C, R, 2), ``seeds`` (N, C, R) as in
    ``picture_mixing_kernels.mix_patches``; ``own`` (N, C, R): is the patch mixed with the augmented copy?
    ``weights`` (N, C) of the chains in the mixture, ``shares`` (N,) of the mixture in the result.
    """

    patchy: NDArray[np.bool_]
    counts: NDArray[np.int64]
    operations: NDArray[np.int64]
    amounts: NDArray[np.float64]
    boxes: NDArray[np.int64]
    mixings: NDArray[np.int64]
    strengths: NDArray[np.float32]
    seeds: NDArray[np.uint64]
    own: NDArray[np.bool_]
    weights: NDArray[np.float32]
    shares: NDArray[np.float32]


def sample_levels(
    levels: Levels,
    size: tuple[int, int],
    indices: NDArray[np.int64],
    *,
    seed: int,
    epoch: int,
    view: int,
) -> Draws:
    """Draw every random number of the mixtures of N images of ``size`` (height, width).

    Each draw is the inverse distribution function of a number keyed by (seed, epoch, index, view).
    """
    per_chain = PER_CHAIN + levels.rounds * PER_ROUND
    uniforms = keyed_uniforms(
        seed, f"ipmix view {view}", epoch, indices, 1 + levels.chains * per_chain
    )
    chains = uniforms[:, 1:].reshape(-1, levels.chains, per_chain)
    weight, level, count = np.moveaxis(chains[..., :PER_CHAIN], -1, 0)
    rounds = chains[..., PER_CHAIN:].reshape(*chains.shape[:2], levels.rounds, PER_ROUND)
    choice, strength, side, mixing, branch, first, second, low, own = np.moveaxis(
        rounds[..., :9], -1, 0
    )
    numbers = np.array([EVERY_OPERATION.index(name) for name in OPERATIONS])
    operations = numbers[_drawn(choice, len(OPERATIONS))]
    heights = LOWEST_LEVEL + strength * (levels.severity - LOWEST_LEVEL)
    exponentials = -np.log(weight)  # over their sum, they are Dirichlet(1, ..., 1)
    return Draws(
        patchy=level < 0.5,
        counts=_drawn(count, levels.rounds + 1),
        operations=operations,
        amounts=amounts(operations, heights, np.where(side > 0.5, -1.0, 1.0), size),
        boxes=_boxes(rounds[..., 9:], size),
        mixings=_drawn(mixing, len(MIXING_OPERATIONS)),
        strengths=strengths(levels.beta, branch, first, second),
        seeds=(low * 2.0**52).astype(np.uint64),
        own=(own < 0.5) & levels.augmented_patches,
        weights=(exponentials / exponentials.sum(axis=-1, keepdims=True)).astype(np.float32),
        shares=uniforms[:, 0].astype(np.float32),  # Beta(1, 1)
    )


def mix_levels(
    images: NDArray[np.uint8],
    pictures: NDArray[np.uint8],
    draws: Draws,
    normalized: NDArray[np.float32],
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Mix N images with their chains.

    Args:
        images: uint8 (N, H, W, 3); left unchanged.
        pictures: uint8 (N, H, W, 3), what each image's patches are mixed with.
        draws: for these images.
        normalized: float32 (3, 256), what each value of each channel is for the network.
        threads: how many to use, all cores when omitted; the result does not depend on it.

    Returns:
        float32 (N, 3, H, W).
    """
    count, height, width, _ = images.shape
    images, pictures = np.ascontiguousarray(images), np.ascontiguousarray(pictures)
    output = np.zeros((count, 3, height, width), np.float32)

    def mix(part: slice) -> None:
        for chain in range(draws.patchy.shape[1]):
            mixed = _operated(images[part], draws, part, chain)
            _patch(mixed, images[part], pictures[part], draws, part, chain)
            weights = np.ascontiguousarray(draws.weights[part, chain])
            picture_mixing_kernels.add_chain(mixed, weights, normalized, output[part])
        picture_mixing_kernels.mix_with_images(
            images[part], draws.shares[part], normalized, output[part]
        )

    in_threads(mix, count, threads)
    return output


def _drawn(uniforms: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return whole numbers, uniform in 0 to ``count`` - 1."""
    return (uniforms * count).astype(np.int64)


def _boxes(uniforms: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.int64]:
    """Draw patches (top, left, bottom, right) from six numbers each.

    A frame of one of the sides lies anywhere in the image; half of the patches fill it, the others take
    2 pixels to the whole of it from its upper left corner, drawn apart for height and width.
    """
    height, width = size
    which, top, left, square, down, across = np.moveaxis(uniforms, -1, 0)
    shorter = min(size)
    sides = np.array([side for side in PATCH_SIDES_PX if side < shorter] + [shorter])
    frame = sides[_drawn(which, len(sides))]
    tops = (top * (height - frame + 1)).astype(np.int64)
    lefts = (left * (width - frame + 1)).astype(np.int64)
    shrunk = frame - SMALLEST_SIDE_PX + 1
    heights = np.where(square < 0.5, frame, SMALLEST_SIDE_PX + (down * shrunk).astype(np.int64))
    widths = np.where(square < 0.5, frame, SMALLEST_SIDE_PX + (across * shrunk).astype(np.int64))
    return np.stack([tops, lefts, tops + heights, lefts + widths], axis=-1)


def _operated(
    images: NDArray[np.uint8], draws: Draws, part: slice, chain: int
) -> NDArray[np.uint8]:
    """Return the images after their chains of operations, unchanged where the chain is one of patches."""
    output = np.empty_like(images)
    depths = np.where(draws.patchy[part, chain], 0, draws.counts[part, chain])
    operate_chains(
        images,
        np.ascontiguousarray(draws.operations[part, chain]),
        np.ascontiguousarray(draws.amounts[part, chain]),
        depths,
        output,
    )
    return output


def _patch(
    mixed: NDArray[np.uint8],
    images: NDArray[np.uint8],
    pictures: NDArray[np.uint8],
    draws: Draws,
    part: slice,
    chain: int,
) -> None:
    """Mix patches into ``mixed``, in place, where the chain is one of patches."""
    for step in range(draws.boxes.shape[2]):
        here = (part, chain, step)
        active = draws.patchy[part, chain] & (draws.counts[part, chain] > step)
        others = pictures
        if (active & draws.own[here]).any():
            others = _augmented(images, draws, here, active & draws.own[here], pictures)
        picture_mixing_kernels.mix_patches(
            mixed,
            others,
            active,
            np.ascontiguousarray(draws.boxes[here]),
            np.ascontiguousarray(draws.mixings[here]),
            np.ascontiguousarray(draws.strengths[here]),
            np.ascontiguousarray(draws.seeds[here]),
        )


def _augmented(
    images: NDArray[np.uint8],
    draws: Draws,
    here: tuple[slice, int, int],
    chosen: NDArray[np.bool_],
    pictures: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Return the pictures, but where ``chosen`` the image after one operation."""
    output = np.empty_like(images)
    operations = np.ascontiguousarray(draws.operations[here])
    operate_batch(images, operations, np.ascontiguousarray(draws.amounts[here]), output)
    return np.where(chosen[:, None, None, None], output, pictures)
