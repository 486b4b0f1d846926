import itertools
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.calibration import calibration_curve

from robench.metrics import UndefinedMetricError, draws, registry
from robench.metrics.bootstrap import resample_counts
from robench.metrics.calibration import (
    expected_calibration_error,
    max_calibration_error,
    rms_of_reference,
    rms_over_all_bins,
)
from robench.records import records_of


def records(confidence: np.ndarray, correct: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"confidence": confidence, "label": 0, "prediction": np.where(correct, 0, 1)}
    )


def share_of_right(confidence: np.ndarray, correct: np.ndarray) -> list[float]:
    """Return for each image how many of those that are as sure as it are right, a fraction."""
    alike = defaultdict(list)
    for each, right in zip(confidence.tolist(), correct.tolist(), strict=True):
        alike[each].append(right)
    return [sum(alike[each]) / len(alike[each]) for each in confidence.tolist()]


def by_hand(confidence: np.ndarray, correct: np.ndarray, visited: int | None = None) -> float:
    """Walk the bins of 100 one by one; the last takes the remainder; ``visited`` leaves bins out at the end.

    Images of equal confidence count as their average, but where bins are left out, as in the published code.
    """
    shares = correct.tolist() if visited else share_of_right(confidence, correct)
    pairs = sorted(zip(confidence.tolist(), shares, strict=True), key=lambda pair: pair[0])
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


def with_ties_shared(
    confidence: np.ndarray, correct: np.ndarray, edges: list[int]
) -> list[tuple[int, Fraction]]:
    """Return size and gap of each bin, exactly: of images of equal confidence a bin gets as many as it has places for,
    and of the right ones among them the same part."""
    groups = [
        (
            Fraction(float(value)),
            int((confidence == value).sum()),
            int(correct[confidence == value].sum()),
        )
        for value in np.unique(confidence)
    ]
    bins = []
    for first, last in itertools.pairwise(edges):
        begins, total = 0, Fraction(0)
        for value, images, right in groups:
            share = max(0, min(last, begins + images) - max(first, begins))
            total += share * (value - Fraction(right, images))
            begins += images
        bins.append((last - first, abs(total) / (last - first)))
    return bins


