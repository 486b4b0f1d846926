"""What each method makes of its images, against its paper's definition written plainly."""

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import stats
from torch import nn
from torch.nn import functional
from torchvision.transforms import AutoAugment, AutoAugmentPolicy

from baselines import methods
from baselines.augmentations import OPERATIONS
from baselines.augmentations.mixing import Mixture, sample_chains
from baselines.keyed_uniforms import keyed_noise
from baselines.methods.adversarial import Adversarial
from baselines.methods.autoaugment import KeyedPolicy
from baselines.methods.method import Batch, Method, Normalization
from baselines.methods.mixup import batch_uniforms, permutation
from tests.baselines.test_augmentations import PILLOW
from tests.baselines.test_methods import tiny_batch

CIFAR = Normalization((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))
ADDITIVE = [
    name for name in sorted(methods.registry()) if not methods.registry()[name].mixes_images
]

DRAWING = [
    name for name, made in sorted(methods.registry().items()) if made.prepare is not Method.prepare
]


def prepared(
    name: str, batch: Batch, **options: object
) -> tuple[NDArray[np.float32], torch.Tensor]:
    inputs, targets = methods.create(name, options).prepare(batch)  # type: ignore[arg-type]
    return inputs.numpy(), targets


@pytest.mark.parametrize("name", ADDITIVE)
def test_an_images_views_do_not_depend_on_its_batch(name: str) -> None:
    whole = tiny_batch(12)
    part = np.array([7, 2, 9])
    some = dataclasses.replace(
        whole, images=whole.images[part], labels=whole.labels[part], indices=whole.indices[part]
    )
    inputs, _ = prepared(name, whole)
    expected = inputs.reshape(-1, 12, *inputs.shape[1:])[:, part].reshape(-1, *inputs.shape[1:])
    np.testing.assert_array_equal(prepared(name, some)[0], expected)


@pytest.mark.parametrize("name", DRAWING)
@pytest.mark.parametrize("change", [{"seed": 2}, {"epoch": 4}])
def test_a_methods_draws_follow_seed_and_epoch(name: str, change: dict) -> None:
    differ = []
    for step in range(5):  # a whole batch of CutMix can be left as it is
        first, other = tiny_batch(16, step=step), tiny_batch(16, step=step, **change)
        differ.append(not np.array_equal(prepared(name, first)[0], prepared(name, other)[0]))
    assert any(differ)


def holes(size: int, count: int = 600) -> NDArray[np.bool_]:
    batch = tiny_batch(count, normalization=CIFAR)
    inputs, _ = prepared("cutout", batch, size=size)
    clean = CIFAR.apply(batch.images)
    hole = (inputs == 0).all(axis=1) & (clean != 0).any(axis=1)
    np.testing.assert_array_equal(inputs, np.where(hole[:, None], 0, clean))
    return hole


def test_cutouts_hole_is_a_square_around_any_pixel_cut_at_the_border() -> None:
    hole = holes(16)
    rows, columns = hole.any(axis=2).sum(axis=1), hole.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(hole.sum(axis=(1, 2)), rows * columns)
    # A centre 0 to 31 has 8 rows before it and 7 after, itself counted: 8 to 16 of them inside.
    expected = [min(c + 8, 32) - max(c - 8, 0) for c in range(32)]
    for sides in (rows, columns):
        assert set(sides) == set(expected)
        assert abs(sides.mean() - np.mean(expected)) < 0.4


def test_mixup_mixes_images_and_labels_by_one_weight() -> None:
    batch = tiny_batch(24, num_classes=2)
    inputs, targets = prepared("mixup", batch)
    clean, one_hot = batch.normalization.apply(batch.images), np.eye(2, dtype=np.float32)
    partners = permutation(batch, "mixup partner")
    assert sorted(partners) == list(range(24))
    (weight,) = batch_uniforms(batch, "mixup weight", 1)  # Beta(1, 1) is uniform
    expected = weight * clean + (1 - weight) * clean[partners]
    np.testing.assert_allclose(inputs, expected, atol=1e-6)
    labels = weight * one_hot[batch.labels] + (1 - weight) * one_hot[batch.labels[partners]]
    np.testing.assert_allclose(targets, labels, atol=1e-6)


def test_cross_entropy_on_soft_labels_is_the_weighted_sum_of_both() -> None:
    batch = tiny_batch(6)
    _, targets = prepared("mixup", batch)
    logits = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    network: nn.Module = nn.Identity()
    got = methods.create("mixup").loss(network, logits, targets, batch)
    (weight,) = batch_uniforms(batch, "mixup weight", 1)
    own = torch.from_numpy(batch.labels)
    other = own[torch.from_numpy(permutation(batch, "mixup partner"))]
    both = [functional.cross_entropy(logits, labels) for labels in (own, other)]
    torch.testing.assert_close(got, weight * both[0] + (1 - weight) * both[1])


