"""Runs held against gates: which fail, in sentences that say why."""

import difflib
import operator
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from robench import suites
from robench.comparison.compared import Comparison
from robench.comparison.gate import ALIASES, Gate, unit_of
from robench.errors import RobenchError
from robench.scoring import ALL
from robench.scoring.reasons import not_of_a_run_alone
from robench.scoring.suite_scores import SUITE_SCORES

OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
MEANS = {"ce": "mce", "relative_ce": "relative_mce"}


@dataclass(frozen=True)
class Verdict:
    """What a gate says of a run: whether it fails, and the sentence."""

    gate: Gate
    run: str
    failed: bool
    sentence: str


def judge(comparison: Comparison, gates: list[Gate]) -> list[Verdict]:
    """Hold every run but the first against every gate; a single run against those that need no other.

    Raises RobenchError for a change against the first run when there is only one.
    """
    names = comparison.names
    if len(names) == 1:
        for gate in gates:
            if gate.relative:
                raise RobenchError(
                    f"--fail-if {gate.text!r} bounds a change and needs two runs; without a sign it bounds the value"
                )
    judged = names[1:] or names
    return [_verdict(comparison, gate, name) for gate in gates for name in judged]


def _verdict(comparison: Comparison, gate: Gate, name: str) -> Verdict:
    value = _value(comparison, gate, name)
    first = _value(comparison, gate, comparison.names[0]) if gate.relative else 0.0
    for run, found in ((comparison.names[0], first), (name, value)):
        if isinstance(found, str):
            return Verdict(gate, name, True, f"{gate.text}: {run} has no {_score(gate)}: {found}")
    assert not isinstance(value, str)
    assert not isinstance(first, str)
    amount = value - first if gate.relative else value
    # Sums of binary fractions: a change of exactly the threshold must not depend on their last digit.
    amount = gate.threshold if abs(amount - gate.threshold) < 1e-12 else amount
    failed = bool(OPERATORS[gate.operator](amount, gate.threshold))
    sentence = f"{gate.text}: the {_score(gate)} of {name} is {_shown(gate.metric, value)}"
    if gate.relative:
        direction = "above" if amount >= 0 else "below"
        by = _shown(gate.metric, abs(amount), difference=True)
        sentence += f", {by} {direction} the {_shown(gate.metric, first)} of {comparison.names[0]}"
    return Verdict(gate, name, failed, sentence)


def _value(comparison: Comparison, gate: Gate, name: str) -> float | str:
    """Return the gate's score of a run, or why there is none."""
    scores = comparison.scores[name]
    table = scores.table
    severity = (
        table["severity"].isna() if gate.severity is None else table["severity"] == gate.severity
    )
    chosen = table[
        (table["metric"] == gate.metric)
        & (table["corruption"] == gate.corruption)
        & severity.fillna(False).astype(bool)
    ]
    if len(chosen) and pd.notna(chosen["value"].iloc[0]):
        return float(chosen["value"].iloc[0])
    suite_wide = (gate.metric, f"mean {gate.metric}") if gate.corruption == ALL else ()
    for key in (*suite_wide, f"{gate.metric} of {_condition(gate)}"):
        if key in scores.refused:
            return scores.refused[key]
    suite = suites.registry().get(str(table["suite"].iloc[0])) if len(table) else None
    needed = {} if suite is None else not_of_a_run_alone(suite)
    return needed.get(MEANS.get(gate.metric, gate.metric)) or _unknown(gate, table)


def _condition(gate: Gate) -> str:
    """Return what comes after "of"."""
    return f"{gate.corruption}-{gate.severity}" if gate.severity else gate.corruption


def _unknown(gate: Gate, table: pd.DataFrame) -> str:
    """Return why nothing in the scores is meant by the gate, with the closest that there is."""
    of_place = table[table["corruption"] == gate.corruption]
    if of_place.empty and gate.corruption != ALL:
        hint = _closest(gate.corruption, table["corruption"])
        return f"nothing of {gate.corruption!r} is scored; {hint}".rstrip("; ")
    over_severities = of_place["severity"].isna() == (gate.severity is None)
    known = sorted(set(of_place[over_severities]["metric"]))
    if gate.metric not in known and gate.metric in set(of_place["metric"]):
        example = f"{gate.metric} of {gate.corruption}-{of_place['severity'].dropna().max()}"
        return f"it is a score of single conditions, such as {example!r}; over severities there is: {', '.join(known)}"
    names = [*known, *ALIASES, *(SUITE_SCORES if gate.corruption == ALL else ())]
    there = f"known: {', '.join(known)}" if known else f"nothing of {gate.corruption!r} is scored"
    return f"no such score; {_closest(gate.metric, names)}{there}"


def _closest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(set(known)), n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def _score(gate: Gate) -> str:
    for alias, place in ALIASES.items():
        if place == (gate.metric, gate.corruption):
            return alias
    if gate.corruption == "all":
        return gate.metric
    return f"{gate.metric} of {_condition(gate)}"


def _shown(metric: str, value: float, *, difference: bool = False) -> str:
    unit = unit_of(metric)
    if unit is not None:
        return f"{value:.4f}{unit}"
    return f"{100 * value:.2f} points" if difference else f"{100 * value:.2f}%"
