"""ImageNet and the test sets that share its classes, on small folders in their layouts."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

from robench import datasets
from robench.datasets.imagenet import IMAGENET, MissingImagesError
from robench.datasets.imagenet_classes import class_numbers, wnids
from robench.errors import RobenchError
from tests.datasets.wnid_folders import CLASSES, write_condition, write_val
from tests.generation.photographs import photograph


def test_the_class_lists_are_sorted_and_inside_imagenet() -> None:
    assert len(wnids()) == len(set(wnids())) == 1000
    assert list(wnids()) == sorted(wnids())
    for letter in "rao":
        assert len(set(wnids(letter))) == 200
        assert set(wnids(letter)) < set(wnids())
    assert class_numbers("r")["n01443537"] == 1  # goldfish


@pytest.mark.parametrize("where", ["imagenet/val", "ImageNet/val", "val", "."])
def test_the_validation_images_are_found(where: str, tmp_path: Path) -> None:
    root = write_val(tmp_path / where)
    source = datasets.load("imagenet", "test", tmp_path)
    assert source.root.samefile(root)  # type: ignore[attr-defined]


def test_labels_are_those_of_all_classes_and_pixels_torchvisions(tmp_path: Path) -> None:
    root = write_val(tmp_path / "val")
    source = datasets.load("imagenet", "test", tmp_path)
    assert source.labels.tolist() == [label for label in CLASSES for _ in range(2)]
    assert source.classes == wnids()
    files = sorted(root.rglob("*.JPEG"))
    framing = Compose([Resize(256), CenterCrop(224)])
    for path, image in zip(files, source.read(0, 6), strict=True):
        with Image.open(path) as picture:
            assert np.array_equal(image, np.asarray(framing(picture)))


def test_what_was_looked_for_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        MissingImagesError, match=r"no class folders in any of .*imagenet/val, .*val"
    ):
        datasets.load("imagenet", "test", tmp_path)
    with pytest.raises(RobenchError, match="imagenet needs data_dir"):
        datasets.load("imagenet", "test")
    with pytest.raises(MissingImagesError, match=r"no class folders in any of .*imagenet/train"):
        datasets.load("imagenet", "train", tmp_path)
    with pytest.raises(RobenchError, match="has the split 'test' only"):
        datasets.load("imagenet-r", "train", tmp_path)


def test_a_folder_that_is_no_class_is_named(tmp_path: Path) -> None:
    write_val(tmp_path / "val")
    (tmp_path / "val/cats").mkdir()
    photograph(1, 50, 50).save(tmp_path / "val/cats/a.png")
    with pytest.raises(RobenchError, match="'cats' is not one of the 1000 classes"):
        datasets.load("imagenet", "test", tmp_path)


@pytest.mark.parametrize("name", ["imagenet-r", "imagenet-sketch"])
def test_a_shifted_set_keeps_imagenets_class_numbers(name: str, tmp_path: Path) -> None:
    write_condition(tmp_path / name, ["n01498041/a.jpg", "n01443537/b.jpg"], 300)
    for data_dir in (tmp_path, tmp_path / name):
        source = datasets.load(name, "test", data_dir)
        assert source.labels.tolist() == [1, 6]
        assert source.read(0, 2).shape == (2, 224, 224, 3)


def test_a_class_outside_of_the_two_hundred_is_refused(tmp_path: Path) -> None:
    write_condition(tmp_path / "imagenet-r", ["n01440764/a.jpg", "n01443537/b.jpg"])
    with pytest.raises(RobenchError, match="'n01440764' is not one of the 200 classes"):
        datasets.load("imagenet-r", "test", tmp_path)


def test_imagenet_itself_is_not_taken_for_another_set(tmp_path: Path) -> None:
    write_val(tmp_path / "val")
    with pytest.raises(MissingImagesError):
        datasets.load("imagenet-r", "test", tmp_path / "val")


def test_v2s_folders_are_class_numbers(tmp_path: Path) -> None:
    root = tmp_path / "imagenetv2-matched-frequency-format-val"
    write_condition(root, ["10/a.jpeg", "9/b.jpeg", "100/c.jpeg"])
    source = datasets.load("imagenet-v2", "test", tmp_path)
    assert dict(zip(source.paths, source.labels.tolist(), strict=True)) == {  # type: ignore[attr-defined]
        "10/a.jpeg": 10,
        "9/b.jpeg": 9,
        "100/c.jpeg": 100,
    }


def test_the_reference_of_o_is_imagenets_images_of_its_classes(tmp_path: Path) -> None:
    write_val(tmp_path / "val")
    whole = datasets.load("imagenet", "test", tmp_path)
    source = datasets.load("imagenet-o-reference", "test", tmp_path)
    assert source.labels.tolist() == [1, 1]
    assert source.indices.tolist() == np.flatnonzero(whole.labels == 1).tolist()
    assert IMAGENET.name == "imagenet"


def test_tiny_imagenet_is_found_and_keeps_its_pixels(tmp_path: Path) -> None:
    images = tmp_path / "tiny-imagenet-200/val/images"
    images.mkdir(parents=True)
    photograph(0, 64, 64).save(images / "val_0.JPEG")
    (images.parent / "val_annotations.txt").write_text("val_0.JPEG\tn02\t0\t0\t62\t57\n")
    source = datasets.load("tiny-imagenet", "test", tmp_path)
    with Image.open(images / "val_0.JPEG") as picture:
        assert np.array_equal(source.read(0, 1)[0], np.asarray(picture))
    with pytest.raises(MissingImagesError, match="robench download tiny-imagenet"):
        datasets.load("tiny-imagenet", "test", images)
