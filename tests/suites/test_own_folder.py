"""Anybody's folder of pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corruptions import corrupt
from robench import suites
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import CentreCrop, Squash, framing_record
from robench.datasets.own_folder import read_class_list
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark
from robench.suites.own_folder import framing_for, framing_in_use, reframed
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


@pytest.mark.parametrize(
    ("train", "test"), [("train", "validation"), ("Train", "Test"), ("training", "testing")]
)
def test_splits_are_no_classes(train: str, test: str, tmp_path: Path) -> None:
    write(tmp_path / train, *[(32, 32)] * 3)
    write(tmp_path / test, *[(32, 32)] * 2)
    for shown in (tmp_path, tmp_path / test):
        source = open_benchmark(SUITE, shown).full
        assert source.classes == ("cat", "dog")
        assert len(source.labels) == 2


def test_one_split_alone(tmp_path: Path) -> None:
    write(tmp_path / "a/validation", *[(32, 32)] * 2)
    assert open_benchmark(SUITE, tmp_path / "a").full.classes == ("cat", "dog")
    write(tmp_path / "b/Train", *[(32, 32)] * 2)
    with pytest.raises(
        RobenchError, match=r"holds the training images alone; .* --data-dir .*Train"
    ):
        open_benchmark(SUITE, tmp_path / "b")
    assert open_benchmark(SUITE, tmp_path / "b/Train").full.classes == ("cat", "dog")
    write(tmp_path / "c/train", *[(32, 32)] * 2)  # a class that is called so, beside others
    photograph(0, 32, 32).save(tmp_path / "c/train/toy.png")
    write(tmp_path / "c/bus", *[(32, 32)] * 2)
    assert open_benchmark(SUITE, tmp_path / "c").full.classes == ("bus", "train")


def test_a_class_without_test_images_keeps_its_output(tmp_path: Path) -> None:
    write(tmp_path / "train", *[(32, 32)] * 2)
    (tmp_path / "train/ape").mkdir()
    photograph(0, 32, 32).save(tmp_path / "train/ape/0.png")
    write(tmp_path / "val", *[(32, 32)] * 2)
    for shown in (tmp_path, tmp_path / "val"):
        benchmark = open_benchmark(SUITE, shown)
        assert benchmark.full.classes == ("ape", "cat", "dog")
        assert benchmark.full.labels.tolist() == [1, 2]
        assert "2 of 3 classes" in benchmark.notes()[0]
    (tmp_path / "val/gnu").mkdir()
    photograph(0, 32, 32).save(tmp_path / "val/gnu/0.png")
    with pytest.raises(RobenchError, match=r"has the class 'gnu', which .*train beside it has not"):
        open_benchmark(SUITE, tmp_path)
    given = open_benchmark(SUITE, tmp_path, classes=("gnu", "dog", "cat", "eel"))
    assert given.full.labels.tolist() == [2, 1, 0]


def test_a_list_of_classes_is_read_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_text("dog\n\n cat \n")
    assert read_class_list(file) == ("dog", "cat")
    for content, sentence in (("", "names no classes"), ("a\nb\na\n", "the class 'a' twice")):
        file.write_text(content)
        with pytest.raises(RobenchError, match=sentence):
            read_class_list(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RobenchError, match="cannot read the classes"):
        read_class_list(file)


@pytest.mark.parametrize("names", [("1", "2", "10"), ("class_9", "class_10")])
def test_numbers_in_the_order_of_text_are_noted(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir()
        photograph(0, 32, 32).save(tmp_path / name / "0.png")
    benchmark = open_benchmark(SUITE, tmp_path)
    assert benchmark.full.classes == tuple(sorted(names))
    assert "in the order of text" in benchmark.notes()[0]
    assert not open_benchmark(SUITE, tmp_path, classes=names).notes()


def test_levels_on_another_scale_are_noticed(tmp_path: Path) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (4, 32, 32))
    for name, scaled in {"12": levels * 16, "16": levels * 257}.items():
        for number, picture in enumerate(scaled.astype(np.uint16)):
            path = tmp_path / name / ("cat", "dog")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(path)
    with pytest.raises(RobenchError, match=r"brightest level in 4 pictures .* is 6.\d% of white"):
        open_benchmark(SUITE, tmp_path / "12")
    full = open_benchmark(SUITE, tmp_path / "16")
    assert np.array_equal(full.source(CLEAN).read(0, 1)[0, :, :, 0], levels[0])
    assert not full.notes()
    write(tmp_path / "8", (32, 32))
    Image.new("RGB", (32, 32), (1, 1, 1)).save(tmp_path / "8/cat/0.png")
    assert "is 0.4% of white" in open_benchmark(SUITE, tmp_path / "8").notes()[0]


def test_the_size_is_chosen_and_said(tmp_path: Path) -> None:
    write(tmp_path / "squares", *[(96, 96)] * 2)
    stored = open_benchmark(SUITE, tmp_path / "squares")
    assert "as stored at 96 px" in stored.description()
    smaller = open_benchmark(SUITE, tmp_path / "squares", size_px=48)
    assert (smaller.size_px, smaller.suite.preset) == ((48, 48), "tiny")
    assert "resized to 48 px" in smaller.description()
    write(tmp_path / "photographs", (300, 260), (240, 320))
    photographs = open_benchmark(SUITE, tmp_path / "photographs", size_px=240)
    assert photographs.size_px == (240, 240)
    assert "resized to 274 px and cropped to 240 px" in photographs.description()
    larger = open_benchmark(SUITE, tmp_path / "photographs", size_px=299)
    assert "the central 87.5% of both sides resized to 299 px" in larger.description()
    with pytest.raises(RobenchError, match="size must be 16 to 4096 pixels, got 8"):
        open_benchmark(SUITE, tmp_path / "photographs", size_px=8)
    with pytest.raises(RobenchError, match="has its own size and classes"):
        open_benchmark(suites.registry()["digits-c"], size_px=32)


def test_pictures_are_shown_at_the_size_that_the_model_was_tested_at(tmp_path: Path) -> None:
    write(tmp_path, *[(96, 96)] * 2)
    benchmark = open_benchmark(SUITE, tmp_path)
    for framing, shown in (
        (CentreCrop(64, 56), CentreCrop(64, 56)),
        (Squash(40), Squash(40)),
        (AsStored(48), Squash(48)),
    ):
        record = json.loads(json.dumps(framing_record(framing)))
        assert framing_for({"framing": record}, None) == framing
        other = reframed(benchmark, framing)
        assert framing_in_use(other) == shown
        assert other.source(CLEAN).read(0, 1).shape == (1, shown.side_px, shown.side_px, 3)
    assert framing_for({"framing": {"kind": "as stored", "depth": 3}}, None) is None
    assert framing_for({}, (224, 224)) == CentreCrop(256, 224)
    assert framing_for(None, None) is None
