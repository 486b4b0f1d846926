"""IPMix and PixMix: their draws, the algorithm written plainly, and what a mixture depends on."""

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats

from baselines import methods
from baselines.augmentations import augment, augment_and_mix
from baselines.augmentations.ipmix import (
    OPERATIONS,
    PATCH_SIDES_PX,
    Draws,
    Levels,
    mix_levels,
    sample_levels,
)
from baselines.augmentations.mixing import Chains
from baselines.augmentations.operations import EVERY_OPERATION
from baselines.augmentations.picture_mixing_kernels import RANDOM_ELEMENTS
from baselines.methods.method import Normalization
from baselines.methods.pixmix import PER_ROUND, PER_START, PixMix
from robench.errors import RobenchError
from tests.baselines.test_methods import tiny_batch
from tests.baselines.test_picture_mixing import noise, patched

SIZE = (32, 32)
COUNT = 20_000


def sampled(count: int = COUNT, levels: Levels = Levels(), size: tuple[int, int] = SIZE) -> Draws:  # noqa: B008
    return sample_levels(levels, size, np.arange(count), seed=3, epoch=1, view=1)


def table() -> NDArray[np.float32]:
    return Normalization().table()


def assert_uniform(values: NDArray, expected: int) -> None:
    counts = np.unique_counts(values).counts
    assert len(counts) == expected
    assert stats.chisquare(counts).pvalue > 0.001


def test_the_draws_follow_the_published_code() -> None:
    draws = sampled()
    assert stats.kstest(draws.shares, "uniform").pvalue > 0.001
    np.testing.assert_allclose(draws.weights.sum(axis=1), 1, atol=1e-6)
    assert stats.kstest(draws.weights[:, 0], stats.beta(1, 2).cdf).pvalue > 0.001
    assert_uniform(draws.patchy.ravel(), 2)
    assert_uniform(draws.counts.ravel(), 4)
    assert_uniform(draws.mixings.ravel(), 4)
    assert_uniform(draws.operations.ravel(), 10)
    assert {EVERY_OPERATION[number] for number in np.unique(draws.operations)} == {
        *("equalize", "posterize", "rotate", "solarize", "shear_x", "shear_y"),
        *("translate_x", "translate_y", "mirror", "invert"),
    }
    assert not draws.own.any()
    assert len(np.unique(draws.seeds)) == draws.seeds.size


def test_a_strength_is_that_of_its_operation_and_level() -> None:
    draws = sampled()
    sheared = draws.amounts[draws.operations == EVERY_OPERATION.index("shear_x")]
    assert stats.kstest(np.abs(sheared), stats.uniform(0.003, 0.087).cdf).pvalue > 0.001
    assert_uniform(np.sign(sheared), 2)
    turned = draws.amounts[draws.operations == EVERY_OPERATION.index("rotate")]
    assert (np.abs(turned).min(), np.abs(turned).max()) == (0, 8)


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ((32, 32), {4, 8, 16, 32}),
        ((224, 224), {4, 8, 16, 32, 64, 224}),
        ((40, 64), {4, 8, 16, 32, 40}),
    ],
)
def test_patches_have_the_published_sides_and_lie_anywhere(
    size: tuple[int, int], sides: set[int]
) -> None:
    boxes = sampled(3000, size=size).boxes.reshape(-1, 4)
    top, left, bottom, right = boxes.T
    assert (boxes >= 0).all()
    assert (bottom <= size[0]).all()
    assert (right <= size[1]).all()
    height, width = bottom - top, right - left
    assert min(height.min(), width.min()) == 2
    square = height == width
    common = {int(side) for side in sides if (height[square] == side).mean() > 0.5 / len(sides)}
    assert common == sides
    # Half fill their frame; of a frame of 4, one in nine of the others does too.
    assert 0.5 < np.isin(height, sorted(sides))[square].sum() / len(boxes) < 0.6
    smallest = boxes[square & (height == 4)]
    assert stats.kstest(smallest[:, 0] / (size[0] - 4), "uniform", method="asymp").statistic < 0.06
    assert smallest[:, 1].max() == size[1] - 4


