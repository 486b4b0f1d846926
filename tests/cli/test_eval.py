"""The real command line in a subprocess: run, kill, resume, and every mistake a person can make."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from baselines import architectures
from robench.cli import main

FOUR = ("--corruptions", "fog,brightness,contrast,pixelate")
SMALL = ("--suite", "digits-c", "--limit", "30", "--quiet", *FOUR)


def robench(*arguments: object, **options: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "robench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("checkpoint") / "net.pt"
    network = architectures.registry()["digits_cnn"](10)
    content = {
        "architecture": "digits_cnn",
        "mean": [0.5] * 3,
        "std": [0.5] * 3,
        "state_dict": network.state_dict(),
    }
    torch.save(content, path)
    return path


def test_a_run_prints_its_table_and_where_things_are(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = robench("eval", "--model", checkpoint, *SMALL, "--out", out)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("compil")] == []
    assert "the checkpoint's own record" in done.stdout
    assert "corrupted on the fly (preset cifar, seed 0)" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    (fog,) = [words[1:] for words in lines if words[:1] == ["fog"]]
    assert len(fog) == 6
    assert float(fog[-1]) == pytest.approx(sum(map(float, fog[:5])) / 5, abs=0.1)
    assert sum(line[:2] == ["clean", "error"] for line in lines) == 1
    info = json.loads((out / "run.json").read_text())
    assert info["data"]["limit"] == 30
    assert len(info["conditions"]) == 1 + 4 * 5
    assert info["command"][:2] == ["robench", "eval"]


def test_killed_and_resumed_is_the_same_to_the_byte(checkpoint: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    arguments = ("eval", "--model", checkpoint, *SMALL, "--out")
    assert robench(*arguments, whole).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "robench", *map(str, arguments), str(broken)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    records = broken / "records" / "digits-c"
    while process.poll() is None and len(list(records.glob("*.parquet"))) < 3:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in records.glob("*.parquet")}
    assert 3 <= len(kept) < 21
    again = robench(*arguments, broken)
    assert again.returncode == 0
    assert f"run: {broken}, continued: {len(kept)} of 21 conditions are there" in again.stdout
    assert (whole / "scores.csv").read_bytes() == (broken / "scores.csv").read_bytes()
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_the_end_of_a_job_say_how_to_go_on(
    checkpoint: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "robench", "eval", "--model", str(checkpoint), *SMALL]
    process = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while not list((out / "records").rglob("*.parquet")) and process.poll() is None:
        os.sched_yield()
    process.send_signal(number)
    _, stderr = process.communicate()
    assert process.returncode == code
    assert "interrupted; what was finished is kept, repeat the command to go on" in stderr
    assert "Traceback" not in stderr


# What is wrong -> (arguments, part of the sentence). {good}, {other} and {bad} are files the test makes.
MISTAKES = {
    "no checkpoint": ("--model nothing.pt", "no checkpoint nothing.pt"),
    "no model": ("", "no model is named"),
    "unreadable": ("--model {bad}", "is damaged or not a PyTorch checkpoint"),
    "keys": ("--model {other} --arch digits_cnn", "it fits resnet20"),
    "architecture": ("--model {good} --arch digit_cnn", "did you mean 'digits_cnn'"),
    "untrained": ("--model {other}", "does hardly better than guess"),
    "normalisation": ("--model {other} --no-guess", "give --normalisation"),
    "no such normalisation": ("--model {good} --normalisation half1", "did you mean 'half'"),
    "suite": ("--model {good} --suite digit-c", "did you mean 'digits-c'"),
    "corruption": ("--model {good} --corruptions fgo", "did you mean 'fog'"),
    "severity 0": ("--model {good} --severities 0", "severity must be 1 to 5, got 0"),
    "severity 6": ("--model {good} --severities 6", "severity must be 1 to 5, got 6"),
    "severity x": ("--model {good} --severities x", "takes whole numbers like 1,3,5, got 'x'"),
    "temperature": ("--model {good} --temperature hot", "takes a number or fit, got 'hot'"),
    "precision": ("--model {good} --precision fp61", "got 'fp61'"),
    "option": (
        "--model {good} --limt 3",
        "no option --limt of robench eval; did you mean --limit?",
    ),
    "type": ("--model {good} --limit x", "'x' is not a valid integer; see robench eval --help"),
    "baseline": (
        "--model {good} --baseline nowhere",
        "the baseline nowhere is not a run directory",
    ),
    "two models": ("--model {good} --model {good}", "2 models: give --ensemble"),
    "limit": ("--model {good} --limit 501", "limit must be 1 to 500"),
    "seed": ("--model {good} --seed -1", "seed must be 0 to"),
    "no data": (
        "--model {good} --suite cifar-10-c",
        "fetch it: robench download cifar-10-c --data-dir data",
    ),
    "no data there": ("--model {good} --suite cifar-10-c --data-dir .", "cifar-10-python.tar.gz"),
    "own pictures": ("--model {good} --suite folder", "folder needs --data-dir"),
    "device": ("--model {good} --device quantum", "device 'quantum' cannot be used"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_and_writes_nothing(
    name: str, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    other, bad, out = tmp_path / "other.pt", tmp_path / "bad.pt", tmp_path / "run"
    torch.save(architectures.registry()["resnet20"](10).state_dict(), other)
    bad.write_bytes(b"not a checkpoint")
    text, sentence = MISTAKES[name]
    arguments = [word.format(good=checkpoint, other=other, bad=bad) for word in text.split()]
    suite = () if "--suite" in arguments else ("--suite", "digits-c")
    done = CliRunner().invoke(main, ["eval", *suite, "--out", str(out), "--quiet", *arguments])
    assert done.exit_code == 2
    assert sentence in done.stderr
    lines = done.stderr.splitlines()
    assert all(line.startswith("robench: ") for line in lines)
    assert len(lines) == 1 or lines[-1].startswith("robench: type: robench ")
    assert len(lines) <= 2
    assert not out.exists()


def test_a_network_gone_wrong_keeps_nothing_but_says_where(
    checkpoint: Path, tmp_path: Path
) -> None:
    content = torch.load(checkpoint)
    for tensor in content["state_dict"].values():
        if tensor.is_floating_point():
            tensor.fill_(float("nan"))
    broken = tmp_path / "nan.pt"
    torch.save(content, broken)
    done = robench("eval", "--model", broken, *SMALL, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "21 conditions not stored (clean, fog-1, fog-2" in done.stderr
    assert "NaN or infinite logits" in done.stderr
    assert done.stderr.count("\n") == 1


def test_torchrun_divides_the_work_and_one_process_speaks(checkpoint: Path, tmp_path: Path) -> None:
    single, shared = tmp_path / "single", tmp_path / "shared"
    arguments = ["eval", "--model", str(checkpoint), *SMALL]
    assert robench(*arguments, "--out", single).returncode == 0
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    rendezvous = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    done = subprocess.run(
        [*launcher, *rendezvous, "-m", "robench", *arguments, "--out", str(shared)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("clean error") == 1
    assert sorted(path.name for path in shared.glob(".lock*")) == [
        ".lock",
        ".lock-1-of-2",
        ".lock-2-of-2",
        ".lock-turn",
    ]
    assert (single / "scores.csv").read_bytes() == (shared / "scores.csv").read_bytes()


def test_a_model_that_saw_test_corruptions_is_marked_and_strictly_refused(
    checkpoint: Path, tmp_path: Path
) -> None:
    content = torch.load(checkpoint, weights_only=True)
    marked = tmp_path / "marked.pt"
    middle = {"epoch": 2, "recipe": {"epochs": 10}}
    torch.save(content | {"method": "cutout", "overlaps": ["cutout"], **middle}, marked)
    words = ["eval", *SMALL[:-1], "fog", "--severities", "1"]
    runner = CliRunner()
    made = runner.invoke(main, [*words, "--model", str(marked), "--out", str(tmp_path / "run")])
    assert made.exit_code == 0, made.output
    assert "note: marked was trained with cutout, which overlap" in made.stdout
    assert "note: the checkpoint is of 2 of 10 epochs of its training" in made.stdout
    report = ["report", str(tmp_path / "run"), "--out", str(tmp_path / "report")]
    assert runner.invoke(main, report).exit_code == 0
    assert "marked: trained with cutout" in (tmp_path / "report/report.md").read_text()

    strict = [*words, "--strict", "--out", str(tmp_path / "strict")]
    refused = runner.invoke(main, [*strict, "--model", str(marked)])
    assert refused.exit_code == 2
    assert "was trained with cutout" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "strict").exists()

    unknown = runner.invoke(main, [*strict, "--model", str(checkpoint)])
    assert unknown.exit_code == 0
    assert "its training is not on record" in unknown.stdout
    assert "epochs of its training" not in unknown.stdout
