import itertools

import numpy as np
import pandas as pd
import pytest

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.selective import area_under_risk_coverage, risk_coverage


def records(confidence: list[float], wrong: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"confidence": confidence, "label": 0, "prediction": wrong})


def by_hand(confidence: list[float], wrong: list[int]) -> float:
    """Answer one image after the other, the surest first, and average the errors so far."""
    ranked = [w for _, w in sorted(zip(confidence, wrong, strict=True), key=lambda pair: -pair[0])]
    return float(np.mean([sum(ranked[:k]) / k for k in range(1, len(ranked) + 1)]))


def test_the_curve_by_hand() -> None:
    curve = risk_coverage(records([0.9, 0.5, 0.7, 0.8], [0, 1, 0, 1]))
    assert curve["coverage"].tolist() == [0.25, 0.5, 0.75, 1]
    assert curve["risk"].tolist() == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])


def test_the_area_against_arithmetic_image_by_image() -> None:
    random = np.random.default_rng(0)
    confidence = random.permutation(400) / 400
    wrong = (random.random(400) > confidence).astype(int)
    expected = by_hand(confidence.tolist(), wrong.tolist())
    assert area_under_risk_coverage(records(confidence, wrong)) == pytest.approx(
        expected, abs=1e-12
    )
    assert registry()["aurra"].value(records(confidence, wrong)) == pytest.approx(1 - expected)


def test_tied_images_count_as_the_mean_over_their_orders() -> None:
    confidence, wrong = [0.9, 0.6, 0.6, 0.6, 0.2], [0, 1, 0, 1, 0]
    areas = [
        by_hand([0.9, 0.6, 0.5, 0.4, 0.2], [0, *order, 0])
        for order in itertools.permutations([1, 0, 1])
    ]
    assert area_under_risk_coverage(records(confidence, wrong)) == pytest.approx(np.mean(areas))


def test_all_confidences_equal_give_the_error() -> None:
    assert area_under_risk_coverage(records([1.0] * 8, [0, 1, 1, 0, 0, 0, 0, 0])) == 0.25


def test_extremes() -> None:
    assert area_under_risk_coverage(records([0.4, 0.9], [1, 1])) == 1
    assert area_under_risk_coverage(records([0.4, 0.9], [0, 0])) == 0
    assert area_under_risk_coverage(records([0.4], [1])) == 1
    with pytest.raises(UndefinedMetricError, match="no images"):
        area_under_risk_coverage(records([], []))