def plainly_mixed(
    image: NDArray[np.uint8], picture: NDArray[np.uint8], d: Draws, i: int
) -> NDArray:
    """IPMix of image ``i``, one image, chain and round at a time."""
    mixture = np.zeros((3, *image.shape[:2]), np.float32)
    for chain, weight in enumerate(d.weights[i]):
        mixed = image
        for step in range(d.counts[i, chain]):
            here = (i, chain, step)
            name = EVERY_OPERATION[d.operations[here]]
            if not d.patchy[i, chain]:
                mixed = augment(mixed[None], name, d.amounts[here])[0]
                continue
            other = augment(image[None], name, d.amounts[here])[0] if d.own[here] else picture
            mixed = patched(
                mixed,
                other,
                d.mixings[here],
                tuple(d.strengths[here]),
                tuple(d.boxes[here]),
                d.seeds[here],
            )
        mixture += weight * Normalization().apply(mixed[None])[0]
    share = d.shares[i]
    return (np.float32(1) - share) * Normalization().apply(image[None])[0] + share * mixture


@pytest.mark.parametrize("augmented_patches", [False, True])
def test_a_mixture_equals_the_plain_algorithm(augmented_patches: bool) -> None:
    count = 40
    images = np.stack([noise(i, 24) for i in range(count)])
    pictures = np.stack([noise(1000 + i, 24) for i in range(count)])
    levels = Levels(augmented_patches=augmented_patches)
    draws = sampled(count, levels, (24, 24))
    assert draws.own.any() == augmented_patches
    before = images.copy()
    got = mix_levels(images, pictures, draws, table(), threads=1)
    plain = [plainly_mixed(images[i], pictures[i], draws, i) for i in range(count)]
    np.testing.assert_array_equal(got, np.stack(plain))
    np.testing.assert_array_equal(mix_levels(images, pictures, draws, table(), threads=3), got)
    np.testing.assert_array_equal(images, before)
    assert np.abs(got).max() <= 1


def test_without_patches_it_is_augmix() -> None:
    images = np.stack([noise(i) for i in range(20)])
    draws = sampled(20)
    draws = dataclasses.replace(draws, patchy=np.zeros_like(draws.patchy))
    chains = Chains(draws.operations, draws.amounts, draws.counts, draws.weights, draws.shares)
    np.testing.assert_array_equal(
        mix_levels(images, images, draws, table()), augment_and_mix(images, chains, table())
    )


def test_patches_of_the_image_itself_change_nothing_where_values_are_exchanged() -> None:
    images = np.stack([noise(i) for i in range(20)])
    draws = sampled(20)
    draws = dataclasses.replace(
        draws,
        patchy=np.ones_like(draws.patchy),
        mixings=np.full_like(draws.mixings, RANDOM_ELEMENTS),
    )
    got = mix_levels(images, images, draws, table())
    np.testing.assert_allclose(got, Normalization().apply(images), atol=1e-6)
    pictures = np.stack([noise(100 + i) for i in range(20)])
    assert np.abs(mix_levels(images, pictures, draws, table()) - got).mean() > 0.05


def test_without_a_share_of_the_mixture_the_image_is_left() -> None:
    images = np.stack([noise(i) for i in range(5)])
    draws = sampled(5)
    draws = dataclasses.replace(draws, shares=np.zeros_like(draws.shares))
    got = mix_levels(images, images[::-1], draws, table())
    np.testing.assert_array_equal(got, Normalization().apply(images))


@pytest.mark.parametrize("name", ["ipmix", "pixmix"])
def test_a_mixture_depends_on_its_image_only_and_not_on_its_batch(name: str) -> None:
    batch = tiny_batch()
    order = np.array([5, 17, 2, 11])
    part = dataclasses.replace(
        batch, images=batch.images[order], labels=batch.labels[order], indices=order
    )
    method = methods.create(name)
    whole, some = (method.prepare(given)[0] for given in (batch, part))
    views = len(whole) // len(batch.labels)
    expected = whole.reshape(views, -1, 3, 32, 32)[:, order].flatten(0, 1)
    assert torch.equal(some, expected)
    other = method.prepare(dataclasses.replace(batch, epoch=4))[0]
    assert not torch.equal(other, whole)


def test_ipmix_sends_the_clean_image_and_two_mixtures_with_one_picture() -> None:
    batch = tiny_batch()
    inputs, targets = methods.create("ipmix").prepare(batch)
    clean, first, second = inputs.chunk(3)
    np.testing.assert_array_equal(clean, batch.normalization.apply(batch.images))
    assert not torch.equal(first, second)
    np.testing.assert_array_equal(targets, batch.labels)
    alone, _ = methods.create("ipmix", {"jsd": False}).prepare(batch)
    assert torch.equal(alone, first)


