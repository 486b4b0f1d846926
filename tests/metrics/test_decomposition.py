import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from robench.metrics import UndefinedMetricError
from robench.metrics.decomposition import decompose


def records(confidence: np.ndarray, correct: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"confidence": confidence, "label": 0, "prediction": np.where(correct, 0, 1)}
    )


@pytest.mark.parametrize("decimals", [7, 1])
def test_against_scikit_learn(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    confidence = random.uniform(0.2, 0.95, 500).round(decimals)
    correct = (random.random(500) < confidence**2).astype(int)
    fitted = IsotonicRegression(y_min=0, y_max=1).fit_transform(confidence, correct)
    losses = {
        "brier": (brier_score_loss(correct, confidence), brier_score_loss(correct, fitted)),
        "log": (log_loss(correct, confidence), log_loss(correct, fitted, labels=[0, 1])),
    }
    for score, (whole, refinement) in losses.items():
        parts = decompose(records(confidence, correct), score)
        assert parts.score == pytest.approx(whole, abs=1e-9)
        assert parts.refinement == pytest.approx(refinement, abs=1e-9)
        assert parts.calibration == pytest.approx(whole - refinement, abs=1e-9)
        assert parts.calibration > 0


def test_by_hand() -> None:
    # 0.9 is right once in two, 0.6 twice in two: isotonic pools all to 3/4.
    parts = decompose(records(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1, 0, 1, 1])), "brier")
    assert parts.score == pytest.approx((0.1**2 + 0.9**2 + 2 * 0.4**2) / 4)
    assert parts.refinement == pytest.approx(3 / 4 * 1 / 4)


@pytest.mark.parametrize("score", ["brier", "log"])
def test_a_calibrated_forecast_has_no_calibration_loss(score: str) -> None:
    confidence = np.repeat([0.25, 0.75], 4)
    correct = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    assert decompose(records(confidence, correct), score).calibration == pytest.approx(0, abs=1e-15)


def test_extremes() -> None:
    sure = decompose(records(np.ones(5), np.ones(5)), "log")
    assert (sure.score, sure.calibration, sure.refinement) == (0, 0, 0)
    never_right = decompose(records(np.full(5, 0.8), np.zeros(5)), "brier")
    assert never_right.refinement == 0
    assert never_right.calibration == pytest.approx(0.64)
    tied = decompose(records(np.ones(4), np.array([1, 1, 0, 0])), "brier")
    assert (tied.score, tied.refinement) == (0.5, 0.25)
    with pytest.raises(
        UndefinedMetricError, match="2 of 4 predictions are wrong with confidence 1"
    ):
        decompose(records(np.ones(4), np.array([1, 1, 0, 0])), "log")
    with pytest.raises(UndefinedMetricError, match="no images"):
        decompose(records(np.ones(0), np.ones(0)), "brier")
    with pytest.raises(ValueError, match="score must be one of brier, log"):
        decompose(records(np.ones(1), np.ones(1)), "crps")
