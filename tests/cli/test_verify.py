"""``robench verify`` on the command line: the table, the JSON, the exit code."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from robench import generation
from robench.cli import main


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", "--quiet", *map(str, arguments)])


@pytest.fixture
def folder(cifar_dir: Path, tmp_path: Path) -> Path:
    order = generation.order_for(
        suite="cifar-10-c", data_dir=cifar_dir, names=("contrast", "shot_noise")
    )
    generation.generate(order, tmp_path / "out")
    return tmp_path / "out"


def test_the_table_says_each_file_and_what_the_words_mean(folder: Path, cifar_dir: Path) -> None:
    done = run(folder, "--data-dir", cifar_dir)
    assert done.exit_code == 0, done.output
    assert "shot_noise.npy  reproduced         with seed 0" in done.stdout
    assert "3 reproduced: pixel for pixel what this version makes" in done.stdout
    assert "test:" not in done.stdout


def test_the_test_is_stated_where_it_was_needed(folder: Path, cifar_dir: Path) -> None:
    done = run(folder, "--data-dir", cifar_dir, "--seed", 8)
    assert done.exit_code == 0
    assert "same distribution" in done.stdout
    assert "p = " in done.stdout
    assert "Wilcoxon" in done.stdout


def test_a_difference_exits_with_1(folder: Path, cifar_dir: Path) -> None:
    np.save(folder / "labels.npy", np.roll(np.load(folder / "labels.npy"), 1))
    done = run(folder, "--data-dir", cifar_dir)
    assert done.exit_code == 1
    assert "every label stands 1 place too late" in done.stdout


def test_json_has_it_all(folder: Path, cifar_dir: Path) -> None:
    done = run(folder, "--data-dir", cifar_dir, "--seed", 8, "--sample", 30, "--json")
    content = json.loads(done.stdout)
    assert content["is_clean"] is True
    assert content["sample"] == 30
    rows = {each["file"]: each for each in content["verdicts"]}
    assert rows["contrast.npy"]["p_value"] is None
    assert 0 <= rows["shot_noise.npy"]["p_value"] <= 1


def test_ctrl_c_promises_nothing_that_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("robench.certificate.verify", interrupted)
    done = run(folder)
    assert (done.exit_code, done.stderr) == (130, "\nrobench: interrupted\n")


def test_progress_goes_to_stderr(folder: Path, cifar_dir: Path) -> None:
    arguments = ["verify", str(folder), "--data-dir", str(cifar_dir), "--json"]
    done = CliRunner().invoke(main, arguments)
    assert "checking shot_noise.npy" in done.stderr
    json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("{empty}",), "has nothing to verify"),
        (("{empty}/nowhere",), "no folder"),
        (("{out}", "--suite", "cifar-10-x"), "did you mean"),
        (("{out}", "--data-dir", "{empty}"), "cifar-10-python.tar.gz"),
        (("{out}", "--data-dir", "{data}", "--sample", "1"), "at least 20 images, got 1"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], sentence: str, folder: Path, cifar_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    made = {"empty": tmp_path / "empty", "out": folder, "data": cifar_dir}
    done = run(*(word.format(**made) for word in arguments))
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
