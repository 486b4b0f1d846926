"""ImageNet-C's tree of files: flat and grouped, whole and broken, and never resized."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robench import datasets
from robench.datasets import tree_c
from robench.datasets.image_folder import BrokenImageError, ImageFolder
from robench.datasets.stored_jpeg import read_back
from robench.errors import RobenchError
from tests.datasets.wnid_folders import write_condition, write_val
from tests.generation.photographs import photograph


@pytest.fixture
def clean(tmp_path: Path) -> ImageFolder:
    write_val(tmp_path / "val")
    source = datasets.load("imagenet", "test", tmp_path)
    assert isinstance(source, ImageFolder)
    return source


@pytest.fixture
def root(tmp_path: Path, clean: ImageFolder) -> Path:
    write_condition(tmp_path / "C/fog/3", list(clean.paths))
    return tmp_path / "C"


def test_a_file_reaches_the_model_bit_for_bit(root: Path, clean: ImageFolder) -> None:
    source = tree_c.open_condition(root, "fog", 3, clean, 224)
    assert source.labels.tolist() == clean.labels.tolist()
    for path, image in zip(clean.paths, source.read(0, 6), strict=True):
        with Image.open(root / "fog/3" / path) as picture:
            assert np.array_equal(image, np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize("size", [(256, 256), (227, 227), (224, 225)])
def test_a_file_of_another_size_is_refused_not_resized(
    size: tuple[int, int], root: Path, clean: ImageFolder
) -> None:
    photograph(1, *size).save(root / "fog/3" / clean.paths[4])
    source = tree_c.open_condition(root, "fog", 3, clean, 224)
    assert source.read(0, 4).shape == (4, 224, 224, 3)
    with pytest.raises(BrokenImageError, match=r"val_0+5\.JPEG: expected 224 x 224 pixels, got"):
        source.read(3, 6)


@pytest.mark.parametrize("group", tree_c.GROUPS)
def test_grouped_is_flat(group: str, root: Path, clean: ImageFolder) -> None:
    flat = tree_c.open_condition(root, "fog", 3, clean, 224).read(0, 6)
    (root / group).mkdir()
    shutil.move(root / "fog", root / group / "fog")
    grouped = tree_c.open_condition(root, "fog", 3, clean, 224)
    assert np.array_equal(grouped.read(0, 6), flat)
    assert str(root / group) in grouped.description


def test_a_selection_needs_only_its_own_files(root: Path, clean: ImageFolder) -> None:
    (root / "fog/3" / clean.paths[0]).unlink()
    with pytest.raises(RobenchError, match=r"1 of 6 images missing \(first n01440764/ILSVRC"):
        tree_c.open_condition(root, "fog", 3, clean, 224)
    part = clean.select(np.array([5, 2]))
    assert len(tree_c.open_condition(root, "fog", 3, part, 224).read(0, 2)) == 2


def test_a_missing_condition_is_named(root: Path, clean: ImageFolder) -> None:
    with pytest.raises(
        RobenchError,
        match=r"no .*C/snow/1, nor below noise, blur, .* leave it out with corruptions",
    ):
        tree_c.open_condition(root, "snow", 1, clean, 224)


def test_a_corrupt_file_is_named(root: Path, clean: ImageFolder) -> None:
    path = root / "fog/3" / clean.paths[3]
    path.write_bytes(path.read_bytes()[:800])
    source = tree_c.open_condition(root, "fog", 3, clean, 224)
    with pytest.raises(BrokenImageError, match=rf"{path.name} is not a readable image"):
        source.read(0, 6)


def test_a_photograph_of_another_kind_has_a_jpeg_in_the_tree(tmp_path: Path) -> None:
    (tmp_path / "val/n01440764").mkdir(parents=True)
    photograph(1, 300, 300).save(tmp_path / "val/n01440764/a.png")
    write_condition(tmp_path / "C/fog/1", ["n01440764/a.JPEG"])
    listed = datasets.load("imagenet", "test", tmp_path)
    assert len(tree_c.open_condition(tmp_path / "C", "fog", 1, listed, 224).paths) == 1  # type: ignore[arg-type]


def test_the_digest_sees_a_file_that_changed(root: Path, clean: ImageFolder) -> None:
    before = tree_c.sampled_sha256(root, "fog", 3, clean)
    assert tree_c.sampled_sha256(root, "fog", 4, clean) == "missing"
    photograph(77, 224, 224).save(root / "fog/3" / clean.paths[0])
    assert tree_c.sampled_sha256(root, "fog", 3, clean) != before


def test_the_jpeg_step_is_pillows() -> None:
    images = np.stack([np.asarray(photograph(seed, 224, 224)) for seed in range(3)])
    for image, found in zip(images, read_back(images), strict=True):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=85, optimize=True)
        assert np.array_equal(found, np.asarray(Image.open(buffer)))
    assert not np.array_equal(read_back(images), images)
