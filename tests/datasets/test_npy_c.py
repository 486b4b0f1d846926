from pathlib import Path

import numpy as np
import pytest

from robench import datasets
from robench.datasets import Source
from robench.datasets.npy_c import open_condition
from robench.errors import RobenchError


@pytest.fixture
def clean(cifar_dir: Path) -> Source:
    return datasets.load("cifar-10", "test", cifar_dir)


@pytest.fixture
def folder(cifar_dir: Path, clean: Source) -> Path:
    path = cifar_dir / "CIFAR-10-C"
    path.mkdir()
    images = np.concatenate([np.full_like(clean.read(0, 40), severity) for severity in range(1, 6)])
    np.save(path / "fog.npy", images)
    np.save(path / "labels.npy", np.tile(clean.labels, 5))
    return path


def test_severities_are_stacked_in_order(folder: Path, clean: Source) -> None:
    for severity in range(1, 6):
        source = open_condition(folder, "fog", severity, clean)
        assert np.unique(source.read(0, 40)).tolist() == [severity]
        assert np.array_equal(source.labels, clean.labels)


def test_a_truncated_file_is_named(folder: Path, clean: Source) -> None:
    path = folder / "fog.npy"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(RobenchError, match=r"fog\.npy is truncated"):
        open_condition(folder, "fog", 1, clean)


def test_a_missing_file_is_named_with_the_ways_out(folder: Path, clean: Source) -> None:
    with pytest.raises(RobenchError, match=r"no .*snow\.npy; leave it out with corruptions"):
        open_condition(folder, "snow", 1, clean)


def test_another_dtype_or_length_is_refused(folder: Path, clean: Source) -> None:
    np.save(folder / "fog.npy", np.zeros((200, 32, 32, 3), np.float32))
    with pytest.raises(RobenchError, match=r"expected uint8 \(200, H, W, 3\), got float32"):
        open_condition(folder, "fog", 1, clean)
    np.save(folder / "fog.npy", np.zeros((40, 32, 32, 3), np.uint8))
    with pytest.raises(RobenchError, match=r"got uint8 \(40, 32, 32, 3\)"):
        open_condition(folder, "fog", 1, clean)


def test_labels_of_other_images_are_refused(folder: Path, clean: Source) -> None:
    np.save(folder / "labels.npy", np.roll(np.tile(clean.labels, 5), 1))
    with pytest.raises(RobenchError, match="200 of 200 labels differ"):
        open_condition(folder, "fog", 1, clean)
    np.save(folder / "labels.npy", clean.labels)
    with pytest.raises(RobenchError, match="expected 200 labels"):
        open_condition(folder, "fog", 1, clean)
