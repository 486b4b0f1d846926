"""Compiled mixtures of the ends of several chains and the image itself, in single precision."""

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations.chains import run_chain, to_planes, working_memory
from baselines.augmentations.compiled import Floats, Image, Planes, Tables, compiled, inlined

THREE = 3  # chains, as published: all are mixed while their bytes are in registers


@compiled
def mix_chains(
    images: Image,
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depths: NDArray[np.int64],
    weights: Floats,
    shares: Floats,
    normalized: Floats,
    output: Floats,
) -> None:
    """Mix several augmented versions of each image with the image itself.

    Args:
        images: uint8 (N, H, W, 3).
        operations, amounts: (N, width, depth), what to do in each chain, of which the first
        depths: int64 (N, width) count.
        weights: float32 (N, width), of the chains in the mixture.
        shares: float32 (N,), of the mixture in the result.
        normalized: float32 (3, 256), what each value of each channel is for the network.
        output: float32 (N, 3, H, W), filled.
    """
    height, width = images.shape[1:3]
    chains = operations.shape[1]
    buffers, columns = working_memory(2 + chains, (height, width))
    tables, shown = np.empty((3, 256), np.uint8), np.empty((chains, 3, 256), np.float32)
    mixtures = output.reshape((len(images), 3, height * width))
    ends = np.empty(chains, np.int64)
    for i in range(len(images)):
        to_planes(images[i].reshape(-1), buffers[0])
        one, other = 1, 2
        for chain in range(chains):
            end, fresh = run_chain(
                buffers,
                one,
                other,
                tables,
                (height, width),
                operations[i, chain],
                amounts[i, chain],
                depths[i, chain],
                columns,
            )
            _show(tables, fresh, normalized, shown[chain])
            ends[chain] = end
            # The next chain works beside what is kept.
            if end == one:
                one, other = other, 3 + chain
            elif end == other:
                other = 3 + chain
        for channel in range(3):
            mixture = mixtures[i, channel]
            if chains == THREE:
                _mix_three(
                    buffers, ends, channel, shown, weights[i], shares[i], normalized, mixture
                )
            else:
                _mix_any(buffers, ends, channel, shown, weights[i], shares[i], normalized, mixture)


@inlined
def _show(tables: Tables, fresh: bool, normalized: Floats, shown: Floats) -> None:
    """Fill ``shown`` (3, 256) with what the stored bytes are for the network."""
    if fresh:
        shown[:] = normalized
    else:
        for channel in range(3):
            for value in range(256):
                shown[channel, value] = normalized[channel, tables[channel, value]]


@compiled
def _mix_three(
    buffers: Planes,
    ends: NDArray[np.int64],
    channel: int,
    shown: Floats,
    weights: Floats,
    share: np.float32,
    normalized: Floats,
    mixture: Floats,
) -> None:
    own, own_share = buffers[0, channel], np.float32(1) - share
    first, second, third = (
        buffers[ends[0], channel],
        buffers[ends[1], channel],
        buffers[ends[2], channel],
    )
    of_own = normalized[channel]
    of_first, of_second, of_third = shown[0, channel], shown[1, channel], shown[2, channel]
    for place in range(len(mixture)):
        total = weights[0] * of_first[first[place]]
        total += weights[1] * of_second[second[place]]
        total += weights[2] * of_third[third[place]]
        mixture[place] = own_share * of_own[own[place]] + share * total


@compiled
def _mix_any(
    buffers: Planes,
    ends: NDArray[np.int64],
    channel: int,
    shown: Floats,
    weights: Floats,
    share: np.float32,
    normalized: Floats,
    mixture: Floats,
) -> None:
    for chain in range(len(ends)):
        plane, values, weight = buffers[ends[chain], channel], shown[chain, channel], weights[chain]
        if chain == 0:
            for place in range(len(mixture)):
                mixture[place] = weight * values[plane[place]]
        else:
            for place in range(len(mixture)):
                mixture[place] += weight * values[plane[place]]
    own, of_own, own_share = buffers[0, channel], normalized[channel], np.float32(1) - share
    for place in range(len(mixture)):
        mixture[place] = own_share * of_own[own[place]] + share * mixture[place]
