"""The README's commands, run as they stand, on small data under the names they use."""

import itertools
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import robench
from baselines import architectures
from robench.models import architecture
from tests.datasets.wnid_folders import write_val
from tests.documents import ROOT, blocks, shell_commands

README = (ROOT / "README.md").read_text(encoding="utf-8")
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
# Added to a command: trainings last one epoch of a small network here.
SHORT = {"train": ["--epochs", "1", "--arch", "digits_cnn", "--batch-size", "32"]}
# Where the README's commands put what they write, when nobody says it.
PLACES = {
    "eval": "runs/{stem}/{suite}/scores.csv",
    "train": "runs/augmix-digits_cnn-*/**/checkpoints/last.pt",
    "report": "report/index.html",
}


@pytest.fixture
def workplace(cifar_dir: Path) -> Path:
    """Return a folder with what the README's reader has: checkpoints and data."""
    torch.manual_seed(0)
    root = cifar_dir.parent
    small = architectures.registry()["resnet20"](10)
    torch.save({"state_dict": small.state_dict(), **IMAGENET}, root / "resnet20.th")
    large = architecture.build("torchvision:mobilenet_v3_small", 1000)
    torch.save({"state_dict": large.state_dict(), **IMAGENET}, root / "ckpt.pt")
    write_val(cifar_dir / "imagenet/val", per_class=1)
    return root


@pytest.mark.parametrize("block", [b for b in blocks(README, "bash") if "robench" in b])
def test_robench_commands_do_what_the_readme_says(block: str, workplace: Path) -> None:
    for command in shell_commands(block):
        assert command[0] == "robench"
        if command[1] == "download":  # tests/download has a server of its own
            continue
        command += SHORT.get(command[1], [])
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=workplace,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"
        given = dict(itertools.pairwise(command))
        suite, stem = given.get("--suite"), Path(given.get("--model", "")).stem
        assert list(workplace.glob(PLACES[command[1]].format(stem=stem, suite=suite))), command


def test_make_targets_are_there() -> None:
    makes = [
        words
        for block in blocks(README, "bash")
        for words in shell_commands(block)
        if words[0] == "make"
    ]
    assert [words[1] for words in makes] == ["demo", "test"]
    for words in makes:
        subprocess.run([*words, "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("block", blocks(README, "python"))
def test_python_examples_run(block: str) -> None:
    names: dict = {}
    exec(block, names)
    if "foggy" in names:
        assert names["foggy"].shape == names["images"].shape
        assert names["film"].shape[2:] == names["images"].shape[1:]
        alone = robench.corrupt(names["images"], "snow", 3)[4:]
        assert np.array_equal(names["later"], alone)
    else:
        greys = np.stack([image for image, _ in names["pictures"]])
        noisy = [names["dataset"][place][0] for place in range(len(greys))]
        assert np.array_equal(noisy, robench.corrupt(greys, "gaussian_noise", 3))
        assert names["transform"](greys[0]).shape == names["noisy"].shape
