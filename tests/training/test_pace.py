"""How long a training is said to take."""

import pytest

from robench.training import pace
from robench.training.pace import Pace, TrainingTime, training_time
from robench.training.plan import make_plan
from tests.training.tiny_problem import tiny_pair


def test_the_time_is_that_of_the_steps_and_the_tests_of_the_epochs_that_are_left() -> None:
    plan = make_plan("augmix", "digits_cnn", tiny_pair(), changes={"batch_size": 16, "epochs": 5})
    # 40 images in batches of 16 are 3 steps; 16 test images cost a third of a step of 48 views, by 16 / 48.
    left = training_time(plan, 2, step_s=9.0, inputs=48)
    assert (left.epochs, left.steps_per_epoch) == (3, 3)
    assert left.test_s == pytest.approx(1.0)
    assert left.of_epochs(left.epochs) == pytest.approx(3 * (3 * 9 + 1))


def test_a_long_run_is_told_with_a_shorter_one_and_how_it_goes_on() -> None:
    long = TrainingTime(1.0, 9.0, 391, epochs=100, planned_epochs=100)
    assert long.sentence() == (
        "about 11 h 7 min for 100 epochs on this machine; --epochs 10 takes 1 h 7 min; "
        "Ctrl-C stops, the same command goes on after the last whole epoch"
    )
    short = TrainingTime(0.01, 0.0, 100, epochs=15, planned_epochs=15)
    assert short.sentence() == "about 15 s for 15 epochs on this machine"
    rest = TrainingTime(0.01, 0.0, 100, epochs=1, planned_epochs=15)
    assert rest.sentence() == "about 1 s for the last epoch of 15 on this machine"


def test_the_time_is_said_once_and_without_the_steps_of_the_warm_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([100.0, 200.0, 300.0, *(300.0 + step for step in range(1, 100))])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    plan = make_plan("standard", "digits_cnn", tiny_pair(), changes={"batch_size": 16})
    said: list[str] = []
    watch = Pace(plan, 0, said.append)
    for _ in range(3 + 10 + 5):
        watch.step(16)
    # After ten seconds; a step takes a second and the test a third of one: 100 epochs of 3 1/3 s.
    assert len(said) == 1
    assert said[0].startswith("time: about 6 min for 100 epochs")
