"""Parts of test sets that are known by name."""

from pathlib import Path

import numpy as np
import pytest

from robench import datasets, suites
from robench.datasets import ArraySource
from robench.errors import RobenchError
from robench.suites import subset
from robench.suites.benchmark import open_benchmark
from tests.datasets.wnid_folders import write_val


def test_of_cifar_it_is_the_first_five_thousand() -> None:
    images, labels = np.zeros((5003, 2, 2, 3), np.uint8), np.zeros(5003, np.int64)
    source = ArraySource("cifar-100", "test", ("a",), images, labels, np.arange(5003))
    assert subset.robustbench_positions(source).tolist() == list(range(5000))
    with pytest.raises(RobenchError, match="needs 5,000 images, test has 3"):
        subset.robustbench_positions(source.select(np.arange(3)))


def test_of_imagenet_it_is_robustbenchs_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_val(tmp_path / "val")
    numbers = list(map(int, subset.ROBUSTBENCH_IMAGENET.read_text().split()))
    assert len(set(numbers)) == 5000
    assert 1 <= min(numbers) < max(numbers) <= 50000
    suite = suites.registry()["imagenet-c"]
    with pytest.raises(RobenchError, match="0 of its 5000 validation images are in"):
        open_benchmark(suite, tmp_path, subset="robustbench-5k")
    (tmp_path / "list.txt").write_text("5\n2\n")
    monkeypatch.setattr(subset, "ROBUSTBENCH_IMAGENET", tmp_path / "list.txt")
    benchmark = open_benchmark(suite, tmp_path, subset="robustbench-5k")
    assert benchmark.positions.tolist() == [1, 4]
    assert benchmark.subset == "robustbench-5k"
    assert "2 of 6 images" in benchmark.description()


def test_another_subset_or_dataset_is_refused(cifar_dir: Path) -> None:
    cifar = suites.registry()["cifar-10-c"]
    with pytest.raises(RobenchError, match=r"unknown subset '5k'; .*known: robustbench-5k"):
        open_benchmark(cifar, cifar_dir, subset="5k")
    with pytest.raises(RobenchError, match="of cifar-10, cifar-100 and imagenet, not of digits"):
        subset.robustbench_positions(datasets.load("digits"))
    with pytest.raises(RobenchError, match="limit and subset both choose images"):
        open_benchmark(cifar, cifar_dir, subset="robustbench-5k", limit=3)
