"""Datasets that lie in folders: their layouts, their recipes, and what can be wrong with them."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from robench import datasets
from robench.errors import RobenchError
from robench.training import train
from robench.training.plan import Plan, make_plan
from tests.datasets.wnid_folders import write_val
from tests.generation.photographs import photograph


def write_classes(root: Path, counts: dict[str, int], width: int, height: int) -> None:
    for number, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True)
        for each in range(count):
            picture = photograph(10 * number + each, width, height)
            picture.save(root / name / f"{each}.png")


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """Return a folder of 32-pixel squares with both splits."""
    write_classes(tmp_path / "train", {"cat": 6, "dog": 5}, 32, 32)
    write_classes(tmp_path / "val", {"cat": 2, "dog": 2}, 32, 32)
    return tmp_path


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Return a folder of photographs of two sizes; those of ``val`` are squares by chance."""
    write_classes(tmp_path / "train", {"cat": 3}, 300, 240)
    write_classes(tmp_path / "train", {"dog": 2}, 240, 280)
    write_classes(tmp_path / "val", {"cat": 1, "dog": 1}, 250, 250)
    return tmp_path


def plan_of(folder: Path, dataset: str = "folder", **changes: object) -> Plan:
    changes = {"batch_size": 4, **changes}
    return make_plan("augmix", "digits_cnn", dataset, data_dir=folder, changes=changes)


def test_small_squares_get_cifars_recipe_and_are_taken_as_they_are(squares: Path) -> None:
    plan = plan_of(squares)
    assert plan.recipe.name == "cifar"
    assert plan.method.severity == 3  # type: ignore[attr-defined]
    images = plan.train.framed(np.array([7, 0]), plan.recipe, seed=0, epoch=0)
    assert images.shape == (2, 32, 32, 3)
    assert plan.test.source.read(0, 4).shape == (4, 32, 32, 3)


def test_photographs_get_imagenets_recipe_and_both_splits_one_framing(photographs: Path) -> None:
    plan = plan_of(photographs)
    assert plan.recipe.name == "imagenet"
    assert plan.recipe.lr == pytest.approx(0.1 * 4 / 256)
    assert plan.recipe.mean == (0.485, 0.456, 0.406)
    assert plan.method.severity == 1  # type: ignore[attr-defined]
    framed = plan.train.framed(np.arange(5), plan.recipe, seed=0, epoch=0)
    assert framed.shape == (5, 224, 224, 3)
    assert plan.test.source.read(0, 2).shape == (2, 224, 224, 3)
    again = plan.train.framed(np.array([3, 1]), plan.recipe, seed=0, epoch=0)
    np.testing.assert_array_equal(again, framed[[3, 1]])
    other = plan.train.framed(np.arange(5), plan.recipe, seed=0, epoch=1)
    assert not np.array_equal(other, framed)


def test_the_user_can_choose_the_recipe(squares: Path) -> None:
    plan = make_plan(
        "standard",
        "digits_cnn",
        "folder",
        data_dir=squares,
        recipe="imagenet",
        changes={"batch_size": 4},
    )
    assert plan.recipe.resized_crop_px == 32  # squares are tested as they are
    framed = plan.train.framed(np.arange(3), plan.recipe, seed=0, epoch=0)
    assert framed.shape == (3, 32, 32, 3)