@pytest.mark.parametrize("count", [20, 150, 200, 437, 1000])
@pytest.mark.parametrize("levels", [1, 3, 10])
def test_ties_are_shared_among_the_bins_that_part_them(count: int, levels: int) -> None:
    random = np.random.default_rng(count + levels)
    confidence = random.integers(1, levels + 1, count) / 16 + 0.25
    correct = random.random(count) < confidence**2
    hundreds = [100 * number for number in range(max(1, count // 100))]
    adaptive = with_ties_shared(confidence, correct, [*hundreds, count])
    parts = min(15, count)
    mass = with_ties_shared(confidence, correct, [count * k // parts for k in range(parts + 1)])
    table = records(confidence, correct)
    squares = sum(size * gap**2 for size, gap in adaptive) / count
    assert rms_over_all_bins(table) == pytest.approx(float(squares) ** 0.5, abs=1e-12)
    assert expected_calibration_error(table, equal_mass=True) == pytest.approx(
        float(sum(size * gap for size, gap in mass) / count), abs=1e-12
    )
    assert max_calibration_error(table, equal_mass=True) == pytest.approx(
        float(max(gap for _, gap in mass)), abs=1e-12
    )


def test_right_before_wrong_is_as_wrong_before_right() -> None:
    """Of 300 images that are all equally sure, half are right: 0.71 or 0.50 by the order of the files, before."""
    for correct in (np.repeat([1, 0], 150), np.repeat([0, 1], 150), np.tile([0, 1], 150)):
        assert rms_over_all_bins(records(np.full(300, 1.0), correct)) == pytest.approx(0.5)
    # The published code, which goes by position.
    ordered = records(np.full(300, 0.9), np.repeat([1, 0], 150))
    assert rms_of_reference(ordered) == pytest.approx(((0.1**2 + 0.4**2) / 3) ** 0.5)


@pytest.mark.parametrize("name", sorted({*registry()} - {"rms_calibration_error_reference"}))
def test_no_score_depends_on_the_order_of_the_images(name: str) -> None:
    random = np.random.default_rng(5)
    logits = random.integers(-2, 3, (500, 4)) / 2  # many ties
    labels = random.integers(0, 4, 500)
    table = records_of(torch.from_numpy(logits), labels, np.arange(500))
    counts = resample_counts(np.zeros(500, int), 20)
    value, drawn = registry()[name].value(table), draws(name, table, counts)
    for _ in range(5):
        order = random.permutation(500)
        shuffled = table.iloc[order].reset_index(drop=True)
        assert registry()[name].value(shuffled) == pytest.approx(value, abs=1e-12)
        np.testing.assert_allclose(draws(name, shuffled, counts[:, order]), drawn, atol=1e-12)


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


@pytest.mark.parametrize("equal_mass", [False, True])
def test_fixed_bins_against_scikit_learn(
    sample: tuple[np.ndarray, np.ndarray], equal_mass: bool
) -> None:
    confidence, correct = sample[0].astype(float), sample[1]
    strategy = "quantile" if equal_mass else "uniform"
    accuracy, mean = calibration_curve(correct, confidence, n_bins=15, strategy=strategy)
    if equal_mass:  # its edges are interpolated, so that bins differ by an image or two
        edges = np.quantile(confidence, np.linspace(0, 1, 16))
        tolerance = 30 / len(confidence)
    else:
        edges, tolerance = np.linspace(0, 1, 16), 1e-12
    counts = np.bincount(np.searchsorted(edges[1:-1], confidence), minlength=15)
    gaps = np.abs(accuracy - mean)
    expected = np.sum(gaps * counts[counts > 0]) / len(confidence)
    table = records(*sample)
    assert expected_calibration_error(table, equal_mass=equal_mass) == pytest.approx(
        expected, abs=tolerance
    )
    assert max_calibration_error(table, equal_mass=equal_mass) == pytest.approx(
        gaps.max(), abs=10 * tolerance
    )


def test_fixed_bins_by_hand() -> None:
    # Bins of width 1/15: (4/15, 5/15] holds 0.3 and 1/3, (5/15, 6/15] holds 0.35, the last holds 0.95.
    table = records(np.array([0.3, 5 / 15, 0.35, 0.95]), np.array([1, 0, 0, 1]))
    gaps = [abs((0.3 + 5 / 15) / 2 - 0.5), 0.35, 0.05]
    assert expected_calibration_error(table) == pytest.approx((2 * gaps[0] + gaps[1] + gaps[2]) / 4)
    assert max_calibration_error(table) == pytest.approx(0.35)
    # Four images in 15 bins of equal mass: each by itself.
    assert expected_calibration_error(table, equal_mass=True) == pytest.approx(
        (0.7 + 5 / 15 + 0.35 + 0.05) / 4
    )
    assert max_calibration_error(table, equal_mass=True) == pytest.approx(0.7)


def test_bins_of_equal_mass_hold_equally_many_images() -> None:
    # 30 images in 15 bins of two; only the first bin is off.
    confidence = np.sort(np.random.default_rng(0).uniform(0.9, 1, 30))
    table = records(confidence, np.repeat([0, 1], [2, 28]))
    first = confidence[:2].mean()
    others = 28 - confidence[2:].sum()
    assert expected_calibration_error(table, equal_mass=True) == pytest.approx(
        (2 * first + others) / 30
    )
    assert max_calibration_error(table, equal_mass=True) == pytest.approx(first)


@pytest.mark.parametrize("name", ["rms_calibration_error", "ece", "ece_equal_mass"])
def test_extreme_records(name: str) -> None:
    metric = registry()[name]
    assert metric.value(records(np.array([0.25]), np.array([1]))) == 0.75  # one image
    assert metric.value(records(np.ones(250), np.ones(250))) == 0.0  # all confidences 1, all right
    assert metric.value(records(np.ones(250), np.zeros(250))) == 1.0  # zero correct
    assert metric.value(records(np.ones(200), np.tile([0, 1], 100))) == pytest.approx(0.5)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1, np.inf])
def test_what_is_no_confidence_is_refused_by_name(bad: float) -> None:
    table = records(np.array([0.5, bad]), np.ones(2))
    for name in ("rms_calibration_error", "ece", "max_calibration_error_equal_mass", "aurc"):
        with pytest.raises(UndefinedMetricError, match="1 of 2 images have no confidence"):
            registry()[name].value(table)
