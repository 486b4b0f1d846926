"""How an image and a picture are mixed: hand arithmetic, PyTorch's arithmetic, and the draws."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats

from baselines.augmentations.picture_mixing import strengths
from baselines.augmentations.picture_mixing_kernels import (
    ADD,
    MULTIPLY,
    RANDOM_ELEMENTS,
    RANDOM_PIXELS,
    mix_patches,
    mix_whole,
)

Pixels = NDArray[np.uint8]


def patched(
    image: Pixels,
    picture: Pixels,
    operation: int,
    ab: tuple[float, float] = (1, 0),
    box: tuple[int, int, int, int] | None = None,
    seed: int = 0,
) -> Pixels:
    """Mix one image, uint8 (H, W, 3), with a picture, within a box or wholly."""
    result = image[None].copy()
    height, width = image.shape[:2]
    mix_patches(
        result,
        picture[None],
        np.array([True]),
        np.array([box or (0, 0, height, width)]),
        np.array([operation]),
        np.array([ab], np.float32),
        np.array([seed], np.uint64),
    )
    return result[0]


def whole(value: int, size: int = 1) -> Pixels:
    return np.full((size, size, 3), value, np.uint8)


def noise(seed: int, size: int = 32) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("operation", "own", "other", "ab", "expected"),
    [
        # 0.8 (2 x 200/255 - 1) + 0.3 (2 x 100/255 - 1) = 0.3902, halfway up: 0.6951 x 255 = 177.25
        (ADD, 200, 100, (0.8, 0.3), 177),
        # 1.5 (2 x 100/255 - 1) - 0.4 (2 x 220/255 - 1) = -0.6137: 0.1931 x 255 = 49.25
        (ADD, 100, 220, (1.5, -0.4), 49),
        # 1.9 x 0.5686 - 0.9 x -0.2157 = 1.27: above white
        (ADD, 200, 100, (1.9, -0.9), 255),
        # 1.2 x -0.6078 + 0.5 x -1 = -1.23: below black
        (ADD, 50, 0, (1.2, 0.5), 0),
        # (2 x 180/255)^0.5 (2 x 60/255)^0.5 / 2 = 1.1882 x 0.6860 / 2 = 0.40754: 103.92
        (MULTIPLY, 180, 60, (0.5, 0.5), 103),
        # 1.4118^1.5 x 0.4706^-0.5 / 2 = 1.6775 x 1.4577 / 2 = 1.22: above white
        (MULTIPLY, 180, 60, (1.5, -0.5), 255),
        # 0.7843^1.25 x 1.7255^-0.25 / 2 = 0.7381 x 0.8725 / 2 = 0.32199: 82.1
        (MULTIPLY, 100, 220, (1.25, -0.25), 82),
        # Black to a power above 0 stays black, whatever black below it would do.
        (MULTIPLY, 0, 0, (1.5, -1.0), 0),
        (MULTIPLY, 255, 0, (1.5, -0.5), 255),
    ],
)
def test_adding_and_multiplying_follow_hand_arithmetic(
    operation: int, own: int, other: int, ab: tuple[float, float], expected: int
) -> None:
    assert (patched(whole(own), whole(other), operation, ab) == expected).all()
    mixed = np.full((1, 1, 1, 3), own / 255, np.float32)
    on = np.array([True])
    mix_whole(mixed, whole(other)[None], on, np.array([operation]), np.array([ab], np.float32))
    assert (mixed * 255).astype(np.uint8).tolist() == whole(expected)[None].tolist()


@pytest.mark.parametrize("operation", [ADD, MULTIPLY])
def test_whole_images_equal_pytorchs_arithmetic(operation: int) -> None:
    image, picture = noise(0), noise(1)
    random = np.random.default_rng(0)
    for ab in strengths(3.0, *random.uniform(size=(3, 40))):
        own, other = (torch.from_numpy(pixels / np.float32(255)) for pixels in (image, picture))
        a, b = map(float, ab)
        if operation == ADD:
            expected = (a * (own * 2 - 1) + b * (other * 2 - 1) + 1) / 2
        else:
            expected = (own * 2) ** a * (other * 2).clip(1e-37) ** b / 2
        mixed = (image / np.float32(255))[None]
        mix_whole(mixed, picture[None], np.array([True]), np.array([operation]), ab[None])
        np.testing.assert_allclose(mixed[0], expected.clip(0, 1), atol=2e-6)
        in_bytes = patched(image, picture, operation, tuple(ab)).astype(int)
        difference = in_bytes - (expected.clip(0, 1).numpy() * 255).astype(int)
        # The last bit of a power may fall on either side of a whole number.
        assert np.abs(difference).max() <= 1
        assert (difference != 0).mean() < 0.001


@pytest.mark.parametrize("operation", [ADD, MULTIPLY])
def test_strengths_of_one_and_zero_leave_the_image_alone(operation: int) -> None:
    image = noise(0)
    difference = patched(image, noise(1), operation, (1, 0)).astype(int) - image
    assert difference.min() >= -1  # truncated
    assert difference.max() == 0
    mixed = (image / np.float32(255))[None]
    one = np.array([[1, 0]], np.float32)
    mix_whole(mixed, noise(1)[None], np.array([True]), np.array([operation]), one)
    np.testing.assert_allclose(mixed[0] * 255, image, atol=1e-4)


@pytest.mark.parametrize("operation", [RANDOM_PIXELS, RANDOM_ELEMENTS])
def test_every_value_is_the_images_or_the_pictures(operation: int) -> None:
    image, picture = noise(0) // 2, noise(1) // 2 + 128
    shares = []
    for seed in range(200):
        result = patched(image, picture, operation, seed=seed)
        own = result == image
        assert (own | (result == picture)).all()
        shares.append(own.mean())
        together = (own == own[..., :1]).all(axis=-1).mean()
        if operation == RANDOM_PIXELS:
            assert together == 1
        else:
            share = own.mean()
            assert together == pytest.approx(share**3 + (1 - share) ** 3, abs=0.08)
    assert stats.kstest(shares, "uniform").pvalue > 0.001


@pytest.mark.parametrize("operation", [ADD, MULTIPLY, RANDOM_PIXELS, RANDOM_ELEMENTS])
def test_nothing_changes_outside_the_patch_and_it_does_not_see_the_rest(operation: int) -> None:
    image, picture = noise(0), noise(1)
    result = patched(image, picture, operation, (1.3, -0.6), (4, 8, 20, 13), seed=5)
    changed = (result != image).any(axis=-1)
    assert changed[4:20, 8:13].mean() > 0.3
    changed[4:20, 8:13] = False
    assert not changed.any()
    alone = patched(image[4:20, 8:13], picture[4:20, 8:13], operation, (1.3, -0.6), seed=5)
    np.testing.assert_array_equal(result[4:20, 8:13], alone)


def test_images_that_are_not_active_are_left_alone() -> None:
    images = np.stack([noise(0), noise(2)])
    before = images.copy()
    active, boxes = np.array([False, True]), np.array([(0, 0, 32, 32)] * 2)
    operations, seeds = np.array([ADD, ADD]), np.zeros(2, np.uint64)
    ab = np.array([(0.5, 0.5)] * 2, np.float32)
    mix_patches(images, np.stack([noise(1)] * 2), active, boxes, operations, ab, seeds)
    np.testing.assert_array_equal(images[0], before[0])
    assert (images[1] != before[1]).any()


def test_strengths_follow_their_beta_distributions() -> None:
    uniforms = np.random.default_rng(0).uniform(size=(3, 20_000))
    a, b = strengths(3.0, *uniforms).T
    towards = uniforms[0] < 0.5
    assert stats.kstest(a[towards], stats.beta(3, 1).cdf).pvalue > 0.001
    assert stats.kstest(b[towards], stats.beta(1, 3).cdf).pvalue > 0.001
    assert stats.kstest(a[~towards] - 1, stats.beta(1, 3).cdf).pvalue > 0.001
    assert stats.kstest(-b[~towards], stats.beta(1, 3).cdf).pvalue > 0.001
    assert abs(np.corrcoef(a[towards], b[towards])[0, 1]) < 0.03
