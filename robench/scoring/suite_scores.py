"""What the scores of a corruption, a sequence or a whole suite are called, beside the metrics of single conditions.

Each says between what it lies, as the metrics do: no interval reaches beyond.
"""

from typing import NamedTuple

from robench import metrics
from robench.metrics.detection import METRICS_OF_PAIRS, SURENESS
from robench.metrics.intervals import FRACTION, NEVER_NEGATIVE, UNBOUNDED, Bounds
from robench.metrics.perturbation import SEQUENCE_METRICS, STEPS, suffix

EFFECTIVE = "effective_robustness"
# The Brier score as some papers print it. No metric of records, which do not say how many classes there are.
BRIER_PER_CLASS = "brier_score_per_class"


class SuiteScore(NamedTuple):
    """A score's definition in one line, for ``robench list``, and between what it lies."""

    summary: str
    bounds: Bounds


SUITE_SCORES = {
    "uce": SuiteScore("error of a corruption, averaged over its severities", FRACTION),
    "mean_uce": SuiteScore(
        "uce averaged over the corruptions: CIFAR's mean corruption error, not normalised", FRACTION
    ),
    "ce": SuiteScore(
        "uce divided by a baseline's: AlexNet's on ImageNet-C, else that of --baseline RUN",
        NEVER_NEGATIVE,
    ),
    "mce": SuiteScore("ce averaged over the corruptions", NEVER_NEGATIVE),
    "relative_ce": SuiteScore(
        "what uce adds to the clean error, divided by what it adds to the baseline's", UNBOUNDED
    ),
    "relative_mce": SuiteScore("relative_ce averaged over the corruptions", UNBOUNDED),
    **{
        f"mean_{name}": SuiteScore(f"{name} averaged over the sequences", metric.bounds)
        for name, metric in SEQUENCE_METRICS.items()
    },
    "flip_rate": SuiteScore("flip_probability divided by that of --baseline RUN", NEVER_NEGATIVE),
    "mfr": SuiteScore("flip_rate averaged over the sequences", NEVER_NEGATIVE),
    "t5d": SuiteScore("top5_distance divided by that of --baseline RUN", NEVER_NEGATIVE),
    "mt5d": SuiteScore("t5d averaged over the sequences", NEVER_NEGATIVE),
    EFFECTIVE: SuiteScore(
        "accuracy on corrupted images above what compare --line expects of the clean accuracy",
        FRACTION.of_differences(),
    ),
}
ANOMALY_SCORES = {
    f"{metric}_{score}": SuiteScore(f"{metric.upper()} of telling anomalies by {score}", FRACTION)
    for metric in METRICS_OF_PAIRS
    for score in SURENESS
}
_OF_SEQUENCES = {
    f"{mean}{name}{suffix(step)}": metric.bounds
    for name, metric in SEQUENCE_METRICS.items()
    for step in STEPS
    for mean in ("", "mean_")
}


def bounds_of(score: str) -> Bounds:
    """Return between what a score of scores.csv lies; raise RobenchError for what is none."""
    if score == BRIER_PER_CLASS:
        return FRACTION  # 2 / classes, of two or more
    if score in _OF_SEQUENCES:
        return _OF_SEQUENCES[score]
    if (known := SUITE_SCORES.get(score) or ANOMALY_SCORES.get(score)) is not None:
        return known.bounds
    return metrics.registry()[score].bounds
