import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from robench import datasets
from robench.errors import RobenchError
from tests.conftest import CIFAR_NAMES, IMAGES_PER_CIFAR_FILE, cifar_images


def test_pixels_labels_and_names_are_those_of_the_files(cifar_dir: Path) -> None:
    source = datasets.load("cifar-10", "test", cifar_dir)
    assert np.array_equal(source.read(0, 40), cifar_images(40, seed=0))
    assert source.labels.tolist() == [i % 10 for i in range(40)]
    assert source.classes == tuple(CIFAR_NAMES)
    assert "not the official files" in source.description


def test_the_training_set_is_the_five_batches_in_order(cifar_dir: Path) -> None:
    source = datasets.load("cifar-10", "train", cifar_dir)
    assert len(source.labels) == 5 * IMAGES_PER_CIFAR_FILE
    assert np.array_equal(source.read(160, 200), cifar_images(40, seed=5))


def test_a_missing_folder_says_what_was_looked_for_and_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match=r"no .*cifar-10-batches-py/test_batch; unpack https://"):
        datasets.load("cifar-10", "test", tmp_path)
    with pytest.raises(RobenchError, match="needs data_dir"):
        datasets.load("cifar-10", "test")


@pytest.mark.parametrize("keep", [0, 100, 60_000])
def test_a_truncated_file_is_named(cifar_dir: Path, keep: int) -> None:
    path = cifar_dir / "cifar-10-batches-py" / "test_batch"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RobenchError, match="test_batch is damaged"):
        datasets.load("cifar-10", "test", cifar_dir)


def test_a_label_outside_the_classes_is_named(cifar_dir: Path) -> None:
    path = cifar_dir / "cifar-10-batches-py" / "test_batch"
    batch = pickle.loads(path.read_bytes())
    batch[b"labels"][7] = 10
    path.write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(RobenchError, match="label 10 of image 7 is outside the 10 classes"):
        datasets.load("cifar-10", "test", cifar_dir)


class _Attack:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.target),)


def test_a_pickle_that_runs_code_is_refused(cifar_dir: Path, tmp_path: Path) -> None:
    path = cifar_dir / "cifar-10-batches-py" / "test_batch"
    path.write_bytes(pickle.dumps(_Attack(tmp_path / "owned"), protocol=2))
    with pytest.raises(RobenchError, match="is not an array"):
        datasets.load("cifar-10", "test", cifar_dir)
    assert not (tmp_path / "owned").exists()
