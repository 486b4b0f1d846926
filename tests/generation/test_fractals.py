"""A folder of fractals: stopped, continued, grown, and refused."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from baselines.fractals import fractals
from robench.cli import main
from robench.errors import RobenchError
from robench.generation import fractals as target
from robench.generation.fractals import generate_fractals


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "fractals").iterdir())}


def test_the_pictures_are_those_of_the_library_and_listed_with_their_digests(
    tmp_path: Path,
) -> None:
    done = generate_fractals(tmp_path / "out", count=5, side_px=16, seed=7)
    assert (done.made, done.kept) == (5, 0)
    expected = fractals(7, np.arange(5), 16)
    for number in range(5):
        with Image.open(tmp_path / f"out/fractals/{number:06d}.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), expected[number])
    record = json.loads((tmp_path / "out/manifest.json").read_text())
    assert (record["format"], record["size_px"], record["seed"]) == ("robench-fractals/1", 16, 7)
    assert record["finished"]
    assert {name: entry["sha256"] for name, entry in record["files"].items()} == {
        f"fractals/{name}": hashlib.sha256(content).hexdigest()
        for name, content in pictures(tmp_path / "out").items()
    }


def test_a_stopped_folder_goes_on_and_a_finished_one_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_fractals(tmp_path / "whole", count=9, side_px=16)
    with monkeypatch.context() as patch:
        patch.setattr(target, "CHUNK", 4)
        write, written = target._write, []

        def stop(*arguments: object) -> None:
            if written:
                raise KeyboardInterrupt
            written.append(write(*arguments))  # type: ignore[arg-type]

        patch.setattr(target, "_write", stop)
        with pytest.raises(KeyboardInterrupt):
            generate_fractals(tmp_path / "out", count=6, side_px=16)
    assert len(pictures(tmp_path / "out")) == 4
    assert json.loads((tmp_path / "out/manifest.json").read_text())["finished"] is None
    (tmp_path / "out/fractals/.000004.png.1.tmp").write_bytes(b"half")
    done = generate_fractals(tmp_path / "out", count=6, side_px=16)
    assert (done.made, done.kept) == (2, 4)
    generate_fractals(tmp_path / "out", count=9, side_px=16)
    assert pictures(tmp_path / "out") == pictures(tmp_path / "whole")
    assert len(json.loads((tmp_path / "out/manifest.json").read_text())["files"]) == 9


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "count must be 1 to 1000000, got 0"),
        ({"side_px": 4}, "size must be 8 to 2048, got 4"),
        ({"seed": -1}, "seed must be 0 to"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"side_px": 32}, "was made with size_px 16, this command has 32"),
        ({"seed": 1}, "was made with seed 0, this command has 1"),
    ],
)
def test_wrong_requests_are_refused(changes: dict, message: str, tmp_path: Path) -> None:
    generate_fractals(tmp_path, count=1, side_px=16)
    with pytest.raises(RobenchError, match=message):
        generate_fractals(tmp_path, **({"count": 2, "side_px": 16} | changes))


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("chapter 1")
    with pytest.raises(RobenchError, match=r"holds files but no manifest\.json"):
        generate_fractals(tmp_path, count=1)
    (tmp_path / "manifest.json").write_text('{"format": "robench-generated/1"}')
    with pytest.raises(RobenchError, match="not a manifest in robench-fractals/1"):
        generate_fractals(tmp_path, count=1)


def test_the_command_makes_them_and_its_parent_still_wants_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["generate", "fractals", "--count", "2", "--size", "16", "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert f"2 pictures written, 0 were there already: {out}" in result.output
    assert len(pictures(out)) == 2
    result = CliRunner().invoke(main, ["generate", "--suite", "cifar-10-c"])
    assert result.exit_code == 2
    assert "missing option '--out'" in result.output
