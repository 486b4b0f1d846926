"""The README's commands, run as they stand, on small data under the names they use."""

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import robench
from baselines import architectures
from tests.documents import ROOT, blocks, shell_commands

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def workplace(cifar_dir: Path) -> Path:
    """Return a folder with the files that the README's reader has: resnet20.th and data."""
    torch.manual_seed(0)
    network = architectures.registry()["resnet20"](10)
    torch.save({"state_dict": network.state_dict()}, cifar_dir.parent / "resnet20.th")
    return cifar_dir.parent


@pytest.mark.parametrize("block", [b for b in blocks(README, "bash") if "robench" in b])
def test_robench_commands_do_what_the_readme_says(block: str, workplace: Path) -> None:
    for command in shell_commands(block):
        assert command[0] == "robench"
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=workplace,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"
        out = workplace / command[command.index("--out") + 1]
        if command[1] == "eval":
            assert sorted(path.name for path in out.iterdir() if path.name[0] != ".") == [
                "records",
                "run.json",
                "scores.csv",
            ]
        if command[1] == "report":
            assert (out / "report.html").stat().st_size > 10_000


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