def test_a_torchvision_network_learns_from_a_folder(squares: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    trained = train(
        "standard",
        "torchvision:shufflenet_v2_x0_5",
        "folder",
        tmp_path / "run",
        data_dir=squares,
        epochs=1,
        batch_size=11,
        device="cpu",
    )
    content = torch.load(trained.checkpoint, weights_only=True)
    assert content["architecture"] == "torchvision:shufflenet_v2_x0_5"
    assert content["state_dict"]["fc.weight"].shape[0] == 2


def test_a_batch_too_small_for_batch_norms_is_a_mistake_of_the_batch_size(
    squares: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        RobenchError, match="a batch of 1 is too small for the batch norms of torch"
    ):
        train(
            "standard",
            "torchvision:resnet18",
            "folder",
            tmp_path / "run",
            data_dir=squares,
            epochs=1,
            batch_size=10,
            device="cpu",
        )


def test_networks_with_auxiliary_outputs_are_refused(squares: Path, tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="networks with auxiliary outputs cannot be trained"):
        train(
            "standard",
            "torchvision:googlenet",
            "folder",
            tmp_path / "run",
            data_dir=squares,
            epochs=1,
            batch_size=2,
            device="cpu",
        )


def test_a_class_with_one_image_is_said_and_trained_on(
    squares: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_classes(squares / "train", {"axolotl": 1}, 32, 32)
    write_classes(squares / "val", {"axolotl": 1}, 32, 32)
    with caplog.at_level(logging.WARNING):
        trained = train(
            "standard",
            "digits_cnn",
            "folder",
            tmp_path / "run",
            data_dir=squares,
            epochs=1,
            batch_size=4,
            device="cpu",
        )
    assert len(trained.log) == 1
    assert "1 classes have a single training image: axolotl" in caplog.text


def test_a_broken_photograph_is_named(photographs: Path, tmp_path: Path) -> None:
    path = photographs / "train/cat/1.png"
    path.write_bytes(path.read_bytes()[:500])
    plan = plan_of(photographs)
    with pytest.raises(RobenchError, match=r"train/cat/1\.png is not a readable image"):
        plan.train.framed(np.arange(5), plan.recipe, seed=0, epoch=0)


def test_splits_must_be_there_and_have_the_same_classes(squares: Path, tmp_path: Path) -> None:
    write_classes(squares / "train", {"emu": 2}, 32, 32)
    assert plan_of(squares).num_classes == 3  # a class that is trained and not tested
    write_classes(squares / "val", {"gnu": 2}, 32, 32)
    with pytest.raises(RobenchError, match=r"has the class 'gnu', which .*train beside it has not"):
        plan_of(squares)
    with pytest.raises(RobenchError, match=r"must hold train and val \(or test\)"):
        plan_of(squares / "train")


def test_a_folder_with_splits_is_evaluated_on_its_test_images(squares: Path) -> None:
    source = datasets.load("folder", "test", squares)
    assert source.classes == ("cat", "dog")
    assert len(source.labels) == 4
    assert len(datasets.load("folder", "test", squares / "train").labels) == 11


def test_a_changed_list_of_files_is_another_dataset(squares: Path) -> None:
    before = plan_of(squares).train.sha256
    assert plan_of(squares).train.sha256 == before
    Image.new("RGB", (32, 32)).save(squares / "train/cat/9.png")
    assert plan_of(squares).train.sha256 != before


def test_imagenets_training_images_keep_its_thousand_classes(tmp_path: Path) -> None:
    write_val(tmp_path / "imagenet/train", per_class=2)
    write_val(tmp_path / "imagenet/val", per_class=1)
    plan = plan_of(tmp_path, "imagenet")
    assert plan.num_classes == 1000
    assert plan.recipe.name == "imagenet"
    assert list(plan.train.labels) == [0, 0, 1, 1, 6, 6]
    with pytest.raises(RobenchError, match="imagenet-r has the split 'test' only"):
        datasets.load("imagenet-r", "train", tmp_path)


def test_tiny_imagenet_is_read_as_it_is_published(tmp_path: Path) -> None:
    root = tmp_path / "tiny-imagenet-200"
    for wnid in ("n01443537", "n01629819"):
        (root / "train" / wnid / "images").mkdir(parents=True)
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text("boxes")
        for number in range(2):
            picture = photograph(number, 64, 64)
            picture.save(root / "train" / wnid / "images" / f"{wnid}_{number}.JPEG")
    (root / "val/images").mkdir(parents=True)
    photograph(5, 64, 64).save(root / "val/images/val_0.JPEG")
    photograph(6, 64, 64).save(root / "val/images/val_1.JPEG")
    rows = "val_0.JPEG\tn01443537\t0\nval_1.JPEG\tn01629819\t0\n"
    (root / "val/val_annotations.txt").write_text(rows)
    plan = plan_of(tmp_path, "tiny-imagenet")
    assert list(plan.train.labels) == [0, 0, 1, 1]
    assert plan.recipe.crop_padding_px == 8
    assert plan.train.framed(np.array([3]), plan.recipe, seed=0, epoch=0).shape == (1, 64, 64, 3)


@pytest.mark.parametrize(
    ("root", "expected"),
    [("fog/3", ("fog",)), ("all", ("fog", "snow")), ("../elsewhere", ())],
)
def test_training_on_generated_corruptions_is_recorded(
    root: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    generated = tmp_path / "generated"
    generated.mkdir()
    manifest = {
        "format": "robench-generated/1",
        "names": ["snow", "fog", "not_one"],
        "files": {},
        "source": {"sha256": "", "description": ""},
    }
    (generated / "manifest.json").write_text(json.dumps(manifest))
    write_classes(generated / root / "train", {"cat": 3, "dog": 3}, 32, 32)
    write_classes(generated / root / "val", {"cat": 1, "dog": 1}, 32, 32)
    plan = plan_of(generated / root)
    assert plan.overlaps == expected
    assert plan.identity()["overlaps"] == list(expected)


def test_somebody_elses_manifest_says_nothing(squares: Path) -> None:
    (squares / "manifest.json").write_text("[]")
    assert plan_of(squares).overlaps == ()
