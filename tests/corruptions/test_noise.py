import numpy as np
import pytest

from corruptions import corrupt
from corruptions.keyed_random import KeyedRandom
from corruptions.noise import gaussian_noise, impulse_noise, shot_noise, speckle_noise

# The reference leaves impulse noise to scikit-image, which has a generator of its own.
GENERATOR = {"impulse_noise": np.random.default_rng}


def grey(level, side=64):
    return np.full((1, side, side, 3), level, np.uint8)


def test_gaussian_noise_by_hand():
    normals = np.zeros((1, 16, 16, 3))
    normals[0, 0, 0] = 0.5, -0.5, 9.0
    normals[0, 0, 1] = -9.0, 0.019, -0.019
    pixels = gaussian_noise.apply(grey(100, 16), (0.1,), normals)
    # 100 + 255 * 0.1 * normal, cut off at both ends and truncated, so that -0.4845 is a level less.
    assert pixels[0, 0, :2].tolist() == [[112, 87, 255], [0, 100, 99]]
    assert np.all(pixels[0, 1:] == 100)


@pytest.mark.parametrize("sigma", [0.02, 0.08])
def test_gaussian_noise_has_its_standard_deviation(sigma):
    pixels = corrupted(gaussian_noise, (sigma,), grey(128)).astype(float)
    # Truncation takes half a level from the mean.
    assert abs(pixels.mean() - 127.5) < 5 * 255 * sigma / np.sqrt(pixels.size)
    assert pixels.std() == pytest.approx(255 * sigma, rel=0.03)


def test_speckle_noise_grows_with_the_signal():
    spread = [corrupted(speckle_noise, (0.15,), grey(level)).std() for level in (0, 60, 120)]
    assert spread[0] == 0
    assert spread[2] / spread[1] == pytest.approx(2, rel=0.05)


def test_shot_noise_counts_photons():
    photons = 5.0
    counts = np.zeros((1, 16, 16, 3), np.int32)
    counts[0, 0, :4, 0] = 1, 2, 5, 1000
    pixels = shot_noise.apply(grey(0, 16), (photons,), counts)
    assert pixels[0, 0, :4, 0].tolist() == [51, 102, 255, 255]
    assert np.count_nonzero(pixels) == 4


@pytest.mark.parametrize("photons", [3.0, 60.0, 500.0])
def test_shot_noise_keeps_the_mean(photons):
    pixels = corrupted(shot_noise, (photons,), grey(64)).astype(float)
    assert pixels.mean() == pytest.approx(64, abs=1.0 + 5 * 255 / np.sqrt(photons * pixels.size))


def test_impulse_noise_is_salt_and_pepper_by_channel():
    pixels = corrupted(impulse_noise, (0.2,), grey(77, 128))
    values, counts = np.unique(pixels, return_counts=True)
    assert values.tolist() == [0, 77, 255]
    np.testing.assert_allclose(counts / pixels.size, [0.1, 0.8, 0.1], atol=0.01)
    struck = (pixels != 77).all(axis=3).mean()
    assert struck < 0.02  # 0.2 ** 3: the channels of a pixel are not struck together


def corrupted(module, strength, images):
    random = KeyedRandom(0, module.__name__, 1, np.arange(len(images)))
    return module.apply(images, strength, *module.sample(random, strength, images))


def test_noises_of_one_key_differ():
    images = grey(128)
    assert np.any(
        corrupt(images, "gaussian_noise", 3, preset="cifar")
        != corrupt(images, "speckle_noise", 3, preset="cifar")
    )
