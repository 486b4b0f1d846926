from pathlib import Path

import numpy as np
import pytest

from corruptions import corrupt
from robench import datasets, suites
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark

FOG = Condition("fog", 3)
CIFAR = suites.registry()["cifar-10-c"]


def make_official_folder(data_dir: Path) -> Path:
    clean = datasets.load("cifar-10", "test", data_dir)
    folder = data_dir / "CIFAR-10-C"
    folder.mkdir()
    np.save(folder / "fog.npy", np.concatenate([255 - clean.read(0, 40)] * 5))
    np.save(folder / "labels.npy", np.tile(clean.labels, 5))
    return folder


def test_without_the_official_folder_images_are_corrupted_on_the_fly(cifar_dir: Path) -> None:
    benchmark = open_benchmark(CIFAR, cifar_dir, seed=3)
    clean = benchmark.source(CLEAN).read(0, 40)
    expected = corrupt(clean, "fog", 3, preset="cifar", seed=3)
    assert np.array_equal(benchmark.source(FOG).read(0, 40), expected)
    assert "corrupted on the fly (preset cifar, seed 3)" in benchmark.description()


def test_the_official_folder_is_taken_where_there_is_one(cifar_dir: Path) -> None:
    folder = make_official_folder(cifar_dir)
    benchmark = open_benchmark(CIFAR, cifar_dir)
    assert str(folder) in benchmark.description()
    clean = benchmark.source(CLEAN).read(0, 40)
    assert np.array_equal(benchmark.source(FOG).read(0, 40), 255 - clean)
    on_the_fly = open_benchmark(CIFAR, cifar_dir, mode="on-the-fly")
    assert not np.array_equal(on_the_fly.source(FOG).read(0, 40), 255 - clean)


def test_a_missing_file_of_the_official_folder_is_not_made_up(cifar_dir: Path) -> None:
    make_official_folder(cifar_dir)
    with pytest.raises(RobenchError, match=r"no .*snow\.npy"):
        open_benchmark(CIFAR, cifar_dir).source(Condition("snow", 1))


def test_a_limited_benchmark_has_the_pixels_of_the_whole_one(cifar_dir: Path) -> None:
    whole = open_benchmark(CIFAR, cifar_dir).source(FOG)
    part = open_benchmark(CIFAR, cifar_dir, limit=13).source(FOG)
    assert len(part.labels) == 13
    pixels = dict(zip(whole.indices.tolist(), whole.read(0, 40), strict=True))
    for index, image in zip(part.indices.tolist(), part.read(0, 13), strict=True):
        assert np.array_equal(image, pixels[index])


def test_a_limit_applies_to_the_official_folder_too(cifar_dir: Path) -> None:
    make_official_folder(cifar_dir)
    benchmark = open_benchmark(CIFAR, cifar_dir, limit=13)
    part = benchmark.source(FOG)
    assert np.array_equal(part.read(0, 13), 255 - benchmark.source(CLEAN).read(0, 13))
    assert "13 of 40 images" in benchmark.description()


def test_the_manifest_changes_with_what_is_evaluated(cifar_dir: Path) -> None:
    digests = [
        open_benchmark(CIFAR, cifar_dir).manifest_sha256(),
        open_benchmark(CIFAR, cifar_dir, limit=13).manifest_sha256(),
    ]
    folder = make_official_folder(cifar_dir)
    digests.append(open_benchmark(CIFAR, cifar_dir).manifest_sha256())
    fog = np.load(folder / "fog.npy")
    fog[0, 0, 0, 0] ^= 1
    np.save(folder / "fog.npy", fog)
    digests.append(open_benchmark(CIFAR, cifar_dir).manifest_sha256())
    assert len(set(digests)) == len(digests)


def test_a_mode_that_cannot_be_is_refused(cifar_dir: Path) -> None:
    with pytest.raises(RobenchError, match="data mode must be one of auto, folder, on-the-fly"):
        open_benchmark(CIFAR, cifar_dir, mode="magic")
    with pytest.raises(RobenchError, match=r"no folder .*CIFAR-10-C; give mode='on-the-fly'"):
        open_benchmark(CIFAR, cifar_dir, mode="folder")
    with pytest.raises(RobenchError, match="digits-c has no official folder"):
        open_benchmark(suites.registry()["digits-c"], mode="folder")
