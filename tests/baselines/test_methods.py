"""Training methods: the loss against hand arithmetic, the views against their definition, laws for all."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from baselines import architectures, methods
from baselines.methods.jensen_shannon import CONSISTENCY_WEIGHT, jensen_shannon
from baselines.methods.method import Batch, Normalization
from robench.errors import RobenchError

NAMES = sorted(methods.registry())


def tiny_batch(count: int = 24, **changes: object) -> Batch:
    """Bright and dark noise, to be told apart."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = random.integers(0, 128, (count, 32, 32, 3)) + 100 * labels[:, None, None, None]
    batch = Batch(
        images=images.astype(np.uint8),
        labels=labels,
        indices=np.arange(count),
        num_classes=2,
        normalization=Normalization(),
        seed=1,
        epoch=3,
        step=0,
    )
    return dataclasses.replace(batch, **changes)  # type: ignore[arg-type]


def test_the_divergence_is_that_of_hand_arithmetic() -> None:
    probabilities = [(0.5, 0.5), (0.9, 0.1), (0.1, 0.9)]
    mixture = (0.5, 0.5)
    expected = sum(
        p * math.log(p / m) for view in probabilities for p, m in zip(view, mixture, strict=True)
    )
    views = tuple(torch.tensor([view]).log() for view in probabilities)
    assert jensen_shannon(views).item() == pytest.approx(expected / 3, rel=1e-5)


def test_the_divergence_is_that_of_torchs_own_parts() -> None:
    views = tuple(torch.randn(3, 7, 10, generator=torch.Generator().manual_seed(0)) * 4)
    softmax = [view.softmax(dim=1) for view in views]
    log_mixture = torch.stack(softmax).mean(0).clamp(1e-7, 1).log()
    parts = [functional.kl_div(log_mixture, p, reduction="batchmean") for p in softmax]
    torch.testing.assert_close(jensen_shannon(views), sum(parts) / 3)


def test_the_divergence_has_the_gradient_of_finite_differences() -> None:
    views = torch.randn(3, 2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(
        lambda logits: jensen_shannon(tuple(logits)), views.requires_grad_()
    )


def test_the_divergence_has_a_finite_gradient_where_probabilities_underflow() -> None:
    logits = torch.tensor([[[900.0, 0.0]], [[0.0, 900.0]], [[900.0, -900.0]]], requires_grad=True)
    divergence = jensen_shannon(tuple(logits))
    divergence.backward()
    assert divergence.item() == pytest.approx((2 * math.log(3 / 2) + math.log(3)) / 3, rel=1e-5)
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_the_divergence_of_views_that_agree_entirely_is_zero_and_has_a_gradient() -> None:
    logits = torch.tensor([[[900.0, 0.0]]] * 3, requires_grad=True)
    divergence = jensen_shannon(tuple(logits))
    divergence.backward()
    assert divergence.item() == pytest.approx(0, abs=1e-6)
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(("gap", "of_published"), [(20.0, True), (103.0, True), (104.0, False)])
def test_the_published_divergence_has_no_gradient_where_a_probability_is_zero(
    gap: float, of_published: bool
) -> None:
    """exp(-104) is 0 in float32, and ``kl_div`` differentiates p log p by p there."""
    gradients = []
    for published in (False, True):
        views = tuple(torch.tensor([[0.0, gap * k]], requires_grad=True) for k in (1, 1, -1))
        divergence = jensen_shannon(views)
        if published:
            softmax = [view.softmax(dim=1) for view in views]
            log_mixture = torch.stack(softmax).mean(0).clamp(1e-7, 1).log()
            parts = [functional.kl_div(log_mixture, p, reduction="batchmean") for p in softmax]
            torch.testing.assert_close(sum(parts) / 3, divergence)
            divergence = sum(parts) / 3
        divergence.backward()
        gradients.append(torch.cat([view.grad for view in views]))
    assert gradients[0].isfinite().all()
    assert gradients[1].isfinite().all() == of_published
    if of_published:
        torch.testing.assert_close(*gradients)


def test_normalization_equals_torchvisions_to_the_last_bit() -> None:
    from torchvision.transforms.functional import normalize, to_tensor

    normalization = Normalization((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))
    image = tiny_batch(1).images
    expected = normalize(to_tensor(image[0]), normalization.mean, normalization.std)
    np.testing.assert_array_equal(normalization.apply(image)[0], expected.numpy())


def test_augmix_sends_the_clean_image_and_two_different_mixtures_through_as_one_batch() -> None:
    batch = tiny_batch()
    inputs, targets = methods.create("augmix").prepare(batch)
    clean, first, second = inputs.chunk(3)
    np.testing.assert_array_equal(clean, batch.normalization.apply(batch.images))
    assert not torch.equal(first, second)
    assert not torch.equal(first, clean)
    np.testing.assert_array_equal(targets, batch.labels)


def test_augmix_loss_is_the_clean_cross_entropy_plus_twelve_divergences() -> None:
    logits = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 3, 1])
    got = methods.create("augmix").loss(torch.nn.Identity(), logits, targets, tiny_batch(3))
    clean = functional.cross_entropy(logits[:3], targets)
    divergence = jensen_shannon((logits[:3], logits[3:6], logits[6:]))
    assert CONSISTENCY_WEIGHT == 12
    torch.testing.assert_close(got, clean + 12 * divergence)


