"""Effective robustness: is a model more robust than its clean error alone would lead one to expect?

Across models without robustness interventions, the accuracy on a shifted test set is close to a line in the accuracy
on clean images once both are logit-transformed. A model's effective robustness is its accuracy on the shifted images
minus the line's at its clean accuracy: positive above the line, a fraction.

The line is stated with every number: which models it was fitted to, on which test set. A line fitted to one kind of
measurement says nothing about another (other images, another crop).

Source: Taori et al. 2020, "Measuring Robustness to Natural Distribution Shifts in Image Classification", section 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from robench.metrics.bootstrap import Draws
from robench.metrics.metric import UndefinedMetricError


@dataclass(frozen=True)
class Line:
    """logit(shifted accuracy) = intercept + slope * logit(clean accuracy).

    Attributes:
        slope, intercept: of the least-squares fit.
        models: how many it was fitted to.
        residual: root mean square of the models' own effective robustness, a fraction: how much is ordinary.
        origin: which models on which test set.
    """

    slope: float
    intercept: float
    models: int
    residual: float
    origin: str

    def expected_error(self, clean_error: float) -> float:
        """Return the shifted error that the line gives for a clean error; fractions strictly between 0 and 1."""
        return float(1 - expit(self.intercept + self.slope * _logit_accuracy(clean_error)))

    def sentence(self) -> str:
        """Return which line it is, in words."""
        sign = "+" if self.slope >= 0 else "-"
        return (
            f"logit(accuracy) = {self.intercept:.3f} {sign} {abs(self.slope):.3f} logit(clean accuracy), fitted to "
            f"{self.origin}, which lie within {100 * self.residual:.2f} points (RMS) of it"
        )


def fit_line(clean_errors: ArrayLike, shifted_errors: ArrayLike, origin: str) -> Line:
    """Fit the line to models' errors, fractions (M,), by least squares in the logits.

    Raises UndefinedMetricError for fewer than three models, equal clean errors, and errors of 0 or 1.
    """
    x, y = _logit_accuracy(clean_errors), _logit_accuracy(shifted_errors)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"an error of each kind per model, got {x.shape} and {y.shape}")
    if len(x) < 3 or np.ptp(x) == 0:
        raise UndefinedMetricError(
            f"a line needs three models of different clean errors, got {len(x)}"
        )
    slope, intercept = np.polyfit(x, y, 1)
    misses = expit(y) - expit(intercept + slope * x)
    residual = float(np.sqrt(np.mean(misses**2)))
    return Line(float(slope), float(intercept), len(x), residual, origin)


def effective_robustness(clean_error: float, shifted_error: float, line: Line) -> float:
    """Return how much more accurate on shifted images a model is than the line says, a fraction.

    Raises UndefinedMetricError for errors of 0 or 1, whose logit is infinite.
    """
    _logit_accuracy(shifted_error)
    return line.expected_error(clean_error) - shifted_error


def effective_robustness_draws(clean: Draws, shifted: Draws, line: Line) -> Draws:
    """Return it on each resample, (resamples,), of the errors on each; NaN where a clean error is 0 or 1.

    The line is held fixed: the draws say how sure the model's place is, not how sure the line is.
    """
    with np.errstate(divide="ignore"):
        expected = 1 - expit(line.intercept + line.slope * logit(1 - clean))
    return np.where((clean > 0) & (clean < 1), expected - shifted, np.nan)


def _logit_accuracy(errors: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(errors, np.float64)
    if not ((values > 0) & (values < 1)).all():
        raise UndefinedMetricError(
            "needs errors strictly between 0 and 1: the logit of others is infinite"
        )
    return np.asarray(logit(1 - values))
