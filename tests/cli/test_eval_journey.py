"""Three words are enough: what is not said is found, and the same command again goes on; in a subprocess."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from baselines import architectures
from tests.conftest import write_cifar_10

# Everything but two conditions is left out, to be quick; the words under test are the others.
SHORT = ("--corruptions", "brightness", "--severities", "1,3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with data/ and ckpt.pt, and nothing else."""
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    write_cifar_10(tmp_path / "data" / "cifar-10-batches-py", 40, 10)
    write_checkpoint(tmp_path / "ckpt.pt", seed=0)
    return tmp_path


def write_checkpoint(path: Path, seed: int) -> None:
    torch.manual_seed(seed)
    network = architectures.create("resnet20", 10)
    content = {"architecture": "resnet20", "mean": [0.5] * 3, "std": [0.5] * 3}
    torch.save({**content, "state_dict": network.state_dict()}, path)


def robench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "robench", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def evaluate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = robench(folder, "eval", "--model", "ckpt.pt", "--suite", "cifar-10-c", *SHORT, *words)
    assert done.returncode == 0, done.stderr
    return done


def conditions_stored(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}


def table(output: str) -> str:
    return output[output.index("error (%)") :].split("\n\nscores:")[0]


def test_three_words_are_enough_and_what_was_assumed_is_told(folder: Path) -> None:
    done = evaluate(folder)
    run = folder / "runs" / "ckpt" / "cifar-10-c"
    assert "found in data\n" in done.stdout
    assert "run: runs/ckpt/cifar-10-c\n" in done.stdout
    assert "batch size: 64 (default)" in done.stdout
    assert "scores: runs/ckpt/cifar-10-c/scores.csv   page: robench report\n" in done.stdout
    assert len(conditions_stored(run)) == 3
    assumed = json.loads((run / "run.json").read_text())["assumed"]
    assert "the data was found in data" in assumed
    assert any(line.startswith("normalisation: mean [0.5, 0.5, 0.5]") for line in assumed)
    progress = [line for line in done.stderr.splitlines() if not line.startswith("compil")]
    assert progress[-1].startswith("brightness-3: 100% (120 of 120 img)")
    assert "\r" not in done.stderr