def test_augmix_without_jsd_trains_on_one_mixture() -> None:
    batch = tiny_batch()
    inputs, _ = methods.create("augmix", {"jsd": False}).prepare(batch)
    with_jsd, _ = methods.create("augmix").prepare(batch)
    assert len(inputs) == len(batch.labels)
    assert torch.equal(inputs, with_jsd.chunk(3)[1])


@pytest.mark.parametrize("name", NAMES)
def test_a_method_prepares_the_same_inputs_again_and_leaves_the_images_alone(name: str) -> None:
    batch = tiny_batch()
    before = batch.images.copy()
    method = methods.create(name)
    inputs, targets = method.prepare(batch)
    again, _ = method.prepare(tiny_batch())
    assert torch.equal(inputs, again)
    assert inputs.dtype == torch.float32
    assert targets.dtype in (torch.int64, torch.float32)
    assert inputs.shape[0] % len(batch.labels) == 0
    assert inputs.shape[1:] == (3, 32, 32)
    assert targets.shape[0] == len(batch.labels)
    np.testing.assert_array_equal(batch.images, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_method_learns_a_tiny_problem(name: str) -> None:
    torch.manual_seed(0)
    method, network = methods.create(name), architectures.create("digits_cnn", 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    losses = []
    for step in range(12):
        batch = tiny_batch(epoch=step, step=step)
        optimizer.zero_grad()
        loss = method.loss(network, *method.prepare(batch), batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.isfinite(losses).all()
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


@pytest.mark.parametrize("name", NAMES)
def test_a_method_says_what_it_is_in_a_line(name: str) -> None:
    assert 0 < len(methods.registry()[name].summary) < 100


@pytest.mark.parametrize("name", NAMES)
def test_a_methods_options_can_be_stored_and_given_back(name: str) -> None:
    method = methods.create(name)
    options = dataclasses.asdict(method)
    assert methods.create(name, options) == method


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("augmax", {}, "did you mean 'augmix'"),
        ("augmix", {"severty": 1}, "unknown option of augmix 'severty'; did you mean 'severity'"),
        ("augmix", {"width": 2.5}, "option width of augmix must be int, got 2.5"),
        ("augmix", {"width": True}, "option width of augmix must be int, got True"),
        ("augmix", {"jsd": 1}, "option jsd of augmix must be bool, got 1"),
        ("augmix", {"width": 0}, "width must be at least 1, got 0"),
        ("augmix", {"depth": 0}, "depth must be -1 or at least 1, got 0"),
        ("augmix", {"severity": 11}, "severity must be 0.1 to 10, got 11"),
        ("augmix", {"alpha": 0.0}, "alpha must be at least 0.1, got 0.0"),
        ("random_aa", {"depth": -1}, "random_aa: depth must be at least 1, got -1"),
        ("cutout", {"size": 0}, "cutout: size must be at least 1, got 0"),
        ("mixup", {"alpha": 0.0}, "mixup: alpha must be above 0, got 0.0"),
        ("cutmix", {"probability": 1.5}, "cutmix: probability must be 0 to 1, got 1.5"),
        ("autoaugment", {"policy": "mnist"}, "policy must be imagenet, cifar10, svhn, got mnist"),
        ("adversarial", {"steps": 0}, "adversarial: steps must be at least 1, got 0"),
        ("adversarial", {"epsilon": 0.0}, "epsilon must be above 0 and at most 255, got 0.0"),
        ("patch_uniform", {"amplitude": 2.0}, "amplitude must be above 0 and at most 1, got 2.0"),
    ],
)
def test_wrong_names_and_options_are_refused(name: str, options: dict, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        methods.create(name, options)


@pytest.mark.parametrize("name", NAMES)
def test_a_methods_options_have_help_and_defaults_of_their_type(name: str) -> None:
    for option in methods.options_of(name):
        assert 0 < len(option.help) < 100, option
        assert isinstance(option.default, option.kind)
        assert all(isinstance(value, option.kind) for value in option.usual.values())
        assert all(map(option.limits.allow, (option.default, *option.usual.values())))


@pytest.mark.parametrize("name", NAMES)
def test_options_are_read_from_the_source_as_they_are(name: str) -> None:
    made = methods.registry()[name]
    expected = [(field.name, field.type, field.default) for field in dataclasses.fields(made)]
    declared = methods.options_of(name)
    assert [(each.name, each.kind, each.default) for each in declared] == expected
    assert {
        (where, each.name, value) for each in declared for where, value in each.usual.items()
    } == {
        (where, key, value) for where, chosen in made.usual.items() for key, value in chosen.items()
    }


def test_summaries_are_read_from_the_source_as_they_are() -> None:
    expected = {name: method.summary for name, method in methods.registry().items()}
    assert methods.summaries() == dict(sorted(expected.items()))


def test_defaults_can_differ_by_preset_and_dataset_and_the_user_decides() -> None:
    assert methods.create("augmix", used_on=("imagenet", "imagenet")).severity == 1
    assert methods.create("augmix", {"severity": 2}, used_on=("imagenet",)).severity == 2
    assert methods.create("cutout", used_on=("cifar", "cifar-100")).size == 8
    assert methods.create("cutout", used_on=("cifar", "cifar-10")).size == 16


@pytest.mark.parametrize(
    ("name", "options", "overlaps"),
    [
        ("standard", {}, ()),
        ("augmix", {}, ()),
        ("augmix", {"all_ops": True}, ("brightness", "color", "contrast", "sharpness")),
        ("cutout", {}, ("cutout",)),
        ("mixup", {}, ()),
        ("cutmix", {}, ()),
        ("autoaugment", {}, ()),
        (
            "autoaugment",
            {"full": True},
            ("brightness", "color", "contrast", "cutout", "sharpness"),
        ),
        (
            "autoaugment",
            {"full": True, "policy": "imagenet"},
            ("brightness", "color", "contrast", "sharpness"),
        ),
        ("random_aa", {}, ()),
        ("adversarial", {}, ()),
        ("patch_uniform", {}, ("noise",)),
    ],
)
def test_a_method_names_what_overlaps_with_test_corruptions(
    name: str, options: dict, overlaps: tuple[str, ...]
) -> None:
    assert methods.create(name, options).overlaps() == overlaps
