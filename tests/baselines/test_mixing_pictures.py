"""Pictures to mix with: from a folder, scaled and cropped; fractals; and folders that will not do."""

import logging
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from baselines import methods
from baselines.fractals import fractals
from baselines.mixing_pictures import crops, folder_sha256, mixing_pictures, scaled_side
from robench.errors import RobenchError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, wide and tall, in a folder below, and a file that is none."""
    (tmp_path / "below").mkdir()
    y, x = np.mgrid[:80, :160].astype(np.uint8)
    wide = np.stack([x, y, np.zeros_like(x)], axis=-1)
    Image.fromarray(wide).save(tmp_path / "below/wide.png")
    Image.new("L", (50, 100), 200).save(tmp_path / "tall.jpg")
    (tmp_path / "notes.txt").write_text("fractals by hand")
    return tmp_path


def cropped(folder: str, count: int = 1000, epoch: int = 0) -> NDArray[np.uint8]:
    return crops(folder, (32, 32), np.arange(count), seed=0, epoch=epoch)


def test_the_scales_are_those_of_the_published_code() -> None:
    assert scaled_side(32) == 36
    assert scaled_side(224) == 256


def test_pictures_are_scaled_by_their_shorter_side(folder: Path) -> None:
    wide, tall = mixing_pictures(str(folder), 36).get(np.array([0, 1]))
    assert wide.shape == (36, 72, 3)
    assert tall.shape == (72, 36, 3)
    expected = Image.open(folder / "below/wide.png").resize((72, 36), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(wide, np.asarray(expected))
    assert (tall == 200).all()


def test_crops_are_of_any_picture_from_anywhere(folder: Path) -> None:
    found = cropped(str(folder))
    wide = found[found[..., 2].max(axis=(1, 2)) == 0]
    assert 430 < len(wide) < 570
    whole = mixing_pictures(str(folder), 36).get(np.array([0]))[0]
    places = set()
    for crop in wide:
        column = int(np.abs(whole[0, :41, 0].astype(int) - crop[0, 0, 0]).argmin())
        row = int(np.abs(whole[:5, 0, 1].astype(int) - crop[0, 0, 1]).argmin())
        np.testing.assert_array_equal(whole[row : row + 32, column : column + 32], crop)
        places.add((row, column))
    assert {row for row, _ in places} == {0, 1, 2, 3, 4}
    columns = {column for _, column in places}
    assert (min(columns), max(columns)) == (0, 40)
    assert len(columns) > 36


def test_a_crop_depends_on_its_index_and_the_epoch(folder: Path) -> None:
    found = cropped(str(folder))
    some = crops(str(folder), (32, 32), np.array([7, 300, 2]), seed=0, epoch=0)
    np.testing.assert_array_equal(some, found[[7, 300, 2]])
    assert not np.array_equal(cropped(str(folder), epoch=1), found)


def test_without_a_folder_the_pictures_are_fractals(caplog: pytest.LogCaptureFixture) -> None:
    mixing_pictures.cache_clear()
    caplog.set_level(logging.INFO, "baselines")
    pictures = mixing_pictures("", 36)
    numbers = np.array([9999, 4, 9999])
    expected = fractals(0, numbers, 36)
    for picture, fractal in zip(pictures.get(numbers), expected, strict=True):
        np.testing.assert_array_equal(picture, fractal)
    pictures.get(np.array([4, 5]))
    assert len(caplog.messages) == 1
    assert "mixing with 10000 fractals of 36 px" in caplog.text
    assert cropped("", 3).shape == (3, 32, 32, 3)


def test_a_broken_picture_is_named(folder: Path) -> None:
    content = (folder / "tall.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(RobenchError, match=r"mixing picture .*half\.jpg is broken .*; remove it"):
        cropped(str(folder))
    (folder / "half.jpg").write_bytes(b"")
    with pytest.raises(RobenchError, match=r"half\.jpg is broken"):
        cropped(str(folder))


def test_a_file_that_is_no_picture_is_named_before_the_training_starts(folder: Path) -> None:
    digest = folder_sha256(str(folder))
    (folder / "page.png").write_text("<html>not found</html>")
    with pytest.raises(RobenchError, match=r"mixing picture .*page\.png is broken .*; remove it"):
        methods.create("ipmix", {"mixing_pictures": str(folder)}).mixing_pictures_sha256()
    (folder / "page.png").unlink()
    assert folder_sha256(str(folder)) == digest


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / ".hidden.png").write_text("left by a killed process")
    with pytest.raises(RobenchError, match=f"no pictures in {tmp_path}; expected .bmp"):
        cropped(str(tmp_path))
    with pytest.raises(RobenchError, match=r"no folder of pictures .*nowhere"):
        cropped(str(tmp_path / "nowhere"))
