"""AugMix's mixture of augmentation chains, for a whole batch in one call.

Source: Hendrycks et al. 2020, "AugMix: A Simple Data Processing Method to Improve Robustness and
Uncertainty", algorithm 1, and its published code where the two differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from baselines.augmentations import chain_mixing
from baselines.augmentations.operations import ALL_OPERATIONS, OPERATIONS, amounts
from baselines.augmentations.threads import in_threads
from baselines.keyed_uniforms import keyed_uniforms

MAX_RANDOM_DEPTH = 3
LOWEST_LEVEL = 0.1


@dataclass(frozen=True)
class Mixture:
    """How images are mixed: ``width`` chains of ``depth`` operations (-1: 1 to 3, drawn per chain).

    ``severity`` is the upper end of an operation's level, ``alpha`` the parameter of the Dirichlet
    distribution of the chains' weights and of the Beta distribution of the mixture's share;
    ``all_operations`` adds the four operations that overlap with test corruptions.
    """

    width: int = 3
    depth: int = -1
    severity: float = 3
    alpha: float = 1
    all_operations: bool = False


@dataclass(frozen=True)
class Chains:
    """The draws for N images: see ``chain_mixing.mix_chains`` for the shapes."""

    operations: NDArray[np.int64]
    amounts: NDArray[np.float64]
    depths: NDArray[np.int64]
    weights: NDArray[np.float32]
    shares: NDArray[np.float32]


def sample_chains(
    mixture: Mixture,
    size: tuple[int, int],
    indices: NDArray[np.int64],
    *,
    seed: int,
    epoch: int,
    view: int,
) -> Chains:
    """Draw every random number of the mixtures of N images of ``size`` (height, width).

    Each draw is the inverse distribution function of a number keyed by (seed, epoch, index, view).
    """
    steps = mixture.depth if mixture.depth > 0 else MAX_RANDOM_DEPTH
    per_chain = 2 + 3 * steps
    uniforms = keyed_uniforms(
        seed, f"augmix view {view}", epoch, indices, 1 + mixture.width * per_chain
    )
    share, chains = uniforms[:, 0], uniforms[:, 1:].reshape(-1, mixture.width, per_chain)
    weight, depth = chains[..., 0], chains[..., 1]
    choice, level, side = np.split(chains[..., 2:], 3, axis=-1)
    names = ALL_OPERATIONS if mixture.all_operations else OPERATIONS
    operations = (choice * len(names)).astype(np.int64)
    levels = LOWEST_LEVEL + level * (mixture.severity - LOWEST_LEVEL)
    signs = np.where(side > 0.5, -1.0, 1.0)
    return Chains(
        operations,
        amounts(operations, levels, signs, size),
        np.full(depth.shape, steps) if mixture.depth > 0 else _random_depths(depth),
        _dirichlet(weight, mixture.alpha),
        special.betaincinv(mixture.alpha, mixture.alpha, share).astype(np.float32),
    )


def augment_and_mix(
    images: NDArray[np.uint8],
    chains: Chains,
    normalized: NDArray[np.float32],
    threads: int | None = None,
    output: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Mix N images with their augmentation chains.

    The operations act on uint8; what they make is normalized and then mixed in single precision, so
    nothing is rounded to uint8 again.

    Args:
        images: uint8 (N, H, W, 3); left unchanged.
        chains: the draws for these images.
        normalized: float32 (3, 256), what each value of each channel is for the network.
        threads: how many to use, all cores when omitted; the result does not depend on it.
        output: where the result goes, contiguous; a new array when omitted.

    Returns:
        float32 (N, 3, H, W), ``output`` where it is given.
    """
    count, height, width, _ = images.shape
    images = np.ascontiguousarray(images)
    mixed = np.empty((count, 3, height, width), np.float32) if output is None else output

    def mix(part: slice) -> None:
        chain_mixing.mix_chains(
            images[part],
            chains.operations[part],
            chains.amounts[part],
            chains.depths[part],
            chains.weights[part],
            chains.shares[part],
            normalized,
            mixed[part],
        )

    in_threads(mix, count, threads)
    return mixed


def _random_depths(uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    return 1 + (uniforms * MAX_RANDOM_DEPTH).astype(np.int64)


def _dirichlet(uniforms: NDArray[np.float64], alpha: float) -> NDArray[np.float32]:
    """Return Dirichlet(alpha, ...) weights over the last axis: gamma draws over their sum."""
    gammas = special.gammaincinv(alpha, uniforms)
    return (gammas / gammas.sum(axis=-1, keepdims=True)).astype(np.float32)
