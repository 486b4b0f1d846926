"""``--baseline RUN``: which runs others can be divided by, and what is kept of them."""

from pathlib import Path

from robench import suites
from robench.errors import RobenchError
from robench.records import Run, open_run
from robench.scoring.baseline import Baseline, check_shared, keep
from robench.scoring.corruption_scores import corruption_divisors
from robench.scoring.missing_conditions import missing
from robench.scoring.perturbation_scores import sequence_divisors
from robench.suites import Condition, Suite


def open_baseline(path: str | Path, suite: Suite) -> Run:
    """Open a run to divide by; raise RobenchError unless it is a finished one of this suite, a -C or -P benchmark."""
    run = open_run(path)
    if not suite.corruptions:
        raise RobenchError(f"--baseline is for -C and -P suites, which {suite.name} is not")
    if run.info["suite"] != suite.name:
        raise RobenchError(
            f"{path} is no baseline of {suite.name}: it is a run of {run.info['suite']}"
        )
    if reason := missing(_needed(suite), run.conditions()):
        raise RobenchError(f"{path} is no baseline of {suite.name} yet: {reason}")
    return run


def divide_by(run: Run, other: Run) -> None:
    """Make another run, as from ``open_baseline``, the baseline that a run is divided by from now on.

    Raises RobenchError when the two are of different images, corruptions or sequences.
    """
    check_shared(run, other)
    suite = suites.registry()[run.info["suite"]]
    values = (
        sequence_divisors(other, suite) if suite.sequences else corruption_divisors(other, suite)
    )
    keep(run, Baseline(other.name, str(other.path), other.info["model"].get("sha256"), values))


def _needed(suite: Suite) -> list[Condition]:
    if suite.sequences:
        return [Condition(name, 0) for name in suite.corruptions]
    return list(suite.conditions())
