"""The training loop: an epoch of steps, the clean test error, a checkpoint, again."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.methods import Option
from corruptions.compilation import announce_compilation
from robench.datasets import Source
from robench.distributed import rank_device
from robench.errors import RobenchError
from robench.inference import chosen_device
from robench.training import checkpoint, progress, validation
from robench.training.checkpoint import State
from robench.training.epoch import NonFiniteLossError, train_epoch
from robench.training.execution import Execution, shared_network
from robench.training.pace import Pace
from robench.training.plan import Plan, make_plan, single_image_classes
from robench.training.run_file import write_run_file
from robench.training.run_folder import CHECKPOINT, claimed, is_finished, remove_beginning
from robench.training.workers import together, workers_of_environment

# Below the name that the command line prints, like the notices of kernels being compiled.
logger = logging.getLogger("corruptions.training")
announce_compilation("baselines")


@dataclass(frozen=True)
class Trained:
    """What ``train`` made: the checkpoint, and the log with one dict per epoch (see ``log.jsonl``)."""

    checkpoint: Path
    log: list[dict[str, float]]

    @property
    def test_error(self) -> float:
        """The fraction of clean test images that the last epoch's network gets wrong."""
        return self.log[-1]["test_error"]


@dataclass(frozen=True)
class Watch:
    """What is told of a run besides its log: ``corrupted_images`` of a small -C validation, events, a bar, the time."""

    corrupted_images: int | None = None
    tensorboard: bool = False
    bar: bool = False
    say: Callable[[str], None] = lambda line: None


def train(
    method: str,
    architecture: str,
    dataset: str | tuple[Source, Source],
    out: str | Path,
    *,
    method_options: Mapping[str, Option] | None = None,
    recipe: str | None = None,
    seed: int = 0,
    data_dir: str | Path | None = None,
    device: str | None = None,
    precision: str = "fp32",
    compiled: bool = False,
    sync_batch_norm: bool = False,
    validate_c: int | None = None,
    tensorboard: bool = False,
    resume: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
    **changes: Any,
) -> Trained:
    """Train a network and keep its last epoch.

    Writes ``out/run.json`` (what was asked for), ``out/log.jsonl`` (a line per epoch: epoch, step,
    lr, train_loss, test_error as a fraction, seconds) and ``out/checkpoints/last.pt`` (replaced
    atomically after each epoch). On one CPU with as many threads, equal arguments make equal weights,
    and a run that was stopped and resumed makes those of an uninterrupted one.

    Under ``torchrun`` several processes share every batch of the recipe.

    Args:
        method: a name of ``baselines.methods``.
        architecture: a name of ``baselines.architectures``, ``torchvision:NAME`` or ``timm:NAME``.
        dataset: a name of ``robench.datasets``, or a (train, test) pair of sources.
        out: the run's folder. One that holds this very run is continued, or read where it is finished.
        method_options: in the place of the method's defaults.
        recipe: ``"cifar"`` or ``"imagenet"``; that of the dataset when None.
        seed: 0 to 2**64 - 1, of the first weights, the order and every augmentation.
        data_dir: the folder of the datasets' own folders; embedded datasets need none.
        device: of torch, such as ``"cuda"``; a GPU if there is one, else the CPU, when None.
        precision: of the network, ``"fp32"`` or ``"bf16"``; the loss is float32 in both.
        compiled: use ``torch.compile``.
        sync_batch_norm: share batch statistics among processes.
        validate_c: also log corruption_error, of that many test images; see ``validation.Corrupted``.
        tensorboard: also write TensorBoard's events.
        resume: refuse where there is no run in ``out`` to be continued after its last whole epoch.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is given a line when the first steps have shown how long the run takes.
        changes: parts of the recipe, such as ``epochs=10``; those that are None are not changed.

    Raises:
        RobenchError: for unknown names, values out of range, missing data, a folder that holds
            another run, a loss that is no longer a number (the last good checkpoint is kept), and a lost process.
    """
    plan = make_plan(
        method,
        architecture,
        dataset,
        method_options=method_options,
        seed=seed,
        precision=precision,
        data_dir=data_dir,
        recipe=recipe,
        changes=changes,
    )
    how = execution(device, compiled=compiled, sync_batch_norm=sync_batch_norm)
    watch = Watch(validate_c, tensorboard, progress, say)
    with together(how.workers, how.device):
        if not how.workers.is_first:
            how.workers.total(0)
            return run_plan(plan, Path(out), how, watch, command)
        with claimed(Path(out), {".": plan}, named=True):
            if resume and not (Path(out) / "run.json").exists():
                raise RobenchError(
                    f"nothing to resume in {out}: it holds no run; leave out --resume"
                )
            how.workers.total(0)  # the others wait for the folder to be found fit
            return run_plan(plan, Path(out), how, watch, command)


