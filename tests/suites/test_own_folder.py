"""Anybody's folder of pictures."""

from pathlib import Path

import numpy as np
import pytest

from corruptions import corrupt
from robench import suites
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark
from tests.generation.photographs import photograph

SUITE = suites.registry()["folder"]
FOG = Condition("fog", 3)


def write(root: Path, *sizes: tuple[int, int]) -> Path:
    """Write a PNG of each size, in classes cat and dog by turns."""
    for number, size in enumerate(sizes):
        path = root / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        photograph(number, *size).save(path)
    return root


@pytest.mark.parametrize(("side_px", "preset"), [(28, "cifar"), (96, "tiny"), (256, "imagenet")])
def test_squares_stay_as_they_are(side_px: int, preset: str, tmp_path: Path) -> None:
    benchmark = open_benchmark(SUITE, write(tmp_path, *[(side_px, side_px)] * 3))
    clean = benchmark.source(CLEAN).read(0, 3)
    assert np.array_equal(clean[2], np.asarray(photograph(1, side_px, side_px)))
    assert benchmark.suite.preset == preset
    expected = corrupt(clean, "fog", 3, preset=preset)
    assert np.array_equal(benchmark.source(FOG).read(0, 3), expected)
    assert benchmark.full.classes == ("cat", "dog")
    assert benchmark.full.labels.tolist() == [0, 0, 1]


def test_pictures_of_several_sizes_are_framed_as_the_presets(tmp_path: Path) -> None:
    write(tmp_path, (300, 260), (240, 320), (250, 250))
    benchmark = open_benchmark(SUITE, tmp_path)
    assert (benchmark.suite.preset, benchmark.size_px) == ("imagenet", (224, 224))
    assert benchmark.source(CLEAN).read(0, 3).shape == (3, 224, 224, 3)
    chosen = open_benchmark(SUITE, tmp_path, preset="tiny")
    assert (chosen.suite.preset, chosen.size_px) == ("tiny", (64, 64))


def test_a_broken_picture_is_named_when_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, (32, 32), (32, 32))
    (tmp_path / "cat/z.png").write_bytes(b"")
    benchmark = open_benchmark(SUITE, tmp_path)
    assert benchmark.size_px == (32, 32)
    with pytest.raises(RobenchError, match=r"z\.png is not a readable image"):
        benchmark.source(CLEAN).read(0, 3)


def test_what_cannot_be_is_refused(tmp_path: Path, cifar_dir: Path) -> None:
    with pytest.raises(RobenchError, match=r"^folder needs data_dir"):
        open_benchmark(SUITE)
    with pytest.raises(RobenchError, match="pictures must be 16 pixels or more, got 8"):
        open_benchmark(SUITE, write(tmp_path / "small", (8, 8)))
    with pytest.raises(RobenchError, match="unknown preset 'imagnet'; did you mean 'imagenet'"):
        open_benchmark(SUITE, write(tmp_path / "a", (32, 32)), preset="imagnet")
    with pytest.raises(RobenchError, match="cifar-10-c has its own preset, cifar"):
        open_benchmark(suites.registry()["cifar-10-c"], cifar_dir, preset="tiny")
