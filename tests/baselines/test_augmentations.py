"""Every operation against Pillow, and the mixture against the algorithm written plainly."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from scipy import stats

from baselines.augmentations import ALL_OPERATIONS, amounts, augment, augment_and_mix
from baselines.augmentations.mixing import Chains, Mixture, sample_chains
from baselines.augmentations.operations import EVERY_OPERATION
from robench.errors import RobenchError

Pixels = NDArray[np.uint8]
# The last two have rows shorter than a vector, and columns shorter than a shear's reach.
SIZES = [(32, 32), (64, 64), (33, 47), (48, 29), (9, 3), (5, 70)]
LEVEL_COUNT = 12


def affine(matrix: Callable[[float], tuple[float, ...]]) -> Callable:
    def transform(image: Image.Image, amount: float) -> Image.Image:
        method, bilinear = Image.Transform.AFFINE, Image.Resampling.BILINEAR
        return image.transform(image.size, method, matrix(amount), resample=bilinear)

    return transform


PILLOW: dict[str, Callable[[Image.Image, float], Image.Image]] = {
    "autocontrast": lambda image, _: ImageOps.autocontrast(image),
    "equalize": lambda image, _: ImageOps.equalize(image),
    "posterize": lambda image, amount: ImageOps.posterize(image, int(amount)),
    "rotate": lambda image, amount: image.rotate(amount, Image.Resampling.BILINEAR),
    "solarize": lambda image, amount: ImageOps.solarize(image, int(amount)),
    "shear_x": affine(lambda amount: (1, amount, 0, 0, 1, 0)),
    "shear_y": affine(lambda amount: (1, 0, 0, amount, 1, 0)),
    "translate_x": affine(lambda amount: (1, 0, amount, 0, 1, 0)),
    "translate_y": affine(lambda amount: (1, 0, 0, 0, 1, amount)),
    "color": lambda image, amount: ImageEnhance.Color(image).enhance(amount),
    "contrast": lambda image, amount: ImageEnhance.Contrast(image).enhance(amount),
    "brightness": lambda image, amount: ImageEnhance.Brightness(image).enhance(amount),
    "sharpness": lambda image, amount: ImageEnhance.Sharpness(image).enhance(amount),
    "mirror": lambda image, _: ImageOps.mirror(image),
    "invert": lambda image, _: ImageOps.invert(image),
}


def sample_images(height: int, width: int) -> Pixels:
    """Return noise, a narrow histogram, a smooth picture, one colour, and a dot on black."""
    random = np.random.default_rng(height * 100 + width)
    noise = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    narrow = random.normal(120, 20, (height, width, 3)).clip(0, 255).astype(np.uint8)
    small = Image.fromarray(random.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    flat = np.full((height, width, 3), (3, 128, 255), dtype=np.uint8)
    dot = np.zeros((height, width, 3), dtype=np.uint8)
    dot[height // 3, width // 2] = (255, 1, 128)
    return np.stack([noise, narrow, smooth, flat, dot])


def sample_amounts(operation: str, size: tuple[int, int]) -> list[float]:
    random = np.random.default_rng(len(operation))
    levels = np.concatenate([[0.1, 10.0 - 1e-9], random.uniform(0.1, 10, LEVEL_COUNT)])
    signs = random.choice([-1.0, 1.0], len(levels))
    numbers = np.full(len(levels), EVERY_OPERATION.index(operation))
    return amounts(numbers, levels, signs, size).tolist()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_an_operation_equals_pillow_to_the_last_bit(operation: str, size: tuple[int, int]) -> None:
    images = sample_images(*size)
    before = images.copy()
    for amount in sample_amounts(operation, size):
        expected = [np.asarray(PILLOW[operation](Image.fromarray(i), amount)) for i in images]
        np.testing.assert_array_equal(augment(images, operation, amount), np.stack(expected))
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("operation", ["shear_x", "shear_y"])
def test_a_shear_that_is_rounded_up_to_a_whole_pixel_equals_pillow(operation: str) -> None:
    images = sample_images(33, 47)
    # Less than a whole pixel by so little that it counts near the origin and is lost far from it.
    for amount in (-1e-17, -1e-16, 2 - 2.0**-52, 2 - 2.0**-50, 1 / 3, -2 / 3, 0.0, 40.0, -40.0):
        expected = [np.asarray(PILLOW[operation](Image.fromarray(i), amount)) for i in images]
        np.testing.assert_array_equal(augment(images, operation, amount), np.stack(expected))


def test_every_angle_equals_pillow() -> None:
    images = sample_images(33, 47)
    for degrees in range(-30, 31):
        expected = [np.asarray(PILLOW["rotate"](Image.fromarray(i), degrees)) for i in images]
        np.testing.assert_array_equal(augment(images, "rotate", degrees), np.stack(expected))


def test_the_amounts_are_those_of_the_published_code_at_severity_3() -> None:
    level, size = 2.9, (32, 48)
    expected = {
        "autocontrast": 0,
        "equalize": 0,
        "posterize": 4 - int(0.4 * level),
        "rotate": -int(3 * level),
        "solarize": 256 - int(25.6 * level),
        "shear_x": -0.03 * level,
        "shear_y": -0.03 * level,
        "translate_x": -int(level * 48 / 30),
        "translate_y": -int(level * 32 / 30),
        "color": 0.18 * level + 0.1,
        "contrast": 0.18 * level + 0.1,
        "brightness": 0.18 * level + 0.1,
        "sharpness": 0.18 * level + 0.1,
    }
    numbers = np.arange(len(ALL_OPERATIONS))
    got = amounts(numbers, np.full(numbers.shape, level), np.full(numbers.shape, -1.0), size)
    assert dict(zip(ALL_OPERATIONS, got, strict=True)) == pytest.approx(expected)


def normalization() -> NDArray[np.float32]:
    unit = np.arange(256, dtype=np.float32) / np.float32(255)
    return np.stack([(unit - np.float32(0.5)) / np.float32(0.5)] * 3)


def plainly_mixed(image: Pixels, chains: Chains, i: int) -> NDArray[np.float32]:
    """AugMix of image ``i`` with Pillow, one image and one operation at a time."""

    def normal(pixels: Pixels) -> NDArray[np.float32]:
        return (pixels.astype(np.float32) / np.float32(255) - np.float32(0.5)) / np.float32(0.5)

    mixture = np.zeros(image.shape, np.float32)
    for chain, weight in enumerate(chains.weights[i]):
        picture = Image.fromarray(image)
        for step in range(chains.depths[i, chain]):
            operation = ALL_OPERATIONS[chains.operations[i, chain, step]]
            picture = PILLOW[operation](picture, chains.amounts[i, chain, step])
        mixture += weight * normal(np.asarray(picture))
    share = chains.shares[i]
    mixed = (np.float32(1) - share) * normal(image) + share * mixture
    return mixed.transpose(2, 0, 1)


@pytest.mark.parametrize("all_operations", [False, True])
@pytest.mark.parametrize("size", [(32, 32), (48, 29)])
def test_a_mixture_equals_the_plain_algorithm(size: tuple[int, int], all_operations: bool) -> None:
    images = np.concatenate([sample_images(*size)] * 4)
    chains = sample_chains(
        Mixture(all_operations=all_operations),
        size,
        np.arange(len(images)),
        seed=1,
        epoch=2,
        view=1,
    )
    got = augment_and_mix(images, chains, normalization(), threads=1)
    expected = np.stack([plainly_mixed(image, chains, i) for i, image in enumerate(images)])
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(augment_and_mix(images, chains, normalization(), threads=3), got)


def test_a_mixture_depends_on_its_image_only_and_not_on_its_batch() -> None:
    images = sample_images(32, 32)
    indices = np.array([10, 4, 99, 7, 0])

    def mixed(order: list[int]) -> NDArray[np.float32]:
        chains = sample_chains(Mixture(), (32, 32), indices[order], seed=0, epoch=0, view=2)
        return augment_and_mix(images[order], chains, normalization())

    whole = mixed([0, 1, 2, 3, 4])
    order = [3, 1, 4]
    np.testing.assert_array_equal(mixed(order), whole[order])


def test_draws_follow_the_distributions_of_the_paper() -> None:
    count = 20_000
    chains = sample_chains(Mixture(), (32, 32), np.arange(count), seed=3, epoch=0, view=1)
    assert stats.kstest(chains.shares, "uniform").pvalue > 0.001  # Beta(1, 1)
    np.testing.assert_allclose(chains.weights.sum(axis=1), 1, atol=1e-6)
    # One weight of Dirichlet(1, 1, 1) is Beta(1, 2).
    assert stats.kstest(chains.weights[:, 0], stats.beta(1, 2).cdf).pvalue > 0.001
    assert stats.chisquare(np.bincount(chains.depths.ravel())[1:]).pvalue > 0.001
    assert set(np.unique(chains.depths)) == {1, 2, 3}
    drawn = np.bincount(chains.operations.ravel(), minlength=len(ALL_OPERATIONS))
    assert stats.chisquare(drawn[:9]).pvalue > 0.001
    assert not drawn[9:].any()
    shears = chains.amounts[chains.operations == ALL_OPERATIONS.index("shear_x")]
    # The level is uniform between 0.1 and the severity, either way.
    assert stats.kstest(np.abs(shears) / 0.03, stats.uniform(0.1, 2.9).cdf).pvalue > 0.001
    assert abs(np.mean(shears > 0) - 0.5) < 0.01


def test_alpha_shapes_both_distributions() -> None:
    chains = sample_chains(Mixture(alpha=4), (32, 32), np.arange(10_000), seed=3, epoch=0, view=1)
    assert stats.kstest(chains.shares, stats.beta(4, 4).cdf).pvalue > 0.001
    assert stats.kstest(chains.weights[:, 0], stats.beta(4, 8).cdf).pvalue > 0.001


def test_a_fixed_depth_and_width_are_kept() -> None:
    chains = sample_chains(
        Mixture(width=2, depth=5), (32, 32), np.arange(10), seed=3, epoch=0, view=1
    )
    assert chains.operations.shape == (10, 2, 5)
    assert np.all(chains.depths == 5)


def test_an_unknown_operation_is_refused_with_the_closest_name() -> None:
    with pytest.raises(RobenchError, match="did you mean 'rotate'"):
        augment(sample_images(32, 32), "rotat", 3)
