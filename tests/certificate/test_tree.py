"""Certificates of trees of JPEG files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from robench import RobenchError, generation
from robench.certificate import Certificate, verify
from tests.generation.photographs import photograph, write_photographs

NAMES = ("gaussian_noise", "contrast")
COUNT = 30


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_photographs(tmp_path / "photographs", count=COUNT // 3)


@pytest.fixture
def tree(source: Path, tmp_path: Path) -> Path:
    order = generation.order_for(source=source, preset="tiny", names=NAMES, severities=(1, 4))
    generation.generate(order, tmp_path / "out")
    return tmp_path / "out"


def verdicts(certificate: Certificate) -> dict[str, str]:
    return {each.file: each.verdict for each in certificate.verdicts}


def test_what_was_generated_is_reproduced(tree: Path, source: Path) -> None:
    certificate = verify(tree, source=source)
    assert certificate.is_clean
    assert verdicts(certificate) == dict.fromkeys(
        ("gaussian_noise/1", "gaussian_noise/4", "contrast/1", "contrast/4"), "reproduced"
    )


def test_families_may_have_folders(tree: Path, source: Path) -> None:
    for family, name in (("noise", "gaussian_noise"), ("digital", "contrast")):
        (tree / family).mkdir()
        (tree / name).rename(tree / family / name)
    found = verdicts(verify(tree, source=source))
    assert found["noise/gaussian_noise/4"] == found["digital/contrast/1"] == "reproduced"
    assert len(found) == 4


def test_another_seed_and_no_manifest_is_the_same_distribution(tree: Path, source: Path) -> None:
    (tree / "manifest.json").unlink()
    found = verdicts(verify(tree, source=source, seed=3))
    assert found["gaussian_noise/4"] == "same distribution"
    assert found["contrast/4"] == "reproduced"


def test_left_out_photographs_are_not_missed(source: Path, tmp_path: Path) -> None:
    (source / "n0000" / "photo_1.JPEG").write_bytes(b"")
    order = generation.order_for(source=source, preset="tiny", names=NAMES, severities=(1,))
    generation.generate(order, tmp_path / "out", skip_broken=True)
    assert verify(tmp_path / "out", source=source).is_clean


def swap_severities(tree: Path) -> None:
    (tree / "gaussian_noise" / "1").rename(tree / "one")
    (tree / "gaussian_noise" / "4").rename(tree / "gaussian_noise" / "1")
    (tree / "one").rename(tree / "gaussian_noise" / "4")


def resize(tree: Path) -> None:
    for path in (tree / "gaussian_noise" / "4").rglob("*.JPEG"):
        Image.open(path).resize((32, 32)).save(path, quality=85)


ONE = Path("gaussian_noise") / "4" / "n0001" / "photo_2.JPEG"


def truncate_one(tree: Path) -> None:
    (tree / ONE).write_bytes((tree / ONE).read_bytes()[:100])


def break_one(tree: Path) -> None:
    content = (tree / ONE).read_bytes()
    (tree / ONE).write_bytes(content[:100] + content[-2:])


def encode_again(tree: Path) -> None:
    Image.open(tree / ONE).save(tree / ONE, quality=70)


def move(tree: Path, name: str, to: str) -> None:
    folder = tree / "gaussian_noise" / "4"
    (folder / to).parent.mkdir(exist_ok=True)
    (folder / name).rename(folder / to)


def show_another(tree: Path) -> None:
    shutil.copy((tree / ONE).parent.with_name("n0000") / "photo_7.JPEG", tree / ONE)
    shutil.rmtree(tree / "manifest")


ANOTHER = "n0001/photo_2.JPEG shows another photograph, that of n0000/photo_7.JPEG"

FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "swapped": (swap_severities, "severity 4 holds severity 1"),
    "missing": (
        lambda tree: (tree / "gaussian_noise" / "4" / "n0002" / "photo_0.JPEG").unlink(),
        "n0002/photo_0.JPEG of 30 missing",
    ),
    "class missing": (
        lambda tree: shutil.rmtree(tree / "gaussian_noise" / "4" / "n0002"),
        "n0002/photo_0.JPEG and 9 others of 30 missing",
    ),
    "another class": (
        lambda tree: move(tree, "n0002/photo_0.JPEG", "n0009/photo_0.JPEG"),
        "n0002/photo_0.JPEG of 30 missing: it is in n0009 instead of n0002",
    ),
    "a copy": (
        lambda tree: shutil.copy(tree / ONE, tree / ONE.with_name("copy.JPEG")),
        "n0001/copy.JPEG too many: no photograph has that name",
    ),
    "resized": (resize, "32 x 32 pixels instead of 64"),
    "truncated": (truncate_one, "n0001/photo_2.JPEG is truncated: 100 bytes"),
    "broken": (break_one, "photo_2.JPEG is not a readable image"),
    "one encoded again": (
        encode_again,
        "n0001/photo_2.JPEG changed since: the manifest has another SHA-256",
    ),
    "one encoded again, no manifest": (
        lambda tree: (encode_again(tree), shutil.rmtree(tree / "manifest")),
        "1 of 30 files were changed, the first is n0001/photo_2.JPEG",
    ),
    "another photograph, no manifest": (show_another, ANOTHER),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name: str, tree: Path, source: Path) -> None:
    plant, sentence = FAULTS[name]
    plant(tree)
    certificate = verify(tree, source=source, preset="tiny")
    found = {each.file: each for each in certificate.verdicts}
    assert found["gaussian_noise/4"].verdict == "differs"
    assert sentence in found["gaussian_noise/4"].detail
    assert found["contrast/4"].verdict == "reproduced"
    assert not certificate.is_clean


def test_another_photograph_is_named_where_the_seed_is_unknown(tree: Path, source: Path) -> None:
    show_another(tree)
    found = {
        each.file: each for each in verify(tree, source=source, preset="tiny", seed=3).verdicts
    }
    assert found["gaussian_noise/1"].verdict == "same distribution"
    assert (found["gaussian_noise/4"].verdict, found["gaussian_noise/4"].detail) == (
        "differs",
        ANOTHER,
    )


def test_a_copy_is_noticed_by_the_manifest_alone(tree: Path) -> None:
    shutil.copy(tree / ONE, tree / ONE.with_name("copy.JPEG"))
    found = {each.file: each for each in verify(tree).verdicts}
    assert found["gaussian_noise/4"].detail == "1 too many: the manifest lists 30"


def test_a_change_outside_the_sample_is_noticed(tree: Path, source: Path) -> None:
    sampled = verify(tree, source=source, sample=20)
    assert "20 of 30 photographs, with seed 0; 30 files by the manifest's SHA-256" in str(sampled)
    for path in (tree / ONE).parent.iterdir():
        path.write_bytes(path.read_bytes()[:-2] + b"\xff\xfe\x00\x02\xff\xd9")  # a comment
    found = {each.file: each for each in verify(tree, source=source, sample=20).verdicts}
    assert found["gaussian_noise/4"].verdict == "differs"
    assert "9 others changed since" in found["gaussian_noise/4"].detail


def test_what_the_manifest_lists_must_be_there(tree: Path, source: Path) -> None:
    shutil.rmtree(tree / "contrast" / "4")
    found = {each.file: each for each in verify(tree, source=source).verdicts}
    assert found["contrast/4"].verdict == "differs"
    assert found["contrast/4"].detail == "missing: the manifest says that it was made"


def test_imagenets_constants_at_64_pixels_are_named(source: Path, tmp_path: Path) -> None:
    order = generation.order_for(
        source=source, preset="imagenet", side_px=64, names=("shot_noise",), severities=(2,)
    )
    generation.generate(order, tmp_path / "out")
    (tmp_path / "out" / "manifest.json").unlink()
    # ImageNet's framing shows another part of the photograph, so the clean ones are framed alike.
    framed = tmp_path / "framed"
    for path, image in zip(order.source.paths, order.source.read(0, COUNT), strict=True):  # type: ignore[attr-defined]
        (framed / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save((framed / path).with_suffix(".png"))
    (only,) = verify(tmp_path / "out", source=framed).verdicts
    assert only.verdict == "differs"
    assert only.detail.startswith("it is shot_noise with the imagenet constants")


def test_the_framing_of_another_preset_is_named(source: Path, tmp_path: Path) -> None:
    order = generation.order_for(
        source=source, preset="imagenet", side_px=64, names=("contrast",), severities=(2, 5)
    )
    generation.generate(order, tmp_path / "out")
    (tmp_path / "out" / "manifest.json").unlink()
    details = [each.detail for each in verify(tmp_path / "out", source=source).verdicts]
    # The constants of tiny and imagenet are the same here.
    assert all(each.startswith("framed as imagenet frames photographs (") for each in details)


def test_without_photographs_only_damage_is_found(tree: Path) -> None:
    certificate = verify(tree)
    assert set(verdicts(certificate).values()) == {"not checked"}
    assert "no clean photographs to compare with; 30 files by the manifest" in str(certificate)
    assert not certificate.is_clean
    (tree / ONE).unlink()
    found = {each.file: each for each in verify(tree).verdicts}
    assert found["gaussian_noise/4"].detail == "n0001/photo_2.JPEG of 30 missing"


def test_pictures_of_an_unknown_size_need_a_preset(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "fog" / "1" / "n0000"
    folder.mkdir(parents=True)
    with pytest.raises(RobenchError, match="no pictures in them"):
        verify(tmp_path / "out", source=source)
    photograph(0, 50, 50).save(folder / "a.JPEG")
    with pytest.raises(RobenchError, match="pictures of 50 pixels; give --preset"):
        verify(tmp_path / "out", source=source)
