"""The training loop: an epoch of steps, the clean test error, a checkpoint, again."""

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from baselines.methods import Option
from robench.atomic_file import write_atomically
from robench.datasets import Source
from robench.errors import RobenchError
from robench.folder_lock import locked
from robench.inference import chosen_device
from robench.training import checkpoint
from robench.training.batches import Prepared, epoch_batches
from robench.training.checkpoint import State
from robench.training.plan import Plan, make_plan
from robench.training.run_file import read_run_file, write_run_file

TEST_BATCH = 500


@dataclass(frozen=True)
class Trained:
    """What ``train`` made: the checkpoint, and the log with one dict per epoch (see ``log.jsonl``)."""

    checkpoint: Path
    log: list[dict[str, float]]

    @property
    def test_error(self) -> float:
        """The fraction of clean test images that the last epoch's network gets wrong."""
        return self.log[-1]["test_error"]


def train(
    method: str,
    architecture: str,
    dataset: str | tuple[Source, Source],
    out: str | Path,
    *,
    method_options: Mapping[str, Option] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    lr: float | None = None,
    weight_decay: float | None = None,
    seed: int = 0,
    data_dir: str | Path | None = None,
    device: str | None = None,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
) -> Trained:
    """Train a network and keep its last epoch.

    Writes ``out/run.json`` (what was asked for), ``out/log.jsonl`` (a line per epoch: epoch, step,
    lr, train_loss, test_error as a fraction, seconds) and ``out/checkpoints/last.pt`` (replaced
    atomically after each epoch). On one CPU with as many threads, equal arguments make equal weights,
    and a run that was stopped and resumed makes those of an uninterrupted one.

    Args:
        method: a name of ``baselines.methods``.
        architecture: a name of ``baselines.architectures``.
        dataset: a name of ``robench.datasets``, or a (train, test) pair of sources.
        out: the run's folder; it must hold no run unless ``resume``.
        method_options: in the place of the method's defaults.
        epochs, batch_size, lr, weight_decay: in the place of the recipe's, see ``recipe_for``.
        seed: 0 to 2**64 - 1, of the first weights, the order and every augmentation.
        data_dir: the folder of the datasets' own folders; embedded datasets need none.
        device: of torch, such as ``"cuda"``; a GPU if there is one, else the CPU, when None.
        resume: continue the run in ``out`` after its last whole epoch.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.

    Raises:
        RobenchError: for unknown names, values out of range, missing data, a folder that holds
            another run, and a loss that is no longer a number (the last good checkpoint is kept).
    """
    plan = make_plan(
        method,
        architecture,
        dataset,
        method_options=method_options,
        seed=seed,
        data_dir=data_dir,
        chosen={"epochs": epochs, "batch_size": batch_size, "lr": lr, "weight_decay": weight_decay},
    )
    place, folder = chosen_device(device), Path(out)
    with locked(folder):
        state = _first_state(folder, plan, place, resume)
        write_run_file(folder, plan, place, command, finished=False)
        _write_log(folder, state)
        with _bar(plan, state, progress) as bar:
            while state.epoch < plan.recipe.epochs:
                _one_epoch(folder, plan, state, place, bar)
        write_run_file(folder, plan, place, command, finished=True)
    return Trained(_checkpoint_path(folder), state.log)


def _checkpoint_path(folder: Path) -> Path:
    return folder / "checkpoints" / "last.pt"


def _first_state(folder: Path, plan: Plan, device: torch.device, resume: bool) -> State:
    """Return the state to go on from; refuse to overwrite anything, and to resume where there is no run."""
    path, holds_run = _checkpoint_path(folder), (folder / "run.json").exists()
    if not resume:
        _check_is_free(folder, holds_run)
    elif not holds_run:
        raise RobenchError(f"nothing to resume in {folder}: it holds no run; leave out --resume")
    else:
        read_run_file(folder)  # refuses the folder of an evaluation
    if path.exists():
        return checkpoint.restore(path, plan, device)
    # Without a checkpoint, a resumed run was stopped in its first epoch.
    return checkpoint.initial_state(plan, device)