def test_mixups_weights_follow_their_beta_distribution() -> None:
    weights = []
    for epoch in range(600):
        batch = tiny_batch(2, epoch=epoch)
        _, targets = prepared("mixup", batch, alpha=0.4)
        if (permutation(batch, "mixup partner") == [1, 0]).all():
            weights.append(float(targets[0, batch.labels[0]]))
    assert stats.kstest(weights, stats.beta(0.4, 0.4).cdf).pvalue > 0.001


def test_cutmix_pastes_one_rectangle_and_counts_its_area() -> None:
    areas = []
    for step in range(60):
        batch = tiny_batch(8, step=step)
        inputs, targets = prepared("cutmix", batch, probability=1.0)
        clean = batch.normalization.apply(batch.images)
        partners = permutation(batch, "cutmix partner")
        inside = (inputs != clean).any(axis=(0, 1))
        share = inside.mean()
        rows, columns = inside.any(axis=1), inside.any(axis=0)
        np.testing.assert_array_equal(inside, rows[:, None] & columns)
        np.testing.assert_array_equal(inputs, np.where(inside, clean[partners], clean))
        one_hot = np.eye(2)[batch.labels]
        expected = (1 - share) * one_hot + share * one_hot[partners]
        np.testing.assert_allclose(targets, expected, atol=1e-6)
        areas.append(share)
    assert 0.15 < np.mean(areas) < 0.5  # half of the image, less what lies outside


def test_cutmix_leaves_half_of_the_batches_alone() -> None:
    mixed = 0
    for step in range(200):
        batch = tiny_batch(4, step=step)
        _, targets = prepared("cutmix", batch)
        mixed += int((targets.max(dim=1).values < 1).any())
    assert 60 < mixed < 110  # some pairs share their label, some rectangles are empty


def policies(full: bool) -> KeyedPolicy:
    return KeyedPolicy(AutoAugmentPolicy.CIFAR10, full)


def test_the_starred_policy_is_the_learned_one_without_four_operations() -> None:
    learned = AutoAugment(AutoAugmentPolicy.CIFAR10).policies
    assert policies(full=True).policies == learned
    starred = policies(full=False).policies
    left_out = {"Brightness", "Color", "Contrast", "Sharpness"}
    kept = [operation for pair in learned for operation in pair if operation[0] not in left_out]
    assert [operation for pair in starred for operation in pair] == kept
    assert all(starred)


def test_autoaugment_draws_as_torchvision_does() -> None:
    transform = policies(full=True)
    image = tiny_batch(1).images[0]
    random = np.random.default_rng(0)
    seen = set()
    for _ in range(300):
        draws = random.uniform(size=5)
        got = transform.apply(image, draws)
        which, chances, signs = transform.get_params(25)
        assert (which, *signs.tolist()) == (int(draws[0] * 25), *(draws[3:] < 0.5))
        original = AutoAugment(AutoAugmentPolicy.CIFAR10)
        original.get_params = lambda count, drawn=(which, chances, signs): drawn  # type: ignore[method-assign]
        np.testing.assert_array_equal(got, np.asarray(original(Image.fromarray(image))))
        seen.add(which)
    assert seen == set(range(25))


def test_full_autoaugment_ends_with_cutout() -> None:
    batch = tiny_batch(40, normalization=CIFAR)
    holed, _ = prepared("autoaugment", batch, full=True)
    zero = (holed == 0).all(axis=1).sum(axis=(1, 2))
    assert ((zero >= 64) & (zero <= 256)).all()
    assert not (prepared("autoaugment", batch)[0] == 0).all(axis=1).any()


def test_random_aa_is_a_chain_of_two_operations_of_any_level() -> None:
    batch = tiny_batch(8)
    inputs, _ = prepared("random_aa", batch, jsd=False)
    mixture = Mixture(width=1, depth=2, severity=10)
    chains = sample_chains(mixture, (32, 32), batch.indices, seed=1, epoch=3, view=1)
    for number, image in enumerate(batch.images):
        picture = Image.fromarray(image)
        for step in range(2):
            operation = OPERATIONS[chains.operations[number, 0, step]]
            picture = PILLOW[operation](picture, chains.amounts[number, 0, step])
        expected = batch.normalization.apply(np.asarray(picture)[None])[0]
        np.testing.assert_array_equal(inputs[number], expected)
    with_jsd, _ = prepared("random_aa", batch)
    np.testing.assert_array_equal(with_jsd[:8], batch.normalization.apply(batch.images))
    np.testing.assert_array_equal(with_jsd[8:16], inputs)


