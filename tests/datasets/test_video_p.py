"""ImageNet-P's tree of videos: flat and grouped, as videos and as frames, whole and damaged."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corruptions import frame_count, perturb
from robench import generation, suites
from robench.datasets.video_file import BrokenVideoError, decode_video, read_video
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark
from tests.generation.photographs import photograph
from tests.suites.test_sequences import evaluated, same_records

pytest.importorskip("av")

TINY = suites.registry()["tiny-imagenet-p"]
IMAGENET = suites.registry()["imagenet-p"]
WNIDS = ("n01440764", "n01443537", "n01484850", "n01491361", "n01494475")
COUNT = 6
TILT = Condition("tilt", 0)
NAMES = ("gaussian_noise", "tilt")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with six Tiny ImageNet photographs and their lossless sequences."""
    data_dir = tmp_path_factory.mktemp("data")
    rows = []
    images = data_dir / "tiny-imagenet-200" / "val" / "images"
    images.mkdir(parents=True)
    for number in range(COUNT):
        photograph(number, 64, 64).save(images / f"val.{number}.JPEG", quality=95)
        rows.append(f"val.{number}.JPEG\t{WNIDS[number % 5]}\t0\t0\t62\t62\n")
    (images.parent / "val_annotations.txt").write_text("".join(rows))
    order = generation.order_for(suite="tiny-imagenet-p", data_dir=data_dir, names=NAMES)
    generation.generate(order, data_dir / "Tiny-ImageNet-P", lossless=True)
    return data_dir


@pytest.fixture
def data_dir(generated: Path, tmp_path: Path) -> Path:
    """Return a copy that may be damaged."""
    return Path(shutil.copytree(generated, tmp_path / "data"))


def test_videos_and_on_the_fly_give_the_same_records(generated: Path, tmp_path: Path) -> None:
    folder = evaluated(open_benchmark(TINY, generated), tmp_path / "folder", NAMES)
    on_the_fly = open_benchmark(TINY, generated, mode="on-the-fly")
    assert "perturbed on the fly (preset tiny, seed 0, frames not compressed)" in (
        on_the_fly.description()
    )
    fly = evaluated(on_the_fly, tmp_path / "fly", NAMES)
    assert folder.failed == fly.failed == {}
    same_records(folder.run, fly.run)


def test_groups_and_folders_of_frames_are_read_too(data_dir: Path, tmp_path: Path) -> None:
    whole = evaluated(open_benchmark(TINY, data_dir), tmp_path / "videos", NAMES).run
    root = data_dir / "Tiny-ImageNet-P"
    (root / "noise").mkdir()
    (root / "gaussian_noise").rename(root / "noise" / "gaussian_noise")
    for video in (root / "tilt").rglob("*.mp4"):
        folder = video.with_name(video.name.removesuffix(".mp4"))
        folder.mkdir()
        for number, frame in enumerate(decode_video(video.read_bytes())):
            Image.fromarray(frame).save(folder / f"{number}.png")  # 10 after 9, not after 1
        video.unlink()
    same_records(evaluated(open_benchmark(TINY, data_dir), tmp_path / "frames", NAMES).run, whole)


def test_a_limit_takes_the_same_sequences(generated: Path) -> None:
    whole = open_benchmark(TINY, generated).source(TILT).read(0, COUNT)
    part = open_benchmark(TINY, generated, limit=3)
    assert part.positions.tolist() == [0, 4, 5]
    assert np.array_equal(part.source(TILT).read(0, 3), whole[[0, 4, 5]])
    # On the fly, an image keeps the number that its noise is drawn by.
    noise = Condition("gaussian_noise", 0)
    fly = open_benchmark(TINY, generated, mode="on-the-fly", limit=3).source(noise).read(0, 3)
    stored = open_benchmark(TINY, generated).source(noise).read(0, COUNT)
    assert np.array_equal(fly, stored[[0, 4, 5]])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda video: video.unlink(), r"1 of 6 sequences missing \(first n01443537/val.1.mp4\)"),
        (lambda video: video.write_bytes(b"no video"), r"val\.1\.mp4 is not a readable video"),
        (lambda video: video.write_bytes(b""), r"val\.1\.mp4 is not a readable video"),
        (
            lambda video: video.write_bytes(video.read_bytes()[:-400]),
            r"val\.1(\.mp4 is not a readable video|: expected 31 frames of 64 x 64 pixels, got)",
        ),
        (lambda video: shutil.rmtree(video.parents[1]), r"no .*tilt, nor below noise, blur"),
    ],
)
def test_a_damaged_video_costs_its_sequence(
    data_dir: Path, tmp_path: Path, damage: object, reason: str
) -> None:
    damage(data_dir / "Tiny-ImageNet-P/tilt/n01443537/val.1.mp4")  # type: ignore[operator]
    result = evaluated(open_benchmark(TINY, data_dir), tmp_path / "run", NAMES)
    assert list(result.failed) == [TILT]
    assert re.search(reason, result.failed[TILT])
    assert list(map(str, result.run.conditions())) == ["clean", "gaussian_noise"]


def test_damage_that_a_decoder_conceals_is_seen(data_dir: Path) -> None:
    """A wrong byte seldom stops the decoder, which fills the frame from others and goes on."""
    video = data_dir / "Tiny-ImageNet-P/gaussian_noise/n01443537/val.1.mp4"
    data = video.read_bytes()
    seen = 0
    for place in range(len(data) // 4, len(data) // 2, len(data) // 80):
        video.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            read_video(video)
        except BrokenVideoError as error:
            seen += "frame" in str(error)
    # About a third of such videos are well-formed: other pixels, but nothing that could be noticed.
    assert 10 <= seen <= 21


def test_imagenets_photographs_are_perturbed_before_the_crop(tmp_path: Path) -> None:
    folder = tmp_path / "imagenet" / "val" / WNIDS[0]
    folder.mkdir(parents=True)
    photograph(3, 300, 260).save(folder / "photo.JPEG", quality=95)
    benchmark = open_benchmark(IMAGENET, tmp_path)
    (frames,) = benchmark.source(Condition("translate", 0)).read(0, 1)
    assert frames.shape == (frame_count("translate", preset="imagenet"), 224, 224, 3)
    picture = Image.open(folder / "photo.JPEG").resize((295, 256), Image.Resampling.BILINEAR)
    expected = perturb(np.array(picture)[None], "translate", preset="imagenet", crop_px=224)
    assert np.array_equal(frames, expected[0])


def test_without_clean_images_imagenet_ps_own_are_listed(generated: Path, tmp_path: Path) -> None:
    root = tmp_path / "ImageNet-P" / "digital" / "tilt"
    shutil.copytree(generated / "Tiny-ImageNet-P" / "tilt", root)
    benchmark = open_benchmark(IMAGENET, tmp_path)
    assert benchmark.clean_missing
    assert benchmark.full.labels.tolist() == [0, 0, 1, 2, 3, 4]
    result = evaluated(benchmark, tmp_path / "run", ("tilt", "scale"))
    assert "no clean images" in result.failed[CLEAN]
    assert "no " in result.failed[Condition("scale", 0)]
    # Tiny ImageNet's frames are not of ImageNet-P's size, and are not made so.
    assert "expected 31 frames of 224 x 224 pixels, got 31 of 64 x 64" in result.failed[TILT]
