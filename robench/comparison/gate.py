"""A condition that fails a build: ``"mce > +0.5"``, ``"clean_error > 0.09"``.

    SCORE [of CONDITION] OPERATOR NUMBER[%]

SCORE is a metric of the whole suite as in scores.csv (``mce``, ``mean_uce``, ``nll``, ...), or ``clean_error``; ``of
fog-3``, ``of fog`` or ``of clean`` takes that of a condition or of a corruption's severities together. The operator
is > >= < or <=.

* **With a sign** the number is the change against the first run, in percentage points for fractions: ``mce > +0.5``
  fails where the mCE rises by more than half a point, say from 70.0% to 70.6%; ``aurra < -1`` where it falls by more
  than one.
* **Without a sign** it is the value itself, a fraction as in scores.csv, or percent with a %: ``clean_error > 0.09``
  and ``clean_error > 9%`` are the same.

Scores that are no fractions (``nll`` in nats, ``brier_score``) take plain numbers in both forms. A score that a run
does not have, for whatever reason, fails the gate.
"""

import difflib
import operator
import re
from dataclasses import dataclass

import pandas as pd

from robench import suites
from robench.comparison.compared import Comparison
from robench.errors import RobenchError
from robench.scoring import ALL
from robench.scoring.reasons import not_of_a_run_alone

GRAMMAR = 'SCORE [of CONDITION] > NUMBER, such as "mce > +0.5" or "clean_error > 0.09"'
OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
PATTERN = re.compile(
    r"\s*(?P<score>\w+)(?:\s+of\s+(?P<condition>[\w-]+))?\s*(?P<operator>>=|<=|>|<)\s*"
    r"(?P<sign>[+-]?)\s*(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<percent>%?)\s*"
)
ALIASES = {"clean_error": ("error", "clean")}
# Scores that are no fractions -> their unit. Names may have a mean_ before and a difficulty behind.
UNITS = {
    "nll": " nats",
    "brier_score": "",
    "brier_score_per_class": "",
    "confidence_brier_calibration": "",
    "confidence_brier_refinement": "",
    "confidence_log_calibration": " nats",
    "confidence_log_refinement": " nats",
    "top5_distance": "",
    "zipf_distance": "",
}
# Ratios, which can exceed 1.
RATIOS = ("ce", "mce", "relative_ce", "relative_mce", "flip_rate", "mfr", "t5d", "mt5d")


def unit_of(metric: str) -> str | None:
    """Return what is written behind a score that is no fraction, or None for a fraction."""
    return UNITS.get(_base(metric))


def _base(metric: str) -> str:
    return re.sub("_[23]$", "", metric.removeprefix("mean_"))


@dataclass(frozen=True)
class Gate:
    """A condition that must not hold.

    Attributes:
        text: as given.
        metric, corruption, severity: which row of the scores; severity None for a mean over severities.
        operator: a key of ``OPERATORS``.
        threshold: in the score's own unit, fractions for fractions.
        relative: it bounds the difference from the first run.
    """

    text: str
    metric: str
    corruption: str
    severity: int | None
    operator: str
    threshold: float
    relative: bool

    @classmethod
    def parse(cls, text: str) -> "Gate":
        """Read a gate; raise RobenchError naming the grammar for what is none."""
        match = PATTERN.fullmatch(text)
        if not match:
            raise RobenchError(f"--fail-if takes {GRAMMAR}; got {text!r}")
        metric, condition = match["score"], match["condition"] or "all"
        if metric in ALIASES and not match["condition"]:
            metric, condition = ALIASES[metric]
        corruption, severity = _place(condition)
        relative = bool(match["sign"])
        threshold = _threshold(text, metric, match, relative)
        return cls(
            text.strip(), metric, corruption, severity, match["operator"], threshold, relative
        )


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


def _place(condition: str) -> tuple[str, int | None]:
    """Return the corruption and severity of the scores' row."""
    if condition == "clean":
        return "clean", 0
    match = re.fullmatch(r"(\w+)-([1-5])", condition)
    return (match[1], int(match[2])) if match else (condition, None)


def _threshold(text: str, metric: str, match: re.Match[str], relative: bool) -> float:
    number = float(f"{match['sign']}{match['number']}")
    if unit_of(metric) is not None:
        if match["percent"]:
            raise RobenchError(f"--fail-if {text!r}: {metric} is no fraction; write it without %")
        return number
    if relative or match["percent"]:
        return number / 100
    if number > (10 if _base(metric) in RATIOS else 1):
        raise RobenchError(
            f"--fail-if {text!r}: {metric} is a fraction; write {number:g}% or {number / 100:g}"
        )
    return number


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
    condition = (
        gate.corruption if gate.severity in (None, 0) else f"{gate.corruption}-{gate.severity}"
    )
    for key in (gate.metric, f"mean {gate.metric}", f"{gate.metric} of {condition}"):
        if key in scores.refused:
            return scores.refused[key]
    suite = suites.registry().get(str(table["suite"].iloc[0])) if len(table) else None
    needed = not_of_a_run_alone(suite) if suite is not None and gate.corruption == ALL else {}
    return needed.get(gate.metric) or _unknown(gate, table)


def _unknown(gate: Gate, table: pd.DataFrame) -> str:
    known = sorted(set(table[table["corruption"] == gate.corruption]["metric"]))
    if not known:
        return f"nothing of {gate.corruption!r} is scored"
    close = difflib.get_close_matches(gate.metric, [*known, *ALIASES], n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"no such score; {hint}known: {', '.join(known)}"


def _score(gate: Gate) -> str:
    for alias, place in ALIASES.items():
        if place == (gate.metric, gate.corruption):
            return alias
    if gate.corruption == "all":
        return gate.metric
    return f"{gate.metric} of {gate.corruption}" + (f"-{gate.severity}" if gate.severity else "")


def _shown(metric: str, value: float, *, difference: bool = False) -> str:
    unit = unit_of(metric)
    if unit is not None:
        return f"{value:.4f}{unit}"
    return f"{100 * value:.2f} points" if difference else f"{100 * value:.2f}%"
