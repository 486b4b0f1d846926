"""Folders of photographs, against torchvision's ImageFolder and transforms."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

from robench import RobenchError
from robench.datasets.framing import CentreCrop, Squash, framing_of
from robench.datasets.image_folder import BrokenImageError, decoded, open_image_folder
from tests.corruptions.golden.bar import picture
from tests.generation.photographs import photograph, write_photographs

SQUARE = Squash(32)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture)


@pytest.mark.parametrize(
    "size", [(300, 200), (200, 301), (256, 256), (257, 258), (256, 259), (61, 93)]
)
def test_imagenet_framing_is_torchvisions(size: tuple[int, int]) -> None:
    picture = photograph(0, *size)
    expected = Compose([Resize(256), CenterCrop(224)])(picture)
    assert np.array_equal(pixels(framing_of("imagenet")(picture)), pixels(expected))
    uncropped = framing_of("imagenet").uncropped(picture)
    assert np.array_equal(pixels(uncropped), pixels(Resize(256)(picture)))


def test_tiny_framing_leaves_64_pixels_alone_and_squashes_the_rest() -> None:
    picture = photograph(1, 64, 64)
    assert framing_of("tiny")(picture) is picture
    wide = photograph(1, 90, 40)
    assert np.array_equal(pixels(framing_of("tiny")(wide)), pixels(Resize((64, 64))(wide)))


def test_inception_framing_keeps_seven_eighths_of_both_sides() -> None:
    picture = photograph(2, 400, 320)
    middle = picture.crop((25, 20, 375, 300))
    expected = middle.resize((299, 299), Image.Resampling.BILINEAR)
    assert np.array_equal(pixels(framing_of("inception")(picture)), pixels(expected))


def test_a_tall_picture_is_resampled_along_its_rows_first() -> None:
    """As by Pillow up to 12; 13 left alone begins with this one's columns. The digest is of Pillow 10's square."""
    square = framing_of("inception")(Image.fromarray(picture(500, 0)[:, :375]))
    assert hashlib.sha256(pixels(square)).hexdigest().startswith("455531e7f00e1d68")


def test_another_size_keeps_imagenets_proportion() -> None:
    assert framing_of("imagenet", 112) == CentreCrop(128, 112)
    with pytest.raises(RobenchError, match="16 to 4096 pixels, got 8"):
        framing_of("imagenet", 8)
    with pytest.raises(RobenchError, match="unknown preset 'imagnet'"):
        framing_of("imagnet")


def test_order_and_labels_are_torchvisions(tmp_path: Path) -> None:
    write_photographs(tmp_path)
    deeper = tmp_path / "n0001" / "a_folder"
    deeper.mkdir()
    photograph(9, 40, 40).save(deeper / "z.png")
    (tmp_path / "n0001" / "notes.txt").write_text("not an image")
    source = open_image_folder(tmp_path, SQUARE)
    expected = torchvision.datasets.ImageFolder(tmp_path)
    assert [str(tmp_path / path) for path in source.paths] == [path for path, _ in expected.samples]
    assert source.labels.tolist() == expected.targets
    assert list(source.classes) == expected.classes
    assert source.indices.tolist() == list(range(16))
    assert source.read(3, 5).shape == (2, 32, 32, 3)


def test_a_selection_keeps_its_indices(tmp_path: Path) -> None:
    source = open_image_folder(write_photographs(tmp_path), SQUARE)
    part = source.select(np.array([7, 2]))
    assert part.indices.tolist() == [7, 2]
    assert np.array_equal(part.read(0, 1), source.read(7, 8))
    assert part.manifest_sha256() != source.manifest_sha256()


def test_the_digest_sees_content_and_framing(tmp_path: Path) -> None:
    source = open_image_folder(write_photographs(tmp_path), SQUARE)
    before = source.manifest_sha256()
    assert open_image_folder(tmp_path, Squash(33)).manifest_sha256() != before
    photograph(77, 40, 52).save(tmp_path / "n0000" / "photo_0.JPEG")
    assert source.manifest_sha256() != before


MODES = ("L", "LA", "P", "RGBA", "CMYK", "1", "YCbCr", "I;16", "I")


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_picture_becomes_rgb(mode: str, tmp_path: Path) -> None:
    levels = np.tile(np.arange(0, 64, dtype=np.uint8) * 4, (64, 1))
    if mode.startswith("I"):
        deep = levels.astype(np.uint16 if mode == "I;16" else np.int32) * 257
        picture = Image.fromarray(deep)
        assert picture.mode == mode
    else:
        picture = Image.fromarray(levels).convert("RGB")
        picture = picture.quantize(256) if mode == "P" else picture.convert(mode)
    path = tmp_path / f"picture.{'tif' if mode in ('CMYK', 'YCbCr', 'I') else 'png'}"
    picture.save(path)
    found = decoded(path)
    assert found.mode == "RGB"
    if mode != "1":
        assert np.abs(pixels(found).astype(int) - levels[..., None]).max() <= 2


def test_a_transparent_palette_keeps_its_colours_without_a_warning(tmp_path: Path) -> None:
    picture = photograph(3, 40, 40).quantize(16)
    picture.save(tmp_path / "p.png", transparency=b"\x00\x80")
    assert np.array_equal(pixels(decoded(tmp_path / "p.png")), pixels(picture.convert("RGB")))


def test_an_exif_orientation_is_not_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    photograph(4, 60, 40).save(tmp_path / "turned.jpg", exif=exif)
    assert decoded(tmp_path / "turned.jpg").size == (60, 40)


@pytest.mark.parametrize("content", [b"", b"not an image", "truncated"])
def test_a_broken_file_is_named(content: bytes | str, tmp_path: Path) -> None:
    path = tmp_path / "broken.JPEG"
    photograph(5, 80, 80).save(path)
    path.write_bytes(path.read_bytes()[:600] if isinstance(content, str) else content)
    with pytest.raises(BrokenImageError, match=r"broken\.JPEG is not a readable image"):
        decoded(path)


def test_tiny_imagenets_val_folder_is_read_by_its_annotations(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    rows = []
    for number, of_class in enumerate(("n02", "n01", "n02")):
        photograph(number, 64, 64).save(tmp_path / "images" / f"val_{number}.JPEG")
        rows.append(f"val_{number}.JPEG\t{of_class}\t0\t0\t62\t57\n")
    (tmp_path / "val_annotations.txt").write_text("".join(rows))
    source = open_image_folder(tmp_path, Squash(64))
    assert source.classes == ("n01", "n02")
    assert source.paths == ("images/val_1.JPEG", "images/val_0.JPEG", "images/val_2.JPEG")
    assert source.labels.tolist() == [0, 1, 1]


def test_folders_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="no folder"):
        open_image_folder(tmp_path / "nothing", SQUARE)
    with pytest.raises(RobenchError, match="has no images in class folders"):
        open_image_folder(tmp_path, SQUARE)
    (tmp_path / "n01").mkdir()
    with pytest.raises(RobenchError, match="n01 has no images"):
        open_image_folder(tmp_path, SQUARE)
