"""Certificates of trees of videos: ImageNet-P's layout, compressed and lossless."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from robench import RobenchError, generation
from robench.certificate import Certificate, Verdict, verify
from robench.certificate.tree_files import is_whole
from tests.generation.photographs import write_photographs

pytest.importorskip("av")
SIDE_PX = 32
NAMES = ("tilt", "gaussian_noise", "translate")
COUNT = 21
ONE = Path("n0001") / "photo_2.mp4"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photographs(tmp_path_factory.mktemp("source") / "photographs", count=COUNT // 3)


def generated(
    source: Path, out: Path, *names: str, preset: str = "imagenet", lossless: bool = False
) -> Path:
    order = generation.order_for(
        source=source, preset=preset, side_px=SIDE_PX, sequences=True, names=names
    )
    generation.generate(order, out, lossless=lossless)
    return out


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(source, tmp_path_factory.mktemp("whole") / "out", *NAMES)


@pytest.fixture
def tree(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def verdicts(certificate: Certificate) -> dict[str, Verdict]:
    return {each.file: each for each in certificate.verdicts}


def test_what_was_generated_is_reproduced(tree: Path, source: Path) -> None:
    (tree / "noise").mkdir()
    (tree / "gaussian_noise").rename(tree / "noise" / "gaussian_noise")
    certificate = verify(tree, source=source)
    assert certificate.is_clean
    assert [each.file for each in certificate.verdicts] == [
        "noise/gaussian_noise",
        "translate",
        "tilt",
    ]
    for each in certificate.verdicts:
        words = "21 of 21 photographs, with seed 0; 21 files by the manifest's SHA-256"
        assert (each.verdict, each.detail) == ("reproduced", words)


def test_so_is_what_keeps_every_pixel(source: Path, tmp_path: Path) -> None:
    tree = generated(source, tmp_path / "out", "tilt", lossless=True)
    assert verdicts(verify(tree, source=source))["tilt"].verdict == "reproduced"


def test_another_seed_and_no_manifest_is_the_same_distribution(tree: Path, source: Path) -> None:
    (tree / "manifest.json").unlink()
    shutil.rmtree(tree / "manifest")
    found = verdicts(verify(tree, source=source, preset="imagenet", seed=3))
    assert found["gaussian_noise"].verdict == "same distribution"
    assert found["tilt"].verdict == "reproduced"  # it draws nothing


def truncate(tree: Path) -> None:
    (tree / "tilt" / ONE).write_bytes((tree / "tilt" / ONE).read_bytes()[:-500])


def swap(one: str, other: str) -> Callable[[Path], object]:
    def plant(tree: Path) -> None:
        (tree / one).rename(tree / "aside")
        (tree / other).rename(tree / one)
        (tree / "aside").rename(tree / other)

    return plant


def swap_photographs(tree: Path) -> None:
    shutil.copy(tree / "tilt" / "n0000" / "photo_0.mp4", tree / "tilt" / ONE)
    shutil.rmtree(tree / "manifest")


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "n0001/photo_2.mp4 is truncated: "),
    "empty": (
        lambda tree: (tree / "tilt" / ONE).write_bytes(b""),
        "n0001/photo_2.mp4 is truncated: 0 bytes",
    ),
    "missing": (lambda tree: (tree / "tilt" / ONE).unlink(), "n0001/photo_2.mp4 of 21 missing"),
    "no video": (
        lambda tree: (tree / "tilt" / ONE).write_bytes(b"not a video"),
        "photo_2.mp4 is not a readable video",
    ),
    "changed": (
        lambda tree: (tree / "tilt" / ONE).write_bytes(
            (tree / "tilt" / ONE).read_bytes() + b"\0\0\0\x0bfree..."
        ),
        "n0001/photo_2.mp4 changed since: the manifest has another SHA-256",
    ),
    "another photograph": (
        swap_photographs,
        "n0001/photo_2.mp4 shows another photograph, that of n0000/photo_0.mp4",
    ),
    "swapped": (swap("tilt", "gaussian_noise"), "it is most like gaussian_noise"),
    "frame count": (
        swap("tilt", "translate"),
        "expected 31 frames of 32 x 32 pixels, got 41 of 32 x 32",
    ),
    "gone": (
        lambda tree: shutil.rmtree(tree / "tilt"),
        "missing: the manifest says that it was made",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name: str, tree: Path, source: Path) -> None:
    plant, sentence = FAULTS[name]
    plant(tree)
    shutil.rmtree(tree / "gaussian_noise")  # which would take its time
    certificate = verify(tree, source=source)
    found = verdicts(certificate)["tilt"]
    assert found.verdict == "differs"
    assert sentence in found.detail
    assert not certificate.is_clean


def test_imagenets_constants_are_named(source: Path, tmp_path: Path) -> None:
    tree = generated(source, tmp_path / "out", "gaussian_noise", preset="tiny", lossless=True)
    found = verdicts(verify(tree, source=source, preset="cifar"))["gaussian_noise"]
    assert found.verdict == "differs"
    assert "it is most like gaussian_noise with the tiny constants" in found.detail


def test_without_photographs_only_damage_is_found(tree: Path) -> None:
    truncate(tree)
    found = verdicts(verify(tree))
    assert found["gaussian_noise"].verdict == "not checked"
    assert "is truncated" in found["tilt"].detail


def test_videos_of_which_none_can_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tilt" / "n0000").mkdir(parents=True)
    (tmp_path / "tilt" / "n0000" / "a.mp4").write_bytes(b"")
    with pytest.raises(RobenchError, match="has no readable video"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0\0\0\x0cftypisom", True),
        (b"\0\0\0\x0cftypisom\0\0\0\x09free.", True),
        (b"\0\0\0\x0cftypisom\0\0\0\x0afree.", False),
        (b"\0\0\0\x0cftypisom\0\0", False),
        (b"\0\0\0\0ftypisom", False),
        (b"", False),
        (b"\xff\xd8..\xff\xd9", True),
        (b"\xff\xd8..\xff", False),
        (b"something else", True),
    ],
)
def test_what_is_whole(content: bytes, expected: bool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert is_whole(tmp_path / "file") is expected
