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
from tests.documents import ROOT


def robench(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "robench", *words]
    # Its threads wait for busy cores by spinning.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("ROBENCH_DATA", None)
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=cwd
    )


def test_a_short_run_prints_its_error_and_refuses_to_be_overwritten(tmp_path: Path) -> None:
    words = ["train", "augmix", "--dataset", "digits", "--arch", "digits_cnn", "--epochs", "1"]
    words += ["--batch-size", "128", "--severity", "1", "--no-jsd", "--device", "cpu", "--no-eval"]
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

    second = robench(*words, "--seed", "1")
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "already holds a run: its seed is 0, this run's is 1" in second.stderr

    third = robench(*words, "--resume", "--quiet")
    assert third.returncode == 0, third.stderr
    assert third.stdout.splitlines()[-3:] == first.stdout.splitlines()[-3:]


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
        (["standard", "--severity", "1"], "no option --severity of standard"),
        (["standard", "--epoch", "1"], "type: robench train standard --epochs 1"),
        (["standard", "--epochs=x"], "'x' is not a valid integer"),
        (
            ["cutout", "--size", "large"],
            "'large' is not a valid integer",
        ),
        (["augmix", "--lr"], "Option '--lr' requires an argument"),
        (["augmix", "--alpha", "0"], "--alpha must be at least 0.1, got 0.0"),
        (["augmix", "--lr", "nan"], "--lr must be positive, got nan"),
        (["augmix", "--seed", "-1"], "seed must be 0 to 2**64 - 1, got -1"),
        (["augmix", "--crop-padding", "-1"], "--crop-padding must not be negative, got -1"),
        (["augmix", "--arch", "timmm:resnet50"], "type: robench train augmix --arch timm:resnet50"),
        (["ipmix", "--mixing-pictures", "nowhere"], "there is no folder nowhere"),
        (["sin"], "type: robench train sin --stylised DIR"),
        (["augmix", "fog"], "unexpected 'fog'"),
        (["augmix", "--out", "/dev/null/run"], "/dev/null is a file, not a folder"),
        (["--dataset", "digits"], "such as: robench train augmix --dataset digits"),
    ],
)
def test_a_wrong_option_is_a_line_and_the_command_that_is_meant(
    words: list[str], message: str
) -> None:
    result = CliRunner().invoke(main, ["train", *words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") <= 2


def test_all_that_is_wrong_is_said_at_once_without_importing_torch(tmp_path: Path) -> None:
    words = ["augmx", "--dataset", "digit", "--severity", "50", "--epochs", "0", "--arch", "wrn-40"]
    code = (
        "import sys; from robench.cli import main\n"
        "try: main()\n"
        "finally: print(*({'torch', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "train", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert result.stdout.strip() == ""
    for part in (
        "did you mean 'augmix'?",
        "did you mean 'digits'?",
        "did you mean 'wrn-40-4'?",
        "--severity must be 0.1 to 10, got 50.0",
        "--epochs must be 1 to 65536, got 0",
    ):
        assert part in result.stderr
    assert result.stderr.endswith("type: robench train augmix --dataset digits --arch wrn-40-4\n")


def test_data_that_is_missing_is_told_with_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    result = CliRunner().invoke(main, ["train", "augmix", "--dataset", "cifar-100"])
    assert result.exit_code == 2
    assert "robench download cifar-100 --data-dir data" in result.stderr
    (tmp_path / "photographs/train").mkdir(parents=True)
    result = CliRunner().invoke(main, ["train", "augmix", "--data-dir", "photographs"])
    assert result.exit_code == 2
    assert (
        "no cifar-10-batches-py in photographs; what is there: --dataset imagenet" in result.stderr
    )


def test_with_nothing_else_the_digits_are_trained_on_evaluated_and_read_again(
    tmp_path: Path,
) -> None:
    words = ["train", "standard", "--epochs", "1", "--batch-size", "400"]
    plan = robench(*words, "--dry-run", cwd=tmp_path)
    assert plan.returncode == 0, plan.stderr
    assert "work: 1,297 images x 1 epochs" in plan.stdout
    assert "nothing was written" in plan.stdout
    assert not list(tmp_path.iterdir())
    first = robench(*words, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "data: the embedded digits (CIFAR-10 is not here: robench download" in first.stdout
    run = tmp_path / "runs/standard-digits_cnn-digits"
    assert (run / "checkpoints/last.pt").exists()
    assert json.loads((run / "digits-c/run.json").read_text())["finished"]
    files = {path: path.stat().st_mtime_ns for path in run.rglob("*.pt")}
    again = robench(*words, cwd=tmp_path)
    assert f"folder: {run.relative_to(tmp_path)} (finished)" in again.stdout
    table = first.stdout[first.stdout.index("error (%)") :]
    assert again.stdout.endswith(table)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*.pt")} == files
    other = robench(*words, "--seed", "1", "--no-eval", cwd=tmp_path)
    assert (
        f"folder: {run.relative_to(tmp_path)}-2; {run.relative_to(tmp_path)} already"
        in other.stdout
    )
    assert (tmp_path / "runs/standard-digits_cnn-digits-2/checkpoints/last.pt").exists()


def test_an_unknown_method_is_refused_in_one_line(tmp_path: Path) -> None:
    words = ["--dataset", "digits", "--arch", "digits_cnn", "--out", str(tmp_path / "run")]
    result = robench("train", "augmax", *words)
    assert result.returncode == 2
    assert "did you mean 'augmix'" in result.stderr
    assert result.stderr.splitlines()[-1].startswith(
        "robench: type: robench train augmix --dataset"
    )


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