def execution(
    device: str | None = None, *, compiled: bool = False, sync_batch_norm: bool = False
) -> Execution:
    """Return how this process computes; see ``train``."""
    workers = workers_of_environment()
    place = chosen_device(device or (rank_device() if workers.count > 1 else None))
    return Execution(place, compiled, sync_batch_norm, workers)


def run_plan(
    plan: Plan, folder: Path, how: Execution, watch: Watch, command: Sequence[str] = ()
) -> Trained:
    """Begin a run in a folder that this process has ``claimed``, go on with it, or return what it came to."""
    if how.workers.count == 1 and is_finished(folder):
        return Trained(folder / CHECKPOINT, checkpoint.read_log(folder / CHECKPOINT, plan))
    if how.workers.is_first:
        _say_what_is_odd(plan)
    return _Run(folder, plan, how, watch, command).finished()


def _say_what_is_odd(plan: Plan) -> None:
    if alone := single_image_classes(plan.train):
        names = ", ".join(alone[:5]) + (", ..." if len(alone) > 5 else "")
        logger.warning("%d classes have a single training image: %s", len(alone), names)


class _Run:
    """A run in its folder."""

    def __init__(
        self, folder: Path, plan: Plan, how: Execution, watch: Watch, command: Sequence[str]
    ) -> None:
        self.folder, self.plan, self.how, self.watch = folder, plan, how, watch
        self.command = command
        self.path = folder / CHECKPOINT
        first = how.workers.is_first
        self.was_finished = first and is_finished(folder)
        wanted = watch.corrupted_images
        # None but 0 is a wish: of no image, it is refused.
        self.corrupted = (
            validation.corrupted(plan, wanted) if wanted is not None and first else None
        )
        self.state = self._first_state()
        self.network = shared_network(self.state.network, plan, how)
        self.pace = Pace(plan, self.state.epoch, watch.say if first else None)
        if first and not self.was_finished:
            if not self.path.exists():
                remove_beginning(folder)  # of a run that came to nothing
            self._write_run_file(finished=False)

    def finished(self) -> Trained:
        """Train to the end; what is finished stays as it is."""
        first, log = self.how.workers.is_first, self.state.log
        if self.was_finished:
            return Trained(self.path, log)
        if first:
            progress.write_log(self.folder, log)
        wants_events = self.watch.tensorboard and first
        with (
            progress.events(self.folder, self.state.epoch, wants_events) as tell,
            progress.bar(self.plan, self.state.epoch, self.watch.bar and first) as bar,
        ):
            while self.state.epoch < self.plan.recipe.epochs:
                line = self._one_epoch(bar)
                if first:
                    checkpoint.save(self.path, self.plan, self.state)
                    progress.write_log(self.folder, log)
                    tell(line)
                bar.set_postfix(progress.postfix(line))
        if first:
            self._write_run_file(finished=True)
        return Trained(self.path, log)

    def _first_state(self) -> State:
        # Without a checkpoint, a resumed run was stopped in its first epoch.
        if not self.path.exists():
            state = checkpoint.initial_state(self.plan, self.how.device)
        else:
            state = checkpoint.restore(self.path, self.plan, self.how.device)
        workers = self.how.workers
        if workers.total(state.epoch) != state.epoch * workers.count:
            raise RobenchError(
                f"process {workers.rank} found another checkpoint in {self.folder} than the others; "
                "--out must be on a disk that all machines share"
            )
        return state

    def _one_epoch(self, bar: Any) -> dict[str, float]:
        """Train for an epoch and test; before the end of it nothing is stored."""
        began, state, plan = time.monotonic(), self.state, self.plan

        def advance(inputs: int) -> None:
            bar.update()
            self.pace.step(inputs)

        try:
            train_loss = train_epoch(self.network, plan, state, self.how, advance)
        except NonFiniteLossError as error:
            raise RobenchError(
                f"{error}; {self._kept()}; try a lower --lr or another --seed"
            ) from None
        test_error = validation.test_error(self.network, plan, self.how)
        state.epoch += 1
        steps = state.epoch * plan.steps_per_epoch
        line = {
            "epoch": state.epoch,
            "step": steps,
            "lr": plan.recipe.lr_at(steps - 1, plan.recipe.epochs * plan.steps_per_epoch),
            "train_loss": train_loss,
            "test_error": test_error,
        }
        if self.corrupted is not None:
            line["corruption_error"] = self.corrupted.error(self.network, plan, self.how)
        line["seconds"] = round(time.monotonic() - began, 3)
        state.log.append(line)
        return line

    def _kept(self) -> str:
        if not self.state.epoch:
            return "no epoch was finished"
        return f"the checkpoint of epoch {self.state.epoch} is kept in {self.path}"

    def _write_run_file(self, *, finished: bool) -> None:
        write_run_file(self.folder, self.plan, self.how, self.command, finished=finished)
