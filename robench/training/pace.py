"""How long a training takes on this machine, from a few of its steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from robench.forecast import as_duration
from robench.training.plan import Plan

WARM_UP_STEPS = 3  # in which kernels are compiled, memory is found and caches fill
MEASURED_STEPS = 20
MEASURED_S = 10.0
# A forward pass costs about a third of a step, which also goes back through the network.
FORWARD_SHARE = 1 / 3
SHORTER_EPOCHS = 10
LONG_S = 3600.0


@dataclass(frozen=True)
class TrainingTime:
    """Seconds of a step and of the test after an epoch, and the epochs that are to come of a plan."""

    step_s: float
    test_s: float
    steps_per_epoch: int
    epochs: int
    planned_epochs: int

    def of_epochs(self, epochs: int) -> float:
        """Return the seconds that so many epochs take."""
        return epochs * (self.steps_per_epoch * self.step_s + self.test_s)

    def sentence(self) -> str:
        """Return "about 31 h for 100 epochs on this machine", and how to make it less where that is long."""
        total_s = self.of_epochs(self.epochs)
        which = f"{self.epochs} epochs" if self.epochs != 1 else "1 epoch"
        if self.epochs < self.planned_epochs:
            which = "the last epoch" if self.epochs == 1 else f"the last {which}"
            which += f" of {self.planned_epochs}"
        words = f"about {as_duration(total_s)} for {which} on this machine"
        if total_s > LONG_S and self.epochs == self.planned_epochs > SHORTER_EPOCHS:
            words += (
                f"; --epochs {SHORTER_EPOCHS} takes {as_duration(self.of_epochs(SHORTER_EPOCHS))}"
            )
        if total_s > LONG_S / 60:
            words += "; Ctrl-C stops, the same command goes on after the last whole epoch"
        return words


def training_time(plan: Plan, done_epochs: int, step_s: float, inputs: int) -> TrainingTime:
    """Return the time of what is left of a plan where a step with ``inputs`` images in the network takes ``step_s``."""
    test_s = FORWARD_SHARE * step_s * len(plan.test) / max(inputs, 1)
    epochs = plan.recipe.epochs
    return TrainingTime(step_s, test_s, plan.steps_per_epoch, epochs - done_epochs, epochs)


class Pace:
    """Times the first steps of a run after a warm-up, and says once how long the run takes."""

    def __init__(self, plan: Plan, done_epochs: int, say: Callable[[str], None] | None) -> None:
        self.plan, self.done_epochs, self.say = plan, done_epochs, say
        self.steps = -WARM_UP_STEPS
        self.began = 0.0

    def step(self, inputs: int) -> None:
        """Note that a step was taken, in which the network saw ``inputs`` images."""
        if self.say is None:
            return
        self.steps += 1
        if self.steps <= 0:
            self.began = time.monotonic()
            return
        elapsed_s = time.monotonic() - self.began
        if self.steps >= MEASURED_STEPS or (elapsed_s >= MEASURED_S and self.steps >= 2):
            time_left = training_time(self.plan, self.done_epochs, elapsed_s / self.steps, inputs)
            self.say(f"time: {time_left.sentence()}")
            self.say = None
