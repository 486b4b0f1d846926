"""Contact sheets: the pixels on them are the corrupted ones, and the preset is the right one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corruptions import CorruptionError, corrupt, perturb
from reports.contact_sheets import (
    sheet_of_corruptions,
    sheet_of_sequence,
    sheet_of_sequences,
    specimen,
    write_sheet,
)
from reports.figures.contact_sheet import GAP_PX, MARGIN_PX, Group, Row, contact_sheet
from robench import RobenchError
from tests.generation.photographs import photograph


def picture(folder: Path, width: int, height: int) -> Path:
    path = folder / f"{width}x{height}.png"
    photograph(0, width, height).save(path)
    return path


def holds(sheet: Image.Image, image: np.ndarray, enlarge: int) -> bool:
    """Is the image on the sheet, every pixel a square?"""
    pixels = np.asarray(sheet)
    wanted = image.repeat(enlarge, 0).repeat(enlarge, 1)
    height, width = wanted.shape[:2]
    corners = np.argwhere((pixels == wanted[0, 0]).all(2))
    return any(
        np.array_equal(pixels[top : top + height, left : left + width], wanted)
        for top, left in corners
    )


@pytest.mark.parametrize(
    ("size", "preset", "side"),
    [
        ((32, 32), "cifar", 32),
        ((60, 45), "cifar", 32),
        ((64, 64), "tiny", 64),
        ((46, 46), "tiny", 46),
        ((121, 150), "imagenet", 121),
        ((640, 427), "imagenet", 224),
    ],
)
def test_auto_picks_the_preset_by_size(
    size: tuple[int, int], preset: str, side: int, tmp_path: Path
) -> None:
    shown = specimen(picture(tmp_path, *size))
    assert shown.preset == preset
    assert min(shown.pixels.shape[1:3]) == side
    assert f"{size[0]} x {size[1]} pixels" in shown.sentence()


def test_a_preset_can_be_asked_for(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 300, 300), "cifar")
    assert shown.pixels.shape == (1, 32, 32, 3)
    assert shown.sentence().startswith("cifar constants, the middle 32 x 32 of 300 x 300")


def test_the_sheet_holds_every_corrupted_picture(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 32, 32))
    sheet = sheet_of_corruptions(shown, ["fog", "shot_noise"], [2, 5], seed=3)
    assert holds(sheet, shown.pixels[0], shown.enlarge)
    for name in ("fog", "shot_noise"):
        for severity in (2, 5):
            (made,) = corrupt(shown.pixels, name, severity, preset="cifar", seed=3)
            assert holds(sheet, made, shown.enlarge)


def test_all_nineteen_by_default(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 32, 32))
    sheet, one = sheet_of_corruptions(shown), sheet_of_corruptions(shown, ["fog"])
    row = 32 * shown.enlarge + GAP_PX
    assert sheet.height - one.height > 18 * row
    assert sheet.width >= 6 * row


def test_the_sheet_of_a_sequence_holds_every_frame(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 300, 280), "tiny")
    sheet = sheet_of_sequence(shown, "tilt")
    # The frames are cut out after the tilt, so that what is around comes into view.
    assert shown.around.shape[1:3] == (73, 78)
    (frames,) = perturb(shown.around, "tilt", preset="tiny", crop_px=64)
    assert len(frames) == 31
    assert all(holds(sheet, frame, shown.enlarge) for frame in frames)
    several = sheet_of_sequences(shown, ["tilt", "snow"], columns=3)
    assert holds(several, frames[15], shown.enlarge)


def test_a_small_picture_is_shown_whole(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 30, 24))
    (frames,) = perturb(shown.pixels, "rotate", preset="cifar")
    assert frames.shape[1:3] == (24, 30)
    assert holds(sheet_of_sequence(shown, "rotate"), frames[0], shown.enlarge)


def test_long_texts_are_not_cut() -> None:
    white = np.full((1, 16, 16, 3), 255, np.uint8)
    sheet = contact_sheet([Group("", (Row("", white),))], [""], "t" * 60, "c" * 60)
    right = np.asarray(sheet)[:, -MARGIN_PX:]
    assert (right == right[0, 0]).all()


@pytest.mark.parametrize(
    ("size", "options", "sentence"),
    [
        ((15, 40), {}, "at least 16 pixels a side, got 15 x 40"),
        ((32, 32), {"preset": "big"}, "unknown preset 'big'; known: auto"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    size: tuple[int, int], options: dict, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(RobenchError, match=sentence):
        specimen(picture(tmp_path, *size), **options)


def test_unknown_corruptions_are_refused(tmp_path: Path) -> None:
    shown = specimen(picture(tmp_path, 32, 32))
    with pytest.raises(CorruptionError, match="did you mean 'fog'"):
        sheet_of_corruptions(shown, ["fgo"])
    with pytest.raises(CorruptionError, match="did you mean 'tilt'"):
        sheet_of_sequence(shown, "tlit")
    with pytest.raises(RobenchError, match=r"name --out .*sheet\.png"):
        write_sheet(Image.new("RGB", (4, 4)), tmp_path / "sheet.jpg")