class Linear(nn.Module):
    """Two logits whose difference is a weighted sum of pixels, so that the best attack is known."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(3, 32, 32, generator=generator))
        self.modes: list[bool] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.modes.append(self.training)
        score = (x * self.weight).sum(dim=(1, 2, 3)) / 300
        return torch.stack([score, -score], dim=1)


def test_the_attack_finds_the_worst_image_of_the_ball() -> None:
    batch = tiny_batch(6, normalization=CIFAR)
    method, network = Adversarial(steps=8), Linear()
    inputs, targets = method.prepare(batch)
    loss = method.loss(network, inputs, targets, batch)
    clean = torch.from_numpy(batch.images).permute(0, 3, 1, 2) / 255
    towards = torch.where(targets == 0, -1.0, 1.0).view(-1, 1, 1, 1) * network.weight.sign()
    worst = (clean + 8 / 255 * towards).clamp(0, 1)  # 8 steps of 2 cross the ball
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (CIFAR.mean, CIFAR.std))
    expected = functional.cross_entropy(network((worst - mean) / std), targets)
    torch.testing.assert_close(loss, expected)
    assert network.modes == [False] * 8 + [True, True]  # attacked as in evaluation, then trained
    assert network.weight.grad is None
    loss.backward()
    assert network.weight.grad is not None


def test_the_attack_starts_anywhere_in_the_ball() -> None:
    batch = tiny_batch(20)
    clean, start = prepared("adversarial", batch)[0].reshape(2, 20, 3, 32, 32)
    np.testing.assert_allclose(clean * 255, batch.images.transpose(0, 3, 1, 2), atol=1e-4)
    moved = (start - clean) * 255
    assert abs(moved).max() <= 8 + 1e-4
    inner = moved[(clean > 9 / 255) & (clean < 246 / 255)]
    assert stats.kstest(inner / 16 + 0.5, "uniform").pvalue > 0.001


def test_the_noisy_patch_is_a_square_of_uniform_noise() -> None:
    batch = tiny_batch(400, normalization=CIFAR)
    inputs, _ = prepared("patch_uniform", batch, size=9)
    mean, std = (np.array(v)[:, None, None] for v in (CIFAR.mean, CIFAR.std))
    pixels = inputs * std + mean
    moved = pixels - batch.images.transpose(0, 3, 1, 2) / 255
    noisy = (abs(moved) > 1e-6).any(axis=1)
    heights, widths = noisy.any(axis=2).sum(axis=1), noisy.any(axis=1).sum(axis=1)
    assert heights.max() == widths.max() == 9
    assert heights.min() == 5  # 4 before the centre and 4 after
    assert pixels.min() > -1e-6
    assert pixels.max() < 1 + 1e-6
    inner = moved[noisy[:, None] & (pixels > 0.2) & (pixels < 0.8) & (abs(moved) > 1e-6)]
    assert abs(inner.mean()) < 0.01 * inner.std() + 0.002  # as often darker as lighter
    assert 0.45 < (inner > 0).mean() < 0.55
    strengths = abs(moved).max(axis=(1, 2, 3))
    assert strengths.max() <= 0.17 + 1e-6
    # The largest of many draws is nearly the half-width, itself uniform; clipping cannot raise it.
    assert stats.kstest(strengths / 0.17, "uniform").pvalue > 1e-4


def test_keyed_noise_is_uniform_and_depends_on_its_key_alone() -> None:
    indices = np.array([3, 8])
    first, second = keyed_noise(1, "a", 0, indices, [(4, 1001), (3, 5, 5)])
    assert first.shape == (4, 1001)
    assert second.shape == (3, 5, 5)
    assert first.dtype == np.float32
    assert stats.kstest(first.ravel(), "uniform").pvalue > 0.001
    assert 0 <= first.min() < first.max() < 1
    (again,) = keyed_noise(1, "a", 0, indices[1:], [(75,)])
    np.testing.assert_array_equal(again, second.ravel())
    for other in (
        keyed_noise(2, "a", 0, indices[:1], [(9,)]),
        keyed_noise(1, "b", 0, indices[:1], [(9,)]),
        keyed_noise(1, "a", 1, indices[:1], [(9,)]),
        keyed_noise(1, "a", 0, indices[1:], [(9,)]),
    ):
        assert not np.array_equal(other[0], first.ravel()[:9])
