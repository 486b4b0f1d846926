"""``robench show`` on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from robench.cli import main
from tests.generation.photographs import photograph


def test_a_sheet_is_written_and_the_preset_said(tmp_path: Path) -> None:
    photograph(0, 64, 64).save(tmp_path / "picture.jpg")
    out = tmp_path / "sheets" / "sheet.png"
    arguments = [str(tmp_path / "picture.jpg"), "--corruptions", "fog,snow", "--severities", "1,5"]
    done = CliRunner().invoke(main, ["show", *arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"tiny constants, 64 x 64 pixels: {out}\n"
    with Image.open(out) as sheet:
        assert sheet.format == "PNG"


def test_a_sequence_is_written(tmp_path: Path) -> None:
    photograph(0, 32, 32).save(tmp_path / "picture.png")
    out = tmp_path / "tilt.png"
    arguments = [str(tmp_path / "picture.png"), "--perturbation", "tilt", "--out", str(out)]
    assert CliRunner().invoke(main, ["show", *arguments]).exit_code == 0
    assert out.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("{missing} --out {out}", "no image"),
        ("{text} --out {out}", "is not a readable image"),
        ("{good} --out {out} --corruptions fgo", "did you mean 'fog'"),
        ("{good} --out {out} --severities 6", "severity must be 1 to 5, got 6"),
        ("{good} --out {out} --perturbation tlit", "did you mean 'tilt'"),
        ("{good} --out {out} --preset big", "unknown preset 'big'"),
        ("{good} --out {good}.jpg", "written as PNG"),
        ("{good} --out {text}/sheet.png", "cannot write"),
    ],
)
def test_a_mistake_is_one_line(arguments: str, sentence: str, tmp_path: Path) -> None:
    photograph(0, 32, 32).save(tmp_path / "good.png")
    (tmp_path / "text").write_text("not an image")
    names = {"missing": "missing.png", "text": "text", "good": "good.png", "out": "sheet.png"}
    made = {name: tmp_path / file for name, file in names.items()}
    words = [word.format(**made) for word in arguments.split()]
    done = CliRunner().invoke(main, ["show", *words])
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "sheet.png").exists()