def _check_is_free(folder: Path, holds_run: bool) -> None:
    if holds_run:
        raise RobenchError(
            f"{folder} already holds a run; give --resume to continue it, or another --out"
        )
    if any(entry.name != ".lock" for entry in folder.iterdir()):
        raise RobenchError(f"{folder} is not empty and holds no run; choose another --out")


def _one_epoch(
    folder: Path, plan: Plan, state: State, device: torch.device, bar: "tqdm[Any]"
) -> None:
    """Train for an epoch, test, and store what came of it; before the end nothing is stored."""
    began = time.monotonic()
    train_loss = _train_epoch(folder, plan, state, device, bar)
    test_error = _test_error(plan, state, device)
    state.epoch += 1
    steps = state.epoch * plan.steps_per_epoch
    state.log.append(
        {
            "epoch": state.epoch,
            "step": steps,
            "lr": plan.recipe.lr_at(steps - 1, plan.recipe.epochs * plan.steps_per_epoch),
            "train_loss": train_loss,
            "test_error": test_error,
            "seconds": round(time.monotonic() - began, 3),
        }
    )
    checkpoint.save(_checkpoint_path(folder), plan, state)
    _write_log(folder, state)
    bar.set_postfix(loss=f"{train_loss:.3f}", error=f"{test_error:.1%}")


def _train_epoch(
    folder: Path, plan: Plan, state: State, device: torch.device, bar: "tqdm[Any]"
) -> float:
    """Take every step of an epoch and return the loss, averaged over images."""
    state.network.train()
    total = 0.0
    with _seeded(plan, state.epoch, device):
        for ready in epoch_batches(plan, state.epoch):
            loss = _step(plan, state, ready, device)
            if not math.isfinite(loss):
                raise RobenchError(_not_finite(folder, plan, state, ready, loss))
            total += loss * len(ready.batch.labels)
            bar.update()
    return total / len(plan.train)


def _step(plan: Plan, state: State, ready: Prepared, device: torch.device) -> float:
    total_steps = plan.recipe.epochs * plan.steps_per_epoch
    for group in state.optimizer.param_groups:
        group["lr"] = plan.recipe.lr_at(ready.batch.step, total_steps)
    state.optimizer.zero_grad()
    inputs, targets = ready.inputs.to(device), ready.targets.to(device)
    loss = plan.method.loss(state.network, inputs, targets, ready.batch)
    loss.backward()
    state.optimizer.step()
    return loss.item()


@contextmanager
def _seeded(plan: Plan, epoch: int, device: torch.device) -> Iterator[None]:
    """Key torch's own generators (dropout) by the epoch, and give the caller's state back afterwards."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(checkpoint.torch_seed(plan, "torch", epoch))
        yield


def _test_error(plan: Plan, state: State, device: torch.device) -> float:
    state.network.eval()
    wrong = 0
    with torch.inference_mode():
        for start in range(0, len(plan.test), TEST_BATCH):
            part = slice(start, start + TEST_BATCH)
            inputs = torch.from_numpy(plan.normalization.apply(plan.test.pixels[part]))
            prediction = state.network(inputs.to(device)).argmax(dim=1).cpu().numpy()
            wrong += int((prediction != plan.test.labels[part]).sum())
    return wrong / len(plan.test)


def _not_finite(folder: Path, plan: Plan, state: State, ready: Prepared, loss: float) -> str:
    kept = f"the checkpoint of epoch {state.epoch} is kept in {_checkpoint_path(folder)}"
    step = ready.batch.step - state.epoch * plan.steps_per_epoch + 1
    return (
        f"the loss became {loss} in epoch {state.epoch + 1}, step {step} of {plan.steps_per_epoch}; "
        f"{kept if state.epoch else 'no epoch was finished'}; try a lower --lr or another --seed"
    )


def _write_log(folder: Path, state: State) -> None:
    lines = "".join(json.dumps(line) + "\n" for line in state.log)
    write_atomically(folder / "log.jsonl", lambda file: file.write(lines.encode()))


def _bar(plan: Plan, state: State, shown: bool) -> "tqdm[Any]":
    steps = plan.steps_per_epoch
    return tqdm(
        desc=f"{plan.method_name} {plan.architecture}",
        total=plan.recipe.epochs * steps,
        initial=state.epoch * steps,
        unit="step",
        disable=not shown,
        dynamic_ncols=True,
    )
