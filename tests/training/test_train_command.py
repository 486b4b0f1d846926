"""``robench train`` as a person meets it, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from baselines import methods
from robench.cli import main
from robench.cli.train import method_command
from robench.cli.train_options import SHARED


def robench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "robench", *words]
    environment = os.environ | {
        "OMP_NUM_THREADS": "1"
    }  # its threads wait for busy cores by spinning
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_short_run_prints_its_error_and_refuses_to_be_overwritten(tmp_path: Path) -> None:
    words = ["train", "augmix", "--dataset", "digits", "--arch", "digits_cnn", "--epochs", "1"]
    words += ["--batch-size", "128", "--severity", "1", "--no-jsd", "--device", "cpu"]
    words += ["--out", str(tmp_path / "run")]
    first = robench(*words, "--quiet")
    assert first.returncode == 0, first.stderr
    assert "clean test error" in first.stdout
    assert str(tmp_path / "run/checkpoints/last.pt") in first.stdout
    info = json.loads((tmp_path / "run/run.json").read_text())
    assert info["command"][:3] == ["robench", "train", "augmix"]
    assert info["method_options"]["severity"] == 1
    assert info["method_options"]["jsd"] is False
    assert info["overlaps"] == []

    second = robench(*words)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "already holds a run; give --resume" in second.stderr

    third = robench(*words, "--resume", "--quiet")
    assert third.returncode == 0, third.stderr
    assert third.stdout == first.stdout


@pytest.mark.parametrize("method", sorted(methods.registry()))
def test_a_method_offers_its_own_options_and_no_other(method: str) -> None:
    names = [option.name for option in method_command(method).params]
    assert len(names) == len(set(names))
    own = {option.name for option in methods.options_of(method)}
    shared = {option.name for option in SHARED}
    assert set(names) == own | shared
    assert not own & shared


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["standard", "--severity", "1"], "No such option '--severity'"),
        (["cutout", "--size", "large"], "'large' is not a valid integer"),
        (["augmix", "--jsd"], "Missing option '--dataset'"),
        (["augmix", "--alpha", "0", "--dataset", "digits"], "Missing option '--arch'"),
    ],
)
def test_a_wrong_option_is_one_line(words: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["train", *words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_method_is_refused_in_one_line(tmp_path: Path) -> None:
    words = ["--dataset", "digits", "--arch", "digits_cnn", "--out", str(tmp_path / "run")]
    result = robench("train", "augmax", *words)
    assert result.returncode == 2
    assert "did you mean 'augmix'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_help_shows_examples_without_importing_torch() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from robench.cli.train import command;"
        "print(CliRunner().invoke(command, ['--help']).output); sys.exit('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert "robench train augmix" in result.stdout
