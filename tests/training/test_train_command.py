"""``robench train`` as a person meets it, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path


def robench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "robench", *words]
    environment = os.environ | {
        "OMP_NUM_THREADS": "1"
    }  # its threads wait for busy cores by spinning
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_short_run_prints_its_error_and_refuses_to_be_overwritten(tmp_path: Path) -> None:
    words = ["train", "augmix", "--dataset", "digits", "--arch", "digits_cnn", "--epochs", "1"]
    words += ["--batch-size", "128", "--option", "severity=1", "--device", "cpu"]
    words += ["--out", str(tmp_path / "run")]
    first = robench(*words, "--quiet")
    assert first.returncode == 0, first.stderr
    assert "clean test error" in first.stdout
    assert str(tmp_path / "run/checkpoints/last.pt") in first.stdout
    info = json.loads((tmp_path / "run/run.json").read_text())
    assert info["command"][:3] == ["robench", "train", "augmix"]
    assert info["method_options"]["severity"] == 1

    second = robench(*words)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "already holds a run; give --resume" in second.stderr

    third = robench(*words, "--resume", "--quiet")
    assert third.returncode == 0, third.stderr
    assert third.stdout == first.stdout


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
