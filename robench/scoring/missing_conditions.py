"""Why a mean is refused: the conditions that are not stored, by name."""

from collections.abc import Collection, Sequence

from robench.suites import CLEAN, Condition, Suite


def missing(wanted: Sequence[Condition], stored: Collection[Condition]) -> str | None:
    """Return how many of the conditions are not stored and which, or None when all are."""
    absent = [condition for condition in wanted if condition not in stored]
    if not absent:
        return None
    return f"{len(absent)} of {len(wanted)} conditions missing ({_some(absent)})"


def incomplete(suite: Suite, stored: Collection[Condition]) -> str:
    """Return why a mean over the whole suite is refused."""
    wanted = [condition for condition in suite.conditions() if condition != CLEAN]
    return f"{missing(wanted, stored)}; evaluate them into the same run to have it"


def _some(conditions: Sequence[Condition], shown: int = 3) -> str:
    names = ", ".join(map(str, conditions[:shown]))
    return names + (", ..." if len(conditions) > shown else "")
