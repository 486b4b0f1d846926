"""What a run tells while it goes on: log.jsonl, TensorBoard's events, a bar with the time left."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from robench import progress
from robench.atomic_file import write_atomically
from robench.errors import RobenchError
from robench.training.plan import Plan

FRACTIONS = ("test_error", "corruption_error")


class Listener(Protocol):
    """Anything that is told of each epoch's line of the log."""

    def __call__(self, line: dict[str, float]) -> None:
        """Take one epoch's numbers."""


def write_log(folder: Path, log: list[dict[str, float]]) -> None:
    """Write ``folder/log.jsonl``, a line per epoch, atomically."""
    lines = "".join(json.dumps(line) + "\n" for line in log)
    write_atomically(folder / "log.jsonl", lambda file: file.write(lines.encode()))


@contextmanager
def events(folder: Path, epoch: int, wanted: bool) -> Iterator[Listener]:
    """Write each epoch's numbers to TensorBoard's events in ``folder/tensorboard``, if that is wanted.

    What a stopped run wrote after ``epoch`` whole epochs is hidden. Raises RobenchError without
    TensorBoard.
    """
    if not wanted:
        yield lambda line: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise RobenchError(
            "--tensorboard needs TensorBoard; pip install 'robench[tensorboard]'"
        ) from None
    with SummaryWriter(str(folder / "tensorboard"), purge_step=epoch + 1) as writer:

        def tell(line: dict[str, float]) -> None:
            for name in line.keys() - {"epoch", "step"}:
                writer.add_scalar(name, line[name], int(line["epoch"]))
            writer.flush()

        yield tell


def bar(plan: Plan, epoch: int, shown: bool) -> "tqdm[Any]":
    """Return a bar over the run's steps, of which ``epoch`` whole epochs are done."""
    steps = plan.steps_per_epoch
    return progress.bar(
        plan.recipe.epochs * steps,
        unit="steps",
        shown=shown,
        desc=f"{plan.method_name} {plan.architecture}",
        initial=epoch * steps,
    )


def postfix(line: dict[str, float]) -> dict[str, str]:
    """Return what the bar shows of an epoch's line."""
    errors = {name: f"{line[name]:.1%}" for name in FRACTIONS if name in line}
    return {"loss": f"{line['train_loss']:.3f}", **errors}
