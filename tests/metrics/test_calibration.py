import numpy as np
import pandas as pd
import pytest

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.calibration import rms_of_reference, rms_over_all_bins


def records(confidence: np.ndarray, correct: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"confidence": confidence, "label": 0, "prediction": np.where(correct, 0, 1)}
    )


def by_hand(confidence: np.ndarray, correct: np.ndarray, visited: int | None = None) -> float:
    """Walk the bins of 100 one by one; the last takes the remainder; ``visited`` leaves bins out at the end."""
    pairs = sorted(
        zip(confidence.tolist(), correct.tolist(), strict=True), key=lambda pair: pair[0]
    )
    bins = [pairs[i * 100 : (i + 1) * 100] for i in range(len(pairs) // 100)]
    bins[-1] += pairs[len(bins) * 100 :]
    total = 0.0
    for part in bins[:visited]:
        gap = sum(c for c, _ in part) / len(part) - sum(k for _, k in part) / len(part)
        total += len(part) / len(pairs) * gap**2
    return total**0.5


@pytest.fixture(params=[200, 1000, 1099, 5437])
def sample(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(request.param)
    confidence = random.uniform(0.1, 1, request.param).astype(np.float32)
    return confidence, random.random(request.param) < confidence**2


def test_all_bins_against_arithmetic_bin_by_bin(sample: tuple[np.ndarray, np.ndarray]) -> None:
    assert rms_over_all_bins(records(*sample)) == pytest.approx(by_hand(*sample), abs=1e-9)


def test_the_reference_leaves_out_its_most_confident_bin(
    sample: tuple[np.ndarray, np.ndarray],
) -> None:
    assert rms_of_reference(records(*sample)) == pytest.approx(by_hand(*sample, -1), abs=1e-9)


def test_confident_and_always_wrong_is_one() -> None:
    assert rms_over_all_bins(records(np.ones(250), np.zeros(250))) == 1.0


def test_the_most_confident_images_count() -> None:
    """All the miscalibration sits in the last bin: the definition sees it, the published code does not."""
    confidence = np.concatenate([np.full(900, 0.5), np.full(100, 1.0)])
    correct = np.concatenate([np.tile([0, 1], 450), np.zeros(100)])
    assert rms_over_all_bins(records(confidence, correct)) == pytest.approx(0.1**0.5)
    assert rms_of_reference(records(confidence, correct)) == 0.0


def test_ties_are_kept_in_the_order_of_the_images() -> None:
    """Equal confidences fall into bins by position, so that the number is the same on every machine."""
    correct = np.repeat([1, 0], 150)
    bins = [(0.9 - 1.0) ** 2, (0.9 - 0.5) ** 2, (0.9 - 0.0) ** 2]
    assert rms_over_all_bins(records(np.full(300, 0.9), correct)) == pytest.approx(
        (sum(bins) / 3) ** 0.5
    )


def test_a_perfectly_calibrated_model_still_scores_about_0_024_at_10_000_images() -> None:
    random = np.random.default_rng(0)
    confidence = random.uniform(0.8, 1, 10_000)
    values = [
        rms_over_all_bins(records(confidence, random.random(10_000) < confidence))
        for _ in range(20)
    ]
    assert 0.02 < np.mean(values) < 0.035


def test_too_few_images_are_refused_by_the_reference_and_by_name() -> None:
    few = records(np.full(199, 0.9), np.ones(199))
    assert rms_over_all_bins(few) == pytest.approx(0.1)
    with pytest.raises(UndefinedMetricError, match="needs at least 200 images"):
        rms_of_reference(few)
    with pytest.raises(UndefinedMetricError, match="no images"):
        registry()["rms_calibration_error"].value(few.iloc[:0])