def test_ipmixs_loss_is_augmixs() -> None:
    logits = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
    targets, batch, network = torch.tensor([0, 3, 1]), tiny_batch(3), torch.nn.Identity()
    losses = [
        methods.create(name).loss(network, logits, targets, batch) for name in ("ipmix", "augmix")
    ]
    assert losses[0] == losses[1]


def plain_pixmix(
    method: PixMix, image: NDArray[np.uint8], picture: NDArray[np.uint8], uniforms: NDArray
) -> NDArray:
    """PixMix of one image with PyTorch, one round at a time."""

    def as_tensor(pixels: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(pixels.astype(np.float32)) / 255

    def augmented(draws: NDArray) -> NDArray[np.uint8]:
        return method._augmented(image[None], draws[None], np.array([True]), image[None])[0]

    mixed = as_tensor(augmented(uniforms[2:5]) if uniforms[0] < 0.5 else image)
    for step in range(int(uniforms[1] * (method.rounds + 1))):
        own = uniforms[PER_START + step * PER_ROUND :][:PER_ROUND]
        other = as_tensor(augmented(own[1:4]) if own[0] < 0.5 else picture)
        towards = own[5] < 0.5
        small = 1 - (own[7] ** (1 / method.beta))
        a = own[6] ** (1 / method.beta) if towards else 2 - own[6] ** (1 / method.beta)
        b = small if towards else -small
        if own[4] < 0.5:
            mixed = (mixed * 2) ** a * (other * 2).clip(1e-37) ** b / 2
        else:
            mixed = (a * (mixed * 2 - 1) + b * (other * 2 - 1) + 1) / 2
        mixed = mixed.clip(0, 1)
    return mixed.numpy()


def test_pixmix_equals_the_plain_algorithm() -> None:
    count, method = 60, PixMix()
    images = np.stack([noise(i, 16) for i in range(count)])
    pictures = np.stack([noise(1000 + i, 16) for i in range(count)])
    uniforms = np.random.default_rng(0).uniform(size=(count, PER_START + 4 * PER_ROUND))
    got = method.mixtures(images, pictures, uniforms)
    for i in range(count):
        expected = plain_pixmix(method, images[i], pictures[i], uniforms[i])
        np.testing.assert_allclose(got[i], expected, atol=2e-5)
    uniforms[:, :2] = (0.9, 0.1)  # not augmented, no round
    np.testing.assert_array_equal(
        method.mixtures(images, pictures, uniforms), images / np.float32(255)
    )


def test_pixmix_draws_an_operation_of_augmixs_set_with_its_amount() -> None:
    image = noise(0, 16)
    results = {}
    for number in range(9):
        draws = np.array([[(number + 0.5) / 9, 0.5, 0.9]])
        found = PixMix()._augmented(image[None], draws, np.array([True]), image[None])[0]
        results[EVERY_OPERATION[number]] = found
    np.testing.assert_array_equal(results["posterize"], augment(image[None], "posterize", 4)[0])
    np.testing.assert_array_equal(results["rotate"], augment(image[None], "rotate", -4)[0])
    assert len({found.tobytes() for found in results.values()}) >= 8


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("ipmix", {"chains": 0}, "ipmix: chains must be at least 1, got 0"),
        ("ipmix", {"rounds": 0}, "ipmix: rounds must be at least 1, got 0"),
        ("ipmix", {"severity": 0.0}, "ipmix: severity must be 0.1 to 10, got 0.0"),
        ("ipmix", {"beta": 0.0}, "ipmix: beta must be above 0, got 0.0"),
        ("pixmix", {"rounds": 0}, "pixmix: rounds must be at least 1, got 0"),
        ("pixmix", {"beta": -1.0}, "pixmix: beta must be above 0, got -1.0"),
    ],
)
def test_options_out_of_range_are_refused(name: str, options: dict, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        methods.create(name, options)


def test_the_operations_and_sides_are_the_published_ones() -> None:
    assert len(OPERATIONS) == 10
    assert "autocontrast" not in OPERATIONS
    assert PATCH_SIDES_PX == (4, 8, 16, 32, 64)
