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

import re
from dataclasses import dataclass

from robench.errors import RobenchError

GRAMMAR = 'SCORE [of CONDITION] > NUMBER, such as "mce > +0.5" or "clean_error > 0.09"'
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
        operator: >, >=, < or <=.
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
