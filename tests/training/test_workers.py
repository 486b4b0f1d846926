"""Two processes that train together, against one; and what remains when one of them dies."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from robench.training import train
from robench.training.batch_statistics import synchronised
from robench.training.checkpoint import initial_state
from robench.training.plan import make_plan
from tests.training.tiny_problem import tiny_pair

METHODS = ("augmix", "cutmix")  # the second mixes images of both shares
# In batches of 17, 17 and 6 images: of unequal shares.
SETTINGS = {"epochs": 1, "batch_size": 17, "lr": 0.02, "device": "cpu", "sync_batch_norm": True}
TRAIN = """
import sys
from pathlib import Path
import torch
from tests.training.test_workers import METHODS, train_tiny

torch.set_num_threads(1)
for method in METHODS:
    train_tiny(method, Path(sys.argv[1]))
"""
# The second process dies when its second epoch begins.
DYING = """
import os, signal, sys
from robench.cli import main
from robench.training import loop

train_epoch = loop.train_epoch

def dying(network, plan, state, how, bar):
    if how.workers.rank == 1 and state.epoch == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return train_epoch(network, plan, state, how, bar)

loop.train_epoch = dying
sys.argv = ["robench", "train", "standard", "--dataset", "digits", "--arch", "digits_cnn",
            "--device", "cpu", "--quiet", "--batch-size", "400", "--out", sys.argv[1]]
main()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(code: str, out: Path, count: int) -> list[subprocess.Popen]:
    """Start processes as torchrun does."""
    shared = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": str(count),
        "OMP_NUM_THREADS": "1",
    }
    return [
        subprocess.Popen(
            [sys.executable, "-c", code, str(out)],
            env=os.environ | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]


def stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.kill()
        process.communicate()


def train_tiny(method: str, out: Path) -> None:
    train(method, "digits_cnn", tiny_pair(), out / method, **SETTINGS)


def weights(network: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([value.flatten().double() for value in network.values()])


def test_two_processes_make_the_weights_of_one(tmp_path: Path) -> None:
    running = started(TRAIN, tmp_path / "two", 2)
    for method in METHODS:
        train_tiny(method, tmp_path / "one")
    try:
        for process in running:
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
    finally:
        stop(running)
    for method in METHODS:
        one, two = (
            torch.load(tmp_path / count / method / "checkpoints/last.pt", weights_only=True)
            for count in ("one", "two")
        )
        assert one["log"][0]["train_loss"] == pytest.approx(two["log"][0]["train_loss"], rel=1e-4)
        assert one["log"][0]["test_error"] == two["log"][0]["test_error"]
        plan = make_plan(method, "digits_cnn", tiny_pair(), changes={"batch_size": 17})
        first = initial_state(plan, torch.device("cpu")).network.state_dict()
        learned = weights(one["state_dict"]) - weights(first)
        difference = weights(two["state_dict"]) - weights(one["state_dict"])
        # Rounding gives 1e-5 of it at most.
        assert difference.norm() < 1e-3 * learned.norm(), difference.norm() / learned.norm()


def test_who_loses_the_other_process_says_so_in_a_line(tmp_path: Path) -> None:
    first, second = started(DYING, tmp_path / "run", 2)
    try:
        _, said = first.communicate(timeout=120)
    finally:
        stop([first, second])
    assert first.returncode == 2, said
    lines = [line for line in said.splitlines() if line.startswith("robench:")]
    assert len(lines) == 1
    assert "process 0 lost another of the 2 that train together" in lines[0]
    assert "--resume" in lines[0]
    content = torch.load(tmp_path / "run/checkpoints/last.pt", weights_only=True)
    assert content["epoch"] == 1


def test_a_network_with_shared_statistics_keeps_its_weights_and_evaluates_alike() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    network(images)
    before, state = network(images), {k: v.clone() for k, v in network.state_dict().items()}
    weights = list(network.parameters())
    shared = synchronised(network).eval()
    assert torch.equal(shared(images), before)
    assert all(a is b for a, b in zip(weights, shared.parameters(), strict=True))
    assert shared.state_dict().keys() == state.keys()
