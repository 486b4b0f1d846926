"""The flip and the crop, against the plain definition."""

import numpy as np
import pytest
from numpy.typing import NDArray

from robench.training.framing import framed
from tests.training.tiny_problem import tiny_source

IMAGES = tiny_source(400).images
INDICES = np.arange(400)


def plain(image: NDArray[np.uint8], mirrored: bool, top: int, left: int) -> NDArray[np.uint8]:
    flipped = image[:, ::-1] if mirrored else image
    canvas = np.zeros((40, 40, 3), np.uint8)
    canvas[4:36, 4:36] = flipped
    return canvas[top : top + 32, left : left + 32]


def test_an_image_becomes_one_of_its_162_frames_all_equally_likely() -> None:
    output = framed(IMAGES, INDICES, flip=True, padding_px=4, seed=0, epoch=0)
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


def test_without_flip_and_padding_nothing_changes() -> None:
    output = framed(IMAGES, INDICES, flip=False, padding_px=0, seed=0, epoch=0)
    np.testing.assert_array_equal(output, IMAGES)


@pytest.mark.parametrize("change", [{"seed": 1}, {"epoch": 1}])
def test_a_frame_depends_on_seed_epoch_and_index_and_not_on_the_batch(change: dict) -> None:
    key = {"flip": True, "padding_px": 4, "seed": 0, "epoch": 0}
    whole = framed(IMAGES, INDICES, **key)
    part = np.array([5, 3, 120])
    np.testing.assert_array_equal(framed(IMAGES[part], INDICES[part], **key), whole[part])
    assert not np.array_equal(framed(IMAGES, INDICES, **(key | change)), whole)
