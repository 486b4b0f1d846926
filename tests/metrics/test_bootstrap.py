"""The bootstrap: what it draws, and that its intervals cover as promised."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.bootstrap import interval, mean_draws, p_value, resample_counts, strata_of
from robench.metrics.class_errors import worst_class_draws
from robench.metrics.intervals import (
    FRACTION,
    NEVER_NEGATIVE,
    UNBOUNDED,
    Bounds,
    mean_interval,
)

RESAMPLED = sorted(name for name, metric in registry().items() if metric.draws is not None)


def made_up_records(count: int, seed: int = 0, decimals: int = 7, classes: int = 5) -> pd.DataFrame:
    """Return records of an overconfident model; few ``decimals`` make ties."""
    random = np.random.default_rng(seed)
    confidence = random.uniform(0.2, 0.99, count).round(decimals).astype(np.float32)
    label = np.arange(count) % classes
    wrong = random.random(count) > confidence**1.5
    return pd.DataFrame(
        {"confidence": confidence, "label": label, "prediction": (label + wrong) % classes}
    )


def test_every_resample_has_as_many_images_as_there_are() -> None:
    counts = resample_counts(np.arange(1000) % 10, 50)
    assert counts.shape == (50, 1000)
    assert (counts.sum(1) == 1000).all()
    assert len(np.unique(counts, axis=0)) == 50


def test_classes_are_resampled_by_themselves() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat([3, 8], [30, 70]))
    counts = resample_counts(labels, 200)
    assert (counts[:, labels == 3].sum(1) == 30).all()
    assert (counts[:, labels == 8].sum(1) == 70).all()


def test_a_class_with_few_images_makes_all_one_stratum() -> None:
    """Resampled by itself, a class of one image would never vary, and its error would look certain."""
    labels = np.repeat([0, 1], [81, 19])
    assert strata_of(labels).tolist() == [0] * 100
    assert np.ptp(resample_counts(labels, 200)[:, labels == 1].sum(1)) > 0
    assert strata_of(np.repeat([5, 9], [80, 20])).tolist() == [0] * 80 + [1] * 20
    single = resample_counts(np.arange(100), 300)
    assert single.std(0).min() > 0.5


def test_counts_are_those_of_drawing_with_replacement() -> None:
    counts = resample_counts(np.zeros(500, int), 2000).astype(float)
    assert counts.mean() == 1
    assert counts.var() == pytest.approx(1 - 1 / 500, rel=0.01)
    assert (counts == 0).mean() == pytest.approx((1 - 1 / 500) ** 500, rel=0.01)
    assert np.abs(counts.mean(0) - 1).max() < 5 / 2000**0.5
    neighbours = np.corrcoef(counts.T)[np.arange(499), np.arange(1, 500)]
    assert np.abs(neighbours.mean() + 1 / 499) < 0.005


def test_draws_depend_on_the_seed_and_the_number_of_the_resample_only() -> None:
    labels = np.arange(300) % 3
    ten, twenty = resample_counts(labels, 10), resample_counts(labels, 20)
    assert (twenty[:10] == ten).all()
    assert (resample_counts(labels, 10, seed=1) != ten).any()


def test_the_same_records_give_the_same_intervals_with_every_version() -> None:
    assert resample_counts(np.zeros(12, int), 2).tolist() == [
        [0, 1, 1, 3, 1, 3, 0, 1, 0, 1, 0, 1],
        [0, 1, 3, 2, 0, 0, 0, 2, 1, 0, 2, 1],
    ]


def test_means_of_resamples_by_hand() -> None:
    values = np.random.default_rng(0).normal(size=(200, 3))
    counts = resample_counts(np.zeros(200, int), 150)  # more than one block
    for resample in (0, 127, 128, 149):
        drawn = np.repeat(values, counts[resample], axis=0)
        assert len(drawn) == 200
        assert mean_draws(counts, values)[resample] == pytest.approx(drawn.mean(0))


@pytest.mark.parametrize("name", RESAMPLED)
@pytest.mark.parametrize(("count", "decimals"), [(3, 7), (150, 1), (437, 7), (1000, 2)])
def test_draws_are_the_metric_of_the_images_drawn(name: str, count: int, decimals: int) -> None:
    """Resample the records for real and compute the metric from its definition."""
    metric = registry()[name]
    records = made_up_records(count, count, decimals)
    counts = resample_counts(records["label"].to_numpy(), 15)
    assert metric.draws is not None
    draws = metric.draws(records, counts)[name]
    for resample, times in enumerate(counts):
        drawn = records.loc[np.repeat(np.arange(count), times)]
        try:
            expected = metric.value(drawn)
        except UndefinedMetricError:
            assert count < 200
            continue
        assert draws[resample] == pytest.approx(expected, abs=1e-9)


def test_the_interval_of_a_mean_is_the_normal_one_for_many_images() -> None:
    values = np.random.default_rng(0).exponential(1, (2000, 1))
    draws = mean_draws(resample_counts(np.zeros(2000, int)), values)[:, 0]
    expected = mean_interval(values[:, 0])
    assert interval(float(values.mean()), draws) == pytest.approx(expected, abs=0.006)


def test_what_does_not_vary_has_no_interval() -> None:
    for values in (np.zeros(50), np.ones(50), np.full(50, 0.1), np.array([0.3])):
        draws = mean_draws(resample_counts(np.zeros(len(values), int), 100), values[:, None])[:, 0]
        assert np.isnan(interval(float(values.mean()), draws)).all()
    assert np.isnan(interval(0.5, np.array([0.4, np.nan, 0.6]))).all()


def test_an_interval_stays_within_the_bounds_of_its_score() -> None:
    draws = np.random.default_rng(0).normal(0.01, 0.02, 500)
    free = interval(0.01, draws)
    assert free[0] < 0
    assert interval(0.01, draws, NEVER_NEGATIVE) == (0, free[1])
    assert interval(0.99, 1 - draws, FRACTION)[1] == 1
    assert interval(0.01, draws, FRACTION.of_differences()) == free
    assert Bounds(0.0).of_differences() == UNBOUNDED
    assert Bounds(0.0, 15.0).of_differences() == (-15, 15)


def test_what_the_bounds_leave_nothing_of_is_no_interval() -> None:
    """Two of a thousand resamples differ: [1, 1] would say that the score is certain."""
    draws = np.ones(1000)
    draws[:2] = 0.9
    assert interval(1.0, draws)[1] > 1
    assert np.isnan(interval(1.0, draws, FRACTION)).all()


def test_a_score_lies_in_its_interval_when_nearly_all_draws_are_alike() -> None:
    """Two models whose worst class is the same: a few resamples have another worst class."""
    draws = np.zeros(1000)
    draws[:10] = 0.1
    assert interval(0.0, draws) == (pytest.approx(-0.001), 0)
    assert p_value(0.0, draws) == 1


def test_p_values_agree_with_the_intervals() -> None:
    random = np.random.default_rng(0)
    for difference in np.linspace(-0.5, 0.5, 41):
        draws = difference + 0.1 + random.normal(size=500) * 0.1  # biased by 0.1
        low, high = interval(difference, draws)
        assert (p_value(difference, draws) < 0.05) == (low > 0 or high < 0)
    assert p_value(0.0, np.zeros(100)) == 1
    assert np.isnan(p_value(0.1, np.full(100, 0.1)))
    assert p_value(5.0, random.normal(5, 0.1, 999)) == 2 / 1000


def test_p_values_are_uniform_where_there_is_no_difference() -> None:
    random = np.random.default_rng(2)
    counts = resample_counts(np.zeros(300, int), 400)
    values = random.binomial(1, 0.3, (300, 400)) - random.binomial(1, 0.3, (300, 400))
    draws = mean_draws(counts, values.astype(float))
    small = [p_value(values[:, k].mean(), draws[:, k]) < 0.05 for k in range(400)]
    assert 0.02 < np.mean(small) < 0.09


def coverage(
    name: str, truth: float, draw: Callable[[int], pd.DataFrame], rounds: int = 200
) -> float:
    """Return how often the interval of 300 resamples holds the truth."""
    covered = 0
    metric = registry()[name]
    for round_ in range(rounds):
        records = draw(round_)
        counts = resample_counts(records["label"].to_numpy(), 300, seed=round_)
        assert metric.draws is not None
        low, high = interval(metric.value(records), metric.draws(records, counts)[name])
        covered += low <= truth <= high
    return covered / rounds


@pytest.mark.parametrize("name", ["rms_calibration_error", "ece", "aurc", "worst_class_error"])
def test_intervals_cover_the_score_of_a_test_set_of_the_same_size(name: str) -> None:
    """The truth is the score's mean over other test sets of the same size."""

    def draw(number: int) -> pd.DataFrame:
        return made_up_records(600, number)

    truth = np.mean([registry()[name].value(draw(10_000 + number)) for number in range(1500)])
    assert 0.90 <= coverage(name, float(truth), draw) <= 0.995


def test_a_class_that_a_resample_misses_does_not_count() -> None:
    records = pd.DataFrame({"label": [0, 1], "prediction": [0, 0]})
    counts = np.array([[2, 0], [0, 2], [1, 1]], np.uint8)
    assert worst_class_draws(records, counts)["worst_class_error"].tolist() == [0, 1, 1]


def test_the_rounding_of_sums_is_no_interval_and_no_difference() -> None:
    noise = 1e-16 * np.random.default_rng(0).integers(-3, 4, 500)
    assert np.isnan(interval(0.0, noise)).all()
    assert np.isnan(interval(1.0, 1 + noise)).all()
    assert p_value(1e-17, noise) == 1
    assert np.isnan(p_value(0.2, 0.2 + noise))
