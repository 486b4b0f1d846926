"""The flip and the crop, against the plain definition."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision.transforms import RandomResizedCrop
from torchvision.transforms.functional import resized_crop as resized_crop_of_torchvision

from baselines.keyed_uniforms import keyed_uniforms
from robench.training.framing import crop_box, flipped, resized_crop, shifted
from tests.training.tiny_problem import tiny_source

IMAGES = tiny_source(400).images
INDICES = np.arange(400)


def plain(image: NDArray[np.uint8], mirrored: bool, top: int, left: int) -> NDArray[np.uint8]:
    flipped = image[:, ::-1] if mirrored else image
    canvas = np.zeros((40, 40, 3), np.uint8)
    canvas[4:36, 4:36] = flipped
    return canvas[top : top + 32, left : left + 32]


def framed(images: NDArray[np.uint8], indices: NDArray[np.int64], **key: int) -> NDArray[np.uint8]:
    return flipped(shifted(images, indices, 4, **key), indices, **key)


def test_an_image_becomes_one_of_its_162_frames_all_equally_likely() -> None:
    output = framed(IMAGES, INDICES, seed=0, epoch=0)
    assert output.shape == IMAGES.shape
    found = []
    for image, got in zip(IMAGES, output, strict=True):
        matches = [
            (mirrored, top, left)
            for mirrored in (False, True)
            for top in range(9)
            for left in range(9)
            if np.array_equal(plain(image, mirrored, top, left), got)
        ]
        assert len(matches) == 1
        found += matches
    mirrored, top, left = np.array(found).T
    assert 0.4 < mirrored.mean() < 0.6
    assert set(top) == set(left) == set(range(9))
    assert abs(top.mean() - 4) < 0.4
    assert abs(left.mean() - 4) < 0.4


def test_without_padding_nothing_is_shifted() -> None:
    np.testing.assert_array_equal(shifted(IMAGES, INDICES, 0, seed=0, epoch=0), IMAGES)


@pytest.mark.parametrize("change", [{"seed": 1}, {"epoch": 1}])
def test_a_frame_depends_on_seed_epoch_and_index_and_not_on_the_batch(change: dict) -> None:
    key = {"seed": 0, "epoch": 0}
    whole = framed(IMAGES, INDICES, **key)
    part = np.array([5, 3, 120])
    np.testing.assert_array_equal(framed(IMAGES[part], INDICES[part], **key), whole[part])
    assert not np.array_equal(framed(IMAGES, INDICES, **(key | change)), whole)


SIZES = [(640, 480), (480, 640), (300, 300), (1000, 120), (90, 400), (33, 40)]


class GivenDraws:
    """Stands for torch's generator in torchvision's RandomResizedCrop: four given numbers an attempt."""

    def __init__(self, draws: NDArray[np.float64]) -> None:
        self.attempts = iter(draws.reshape(10, 4).tolist())
        self.left: list[float] = []

    def empty(self, count: int) -> "GivenDraws":
        if len(self.left) != 3:  # of a new attempt: the one before did not fit and drew no place
            self.left = next(self.attempts)
        return self

    def uniform_(self, low: float, high: float) -> torch.Tensor:
        return torch.tensor([low + self.left.pop(0) * (high - low)], dtype=torch.float64)

    def randint(self, low: int, high: int, size: tuple[int]) -> torch.Tensor:
        return torch.tensor([low + int(self.left.pop(0) * (high - low))])


@pytest.mark.parametrize("size", SIZES)
def test_the_same_draws_give_torchvisions_box(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    picture = Image.new("RGB", size)
    for _ in range(200):
        draws = random.uniform(size=40)
        given = GivenDraws(draws)
        with monkeypatch.context() as patch:
            patch.setattr(torch, "empty", given.empty)
            patch.setattr(torch, "randint", given.randint)
            top, left, height, width = RandomResizedCrop.get_params(
                picture, [0.08, 1.0], [3 / 4, 4 / 3]
            )
        assert crop_box(size, draws) == (left, top, width, height)


def test_a_resized_crop_is_torchvisions_of_the_same_box() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
    got = resized_crop(picture, 7, 64, seed=3, epoch=2)
    draws = keyed_uniforms(3, "crop", 2, np.array([7]), 40)[0]
    left, top, width, height = crop_box(picture.size, draws)
    expected = resized_crop_of_torchvision(picture, top, left, height, width, [64, 64])
    np.testing.assert_array_equal(got, np.asarray(expected))
    assert not np.array_equal(resized_crop(picture, 8, 64, seed=3, epoch=2), got)
    assert not np.array_equal(resized_crop(picture, 7, 64, seed=3, epoch=3), got)