def test_the_same_again_prints_what_is_finished_without_torch(folder: Path) -> None:
    first = evaluate(folder)
    stored = conditions_stored(folder)
    check = (
        "import sys; from robench.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: sys.exit(end.code or 10 * ('torch' in sys.modules))"
    )
    words = ["eval", "--model", "ckpt.pt", "--suite", "cifar-10-c", *SHORT]
    again = subprocess.run(
        [sys.executable, "-c", check, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert "run: runs/ckpt/cifar-10-c, finished: nothing is computed again" in again.stdout
    assert table(again.stdout) == table(first.stdout)
    assert conditions_stored(folder) == stored


def test_more_of_it_is_added_and_another_run_takes_the_next_name(folder: Path) -> None:
    evaluate(folder)
    stored = conditions_stored(folder)
    more = evaluate(folder, "--corruptions", "contrast")
    assert "run: runs/ckpt/cifar-10-c, continued: 1 of 3 conditions are there" in more.stdout
    now = conditions_stored(folder)
    assert len(now) == 5
    assert {path: now[path] for path in stored} == stored

    seed = evaluate(folder, "--seed", "1")
    assert "runs/ckpt/cifar-10-c holds another run: its seed is 0, this one's is 1" in seed.stdout
    assert "run: runs/ckpt/cifar-10-c-2\n" in seed.stdout
    write_checkpoint(folder / "ckpt.pt", seed=1)
    retrained = evaluate(folder)
    assert "holds another run: its model sha256 is" in retrained.stdout
    assert "run: runs/ckpt/cifar-10-c-3\n" in retrained.stdout
    assert {path: path.stat().st_mtime_ns for path in now} == now
    assert evaluate(folder).stdout.count("cifar-10-c-3, finished") == 1


def test_a_named_place_of_another_run_is_refused_naming_the_difference(folder: Path) -> None:
    evaluate(folder, "--out", "mine")
    assert "mine, finished" in evaluate(folder, "--out", "mine").stdout
    words = ["eval", "--model", "ckpt.pt", "--suite", "cifar-10-c", *SHORT, "--out", "mine"]
    other = robench(folder, *words, "--seed", "1")
    assert other.returncode == 2
    assert "mine holds another run: its seed is 0, this one's is 1; choose another --out" in (
        other.stderr
    )


def test_a_run_that_stored_nothing_is_not_in_the_way(folder: Path) -> None:
    content = torch.load(folder / "ckpt.pt", weights_only=True)
    good = (folder / "ckpt.pt").read_bytes()
    for tensor in content["state_dict"].values():
        if tensor.is_floating_point():
            tensor.fill_(float("nan"))
    torch.save(content, folder / "ckpt.pt")
    words = ["eval", "--model", "ckpt.pt", "--suite", "cifar-10-c", *SHORT]
    failed = robench(folder, *words)
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr
    assert list(folder.rglob("run.json")) == []
    (folder / "ckpt.pt").write_bytes(good)
    assert "run: runs/ckpt/cifar-10-c\n" in evaluate(folder).stdout


def test_everything_that_is_wrong_is_said_at_once_without_torch(folder: Path) -> None:
    check = (
        "import sys; from robench.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: sys.exit(end.code + 10 * ('torch' in sys.modules))"
    )
    words = [
        "eval",
        "--model",
        "ckp.pt",
        "--suite",
        "cifar-10c",
        "--precision",
        "fp61",
        "--corruptions",
        "fgo",
    ]
    done = subprocess.run(
        [sys.executable, "-c", check, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    *wrong, typed = done.stderr.splitlines()
    for line, part in zip(
        wrong,
        ["no checkpoint ckp.pt", "precision must be", "unknown suite", "unknown cifar-10-c corr"],
        strict=True,
    ):
        assert line.startswith(f"robench: {part}")
    assert typed.startswith("robench: type: robench eval --model ckpt.pt --suite cifar-10-c")
    assert typed.endswith("--precision fp32 --corruptions fog") or "bf16" in typed


def test_a_dry_run_tells_what_it_takes_and_writes_nothing(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    done = evaluate(folder, "--dry-run")
    assert "work: 40 images x 3 conditions = 120\n" in done.stdout
    for word in ("time: about", "memory: about", "disk: about"):
        assert word in done.stdout
    assert "in runs/ckpt/cifar-10-c" in done.stdout
    assert sorted(folder.rglob("*")) == before


def test_a_folder_that_cannot_be_written_is_named_before_anything_else(folder: Path) -> None:
    (folder / "runs").write_text("a file in the way")
    words = ["eval", "--model", "ckpt.pt", "--suite", "cifar-10-c", *SHORT]
    done = robench(folder, *words)
    assert done.returncode == 2
    assert "cannot write runs: runs is a file" in done.stderr
    assert done.stderr.count("\n") <= 2


def test_no_data_anywhere_names_the_places_and_the_command(folder: Path) -> None:
    (folder / "data").rename(folder / "elsewhere")
    words = ["eval", "--model", "ckpt.pt", "--suite", "cifar-10-c"]
    done = robench(folder, *words)
    assert done.returncode == 2
    assert "looked in the working folder" in done.stderr
    assert (
        "robench: type: robench download cifar-10-c --data-dir data && "
        "robench eval --model ckpt.pt --suite cifar-10-c\n" in done.stderr
    )


def test_looking_at_a_network_changes_none_of_its_weights(folder: Path) -> None:
    """Batch norms in training mode would learn from the images that a model is examined with."""
    from robench import suites
    from robench.doctor import complete_model
    from robench.models import load
    from robench.suites.benchmark import open_benchmark

    benchmark = open_benchmark(suites.registry()["cifar-10-c"], folder / "data")
    model = load(folder / "ckpt.pt", classes=10)
    assert isinstance(model.network, torch.nn.Module)
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    completed = complete_model(model, benchmark, say=print)
    assert isinstance(completed.network, torch.nn.Module)
    for name, value in completed.network.state_dict().items():
        assert torch.equal(value, before[name]), name
