import logging
from typing import Any

import numpy as np
import pytest
from PIL import Image

from corruptions import CorruptionError, corrupt, perturb, preset_for

LAST_SIDE_PX = {"cifar": 45, "tiny": 119, "imagenet": 258, "inception": 1000}
SIDES = [16, 32, 45, 46, 64, 119, 120, 224, 258, 259, 299]


@pytest.mark.parametrize("side_px", SIDES)
def test_the_nearest_native_side_by_ratio(side_px: int) -> None:
    preset = next(name for name, last in LAST_SIDE_PX.items() if side_px <= last)
    assert preset_for(side_px, 1000) == preset
    assert preset_for(1000, side_px) == preset


def test_auto_is_that_preset_and_says_which(caplog: pytest.LogCaptureFixture) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 60, 70, 3), np.uint8)
    with caplog.at_level(logging.INFO, "corruptions"):
        auto = corrupt(images, "contrast", 5, preset="auto")
    assert np.array_equal(auto, corrupt(images, "contrast", 5, preset="tiny"))
    assert "preset auto: tiny, for images of 60 x 70 pixels" in caplog.messages
    assert np.array_equal(
        auto, corrupt(images, "contrast", 5)
    )  # what is meant when nothing is said
    auto = perturb(images, "brightness", preset="auto")
    assert np.array_equal(auto, perturb(images, "brightness", preset="tiny"))
    assert np.array_equal(auto, perturb(images, "brightness"))


def test_no_size_no_preset() -> None:
    with pytest.raises(CorruptionError, match="no preset for images of 0 x 32"):
        preset_for(0, 32)


@pytest.mark.parametrize("shape", [(2, 32, 40), (2, 32, 40, 1)])
def test_grey_images_become_rgb(shape: tuple[int, ...]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    rgb = np.repeat(grey.reshape(2, 32, 40, 1), 3, axis=3)
    for name in ("gaussian_noise", "fog", "contrast", "jpeg_compression"):
        expected = corrupt(rgb, name, 3, preset="cifar")
        assert np.array_equal(corrupt(grey, name, 3, preset="cifar"), expected)


@pytest.mark.parametrize("shape", [(32, 40, 3), (32, 40, 1), (32, 40)])
def test_a_single_image_is_a_batch_of_one(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for more in ({}, {"indices": 7}, {"indices": [7]}):
        indices = np.atleast_1d(more.get("indices", 0))
        alone = corrupt(image, "gaussian_noise", 3, **more)
        assert alone.shape == (32, 40, 3)
        together = corrupt(image[None], "gaussian_noise", 3, indices=indices)
        assert np.array_equal(alone, together[0])
        film = perturb(image, "gaussian_noise", **more)
        assert np.array_equal(film, perturb(image[None], "gaussian_noise", indices=indices)[0])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 3, 32, 32), np.uint8), r"shape \(N, H, W, 3\).*got \(2, 3, 32, 32\)"),
        (np.zeros((2, 2, 32, 32, 3), np.uint8), r"got \(2, 2, 32, 32, 3\)"),
        (np.zeros(32, np.uint8), r"got \(32,\)"),
        (Image.new("RGB", (32, 32)), "got Image; corruptions.Corrupt takes PIL images"),
    ],
)
def test_what_is_no_image_is_refused(images: Any, message: str) -> None:
    with pytest.raises(CorruptionError, match=message):
        corrupt(images, "fog", 3)
