"""Benchmarks whose clean images are elsewhere, or nowhere."""

from pathlib import Path

import numpy as np
import pytest

import robench
from robench import datasets, suites
from robench.certificate import verify
from robench.certificate.verdict import NOT_CHECKED
from robench.errors import MissingDataError, RobenchError
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import Benchmark, open_benchmark
from tests.datasets.wnid_folders import write_condition

TINY = suites.registry()["tiny-imagenet-c"]
FOG = Condition("fog", 3)
WNIDS = ("n01443537", "n01629819", "n01641577")
PUBLISHED = [f"{WNIDS[0]}/test_1103.JPEG", f"{WNIDS[2]}/test_7.JPEG"]
VALIDATION = [f"{wnid}/val_{number}.JPEG" for number, wnid in enumerate(WNIDS)]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with two conditions of Tiny-ImageNet-C as it is published, which lack the second class."""
    for severity in (1, 3):
        write_condition(tmp_path / f"Tiny-ImageNet-C/fog/{severity}", PUBLISHED, 64, seed=severity)
    return tmp_path


def pixels(benchmark: Benchmark, condition: Condition) -> np.ndarray:
    return benchmark.source(condition).read(0, len(benchmark.positions))


def test_the_published_folder_lists_itself(published: Path) -> None:
    benchmark = open_benchmark(TINY, published)
    assert benchmark.full.classes == (WNIDS[0], WNIDS[2])
    assert benchmark.full.labels.tolist() == [0, 1]
    assert pixels(benchmark, FOG).shape == (2, 64, 64, 3)
    with pytest.raises(RobenchError, match=r"no clean images: .*imagenet_val_bbox_crop"):
        benchmark.source(CLEAN)
    assert not benchmark.other_images


def test_tiny_imagenet_beside_it_numbers_the_classes_and_is_not_its_clean_images(
    published: Path,
) -> None:
    write_condition(published / "tiny-imagenet-200/val", VALIDATION, 64)
    benchmark = open_benchmark(TINY, published)
    assert benchmark.full.classes == WNIDS
    assert benchmark.full.labels.tolist() == [0, 2]
    assert benchmark.clean_missing
    on_the_fly = open_benchmark(TINY, published, mode="on-the-fly")
    assert on_the_fly.other_images
    assert on_the_fly.on_the_fly
    assert not benchmark.on_the_fly
    assert len(on_the_fly.positions) == 3
    assert "do not compare with published numbers" in " ".join(on_the_fly.notes())


def test_the_crops_are_its_clean_images(published: Path) -> None:
    write_condition(published / "tiny-imagenet-200/val", VALIDATION, 64)
    write_condition(published / "imagenet_val_bbox_crop", PUBLISHED, 80, seed=9)
    benchmark = open_benchmark(TINY, published)
    assert benchmark.clean_missing is None
    assert pixels(benchmark, CLEAN).shape == (2, 64, 64, 3)
    made = open_benchmark(TINY, published, mode="on-the-fly")
    assert not made.other_images
    assert len(made.positions) == 2


def test_a_folder_made_of_the_validation_images_belongs_to_them(tmp_path: Path) -> None:
    write_condition(tmp_path / "tiny-imagenet-200/val", VALIDATION, 64)
    write_condition(tmp_path / "imagenet_val_bbox_crop", PUBLISHED, 64, seed=9)
    write_condition(tmp_path / "Tiny-ImageNet-C/fog/3", VALIDATION, 64, seed=3)
    benchmark = open_benchmark(TINY, tmp_path)
    assert (benchmark.clean_missing, benchmark.other_images) == (None, True)
    assert len(benchmark.positions) == 3


def test_the_published_folder_is_not_called_different(published: Path) -> None:
    val = write_condition(published / "val", VALIDATION, 64)
    with pytest.raises(
        RobenchError, match=r"other photographs .*test_1103.JPEG, .*imagenet_val_bbox_crop"
    ):
        verify(published / "Tiny-ImageNet-C", source=val)
    unchecked = verify(published / "Tiny-ImageNet-C")
    assert {each.verdict for each in unchecked.verdicts} == {NOT_CHECKED}


def test_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="tiny-imagenet: no folder"):
        open_benchmark(TINY, tmp_path)
    (tmp_path / "Tiny-ImageNet-C").mkdir()
    with pytest.raises(RobenchError, match="holds none of the corruptions"):
        open_benchmark(TINY, tmp_path)


def test_cifar_10_c_without_cifar_10(cifar_dir: Path) -> None:
    suite = suites.registry()["cifar-10-c"]
    clean = datasets.load("cifar-10", "test", cifar_dir)
    folder = cifar_dir / "CIFAR-10-C"
    folder.mkdir()
    count = len(clean.labels)
    np.save(folder / "fog.npy", np.concatenate([clean.read(0, count) // (k + 1) for k in range(5)]))
    np.save(folder / "labels.npy", np.tile(clean.labels, 5))
    whole = open_benchmark(suite, cifar_dir)
    for file in (cifar_dir / "cifar-10-batches-py").iterdir():
        file.unlink()
    (cifar_dir / "cifar-10-batches-py").rmdir()
    alone = open_benchmark(suite, cifar_dir)
    assert np.array_equal(alone.full.labels, clean.labels)
    assert len(alone.full.classes) == 10
    assert np.array_equal(pixels(alone, FOG), pixels(whole, FOG))
    with pytest.raises(RobenchError, match="no clean images: cifar-10: no "):
        alone.source(CLEAN)
    np.save(folder / "labels.npy", np.sort(np.tile(clean.labels, 5)))
    with pytest.raises(RobenchError, match="expected the test set's labels 5 times over"):
        open_benchmark(suite, cifar_dir)
    (folder / "labels.npy").unlink()
    with pytest.raises(MissingDataError, match="cifar-10: no "):
        open_benchmark(suite, cifar_dir)


def test_an_archive_in_the_place_of_an_array_is_named(cifar_dir: Path) -> None:
    folder = cifar_dir / "CIFAR-10-C"
    folder.mkdir()
    with (folder / "fog.npy").open("wb") as file:
        np.savez(file, images=np.zeros(3))
    benchmark = open_benchmark(suites.registry()["cifar-10-c"], cifar_dir)
    with pytest.raises(RobenchError, match=r"fog.npy is an archive of arrays \(.npz\)"):
        benchmark.source(FOG)
    (folder / "snow.npy").mkdir()
    with pytest.raises(RobenchError, match=r"snow.npy is truncated or not a .npy file"):
        benchmark.source(Condition("snow", 1))


def test_without_clean_images_the_corrupted_ones_are_evaluated(published: Path) -> None:
    said: list[str] = []
    result = robench.evaluate(
        lambda pixels: 9 * pixels.mean((2, 3))[:, :2] - 4,
        "tiny-imagenet-c",
        data_dir=published,
        corruptions=["fog"],
        severities=[1, 3],
        say=said.append,
    )
    assert not result.failed
    assert list(map(str, result.run.conditions())) == ["fog-1", "fog-3"]
    assert any(line.startswith("note: no clean images, so no clean error: ") for line in said)
