import numpy as np
import pytest
from scipy.special import expit

from robench.metrics import UndefinedMetricError
from robench.metrics.effective_robustness import effective_robustness, fit_line

X = np.array([0.5, 1.0, 2.0])  # logits of clean accuracies


def test_models_on_a_line_have_none() -> None:
    line = fit_line(1 - expit(X), 1 - expit(0.8 * X - 0.3), "three made-up models")
    assert (line.slope, line.intercept) == pytest.approx((0.8, -0.3))
    assert line.residual == pytest.approx(0, abs=1e-12)
    assert line.models == 3
    assert line.expected_error(float(1 - expit(1.5))) == pytest.approx(1 - expit(0.9))


def test_by_hand() -> None:
    line = fit_line(1 - expit(X), 1 - expit(X - 1), "three made-up models")
    # A clean accuracy of 0.8 has the odds 4; the line divides the odds by e.
    expected = (4 / np.e) / (1 + 4 / np.e)
    assert effective_robustness(0.2, 0.3, line) == pytest.approx(0.7 - expected)


def test_what_has_no_line_is_refused() -> None:
    with pytest.raises(UndefinedMetricError, match="needs three models"):
        fit_line([0.1, 0.2], [0.3, 0.4], "two")
    with pytest.raises(UndefinedMetricError, match="of different clean errors"):
        fit_line([0.1] * 3, [0.3, 0.4, 0.5], "equals")
    line = fit_line(1 - expit(X), 1 - expit(X - 1), "three made-up models")
    for errors in ((0.0, 0.5), (0.5, 1.0), (float("nan"), 0.5)):
        with pytest.raises(UndefinedMetricError, match="strictly between 0 and 1"):
            effective_robustness(*errors, line)
    with pytest.raises(ValueError, match="an error of each kind per model"):
        fit_line([0.1, 0.2, 0.3], [0.1, 0.2], "unequal")
