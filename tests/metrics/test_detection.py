"""Anomaly detection against arithmetic done by hand, and its laws."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from robench import metrics
from robench.metrics import UndefinedMetricError
from robench.metrics.detection import (
    SURENESS,
    anomaly_score,
    aupr,
    auroc,
    curve,
    detection_scores,
    fpr95,
)
from robench.records import records_of

INSIDE = np.array([1.0, 2.0, 3.0, 4.0])
OUTSIDE = np.array([3.0, 5.0])


def test_auroc_by_hand() -> None:
    # Of the 8 pairs, 5 beats 4 inside; 3 beats 1 and 2, ties with 3 and loses to 4.
    assert auroc(INSIDE, OUTSIDE) == pytest.approx((4 + 2 + 0.5) / 8)


def test_aupr_by_hand() -> None:
    # Outside, from the highest score: 5 (precision 1, recall 1/2), then 4, then the tied 3s (precision 2/4, recall 1).
    assert aupr(INSIDE, OUTSIDE) == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)
    # Inside, from the lowest: 1, 2 (precision 1), the tied 3s (3/4), 4 (4/5), each a quarter of the recall.
    assert aupr(INSIDE, OUTSIDE, "inside") == pytest.approx((1 + 1 + 3 / 4 + 4 / 5) / 4)


def test_fpr95_by_hand() -> None:
    # Both outside images are found from 3 up, as are 3 and 4 of the inside ones.
    assert fpr95(INSIDE, OUTSIDE) == 2 / 4
    # All four inside images are found from 4 down, as is 3 of the outside ones.
    assert fpr95(INSIDE, OUTSIDE, "inside") == 1 / 2


def test_fpr95_finds_exactly_95_percent_where_it_can() -> None:
    outside = np.arange(100.0)
    inside = np.array([3.5, 4.0, 4.5, 5.0, 5.5])
    # 95 of 100 are found from 5 up: two inside images are too.
    assert fpr95(inside, outside) == 2 / 5
    # With 101 images 95% is 95.95, so 96 must be found: those from 5 up.
    assert fpr95(inside, np.arange(101.0)) == 2 / 5


def table(confidence: list[float], max_logit: list[float], logsumexp: list[float]) -> pd.DataFrame:
    columns = {"confidence": confidence, "max_logit": max_logit, "logsumexp": logsumexp}
    return pd.DataFrame(columns).astype(np.float32)


def test_the_three_scores_come_from_their_columns() -> None:
    records = table([0.9, 0.5], [3.0, 7.0], [4.0, 8.0])
    assert anomaly_score(records, "max_softmax").tolist() == pytest.approx([-0.9, -0.5])
    assert anomaly_score(records, "max_logit").tolist() == [-3, -7]
    assert anomaly_score(records, "energy").tolist() == [-4, -8]


def test_the_scores_are_those_of_the_logits() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.1, 0.0, 0.2]])
    records = records_of(logits, np.array([0, 1]), np.array([0, 1]))
    expected = {
        "max_softmax": logits.softmax(1).amax(1),
        "max_logit": logits.amax(1),
        "energy": logits.exp().sum(1).log(),
    }
    for name in SURENESS:
        np.testing.assert_allclose(anomaly_score(records, name), -expected[name], rtol=1e-6)


def random_pair() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.normal(size=300).round(1), random.normal(1, size=200).round(1)


def test_perfect_useless_and_inverted_scores() -> None:
    low, high = np.zeros(40), np.ones(20)
    assert (auroc(low, high), aupr(low, high), fpr95(low, high)) == (1, 1, 0)
    assert (auroc(high, low), fpr95(high, low)) == (0, 1)
    same = np.zeros(20)
    assert (auroc(low, same), aupr(low, same), fpr95(low, same)) == (0.5, pytest.approx(1 / 3), 1)


def test_only_the_order_of_the_scores_counts() -> None:
    inside, outside = random_pair()
    for metric in (auroc, aupr, fpr95):
        assert metric(np.exp(inside), np.exp(outside)) == metric(inside, outside)


def test_naming_the_other_side_positive_mirrors_everything() -> None:
    inside, outside = random_pair()
    assert auroc(-outside, -inside) == pytest.approx(auroc(inside, outside))
    for metric in (aupr, fpr95):
        assert metric(-outside, -inside, "inside") == metric(inside, outside)
    assert aupr(inside, outside, "inside") != aupr(inside, outside)


def test_a_pair_of_records_gives_a_tidy_table() -> None:
    inside = table([0.99, 0.9, 0.8], [9.0, 8.0, 7.0], [9.1, 8.1, 7.1])
    outside = table([0.7, 0.95], [2.0, 3.0], [2.1, 3.1])
    scores = detection_scores(inside, outside).set_index(["score", "metric"])
    assert len(scores) == 9
    assert scores.value["energy", "auroc"] == 1
    assert scores.value["max_softmax", "auroc"] == pytest.approx(4 / 6)
    assert set(scores.positive) == {"outside"}
    assert set(scores.n_inside) == {3}
    assert set(scores.n_outside) == {2}
    assert detection_scores(inside, outside, "inside").positive.unique().tolist() == ["inside"]


def test_no_images_and_no_numbers_are_no_score() -> None:
    good = table([0.5], [1.0], [1.0])
    with pytest.raises(UndefinedMetricError, match="no images"):
        detection_scores(good, good.iloc[:0])
    with pytest.raises(UndefinedMetricError, match="1 of 1 images have no finite max_logit"):
        detection_scores(good, table([0.5], [float("nan")], [1.0]))
    with pytest.raises(ValueError, match="positive must be one of outside, inside"):
        aupr(INSIDE, OUTSIDE, "out")


def test_metrics_of_pairs_are_not_metrics_of_a_condition() -> None:
    assert not {"auroc", "aupr", "fpr95"} & set(metrics.registry())


@pytest.mark.parametrize("positive", ["outside", "inside"])
def test_the_areas_are_scikit_learns(positive: str) -> None:
    for seed, digits in ((0, 1), (1, 0), (2, 15)):  # with ties, with many, without
        random = np.random.default_rng(seed)
        inside = random.normal(size=300).round(digits)
        outside = random.normal(1, size=170).round(digits)
        scores = np.concatenate([inside, outside])
        truth = np.repeat([0, 1], [300, 170])
        assert auroc(inside, outside) == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
        if positive == "inside":
            truth, scores = 1 - truth, -scores
        expected = average_precision_score(truth, scores)
        assert aupr(inside, outside, positive) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("positive", ["outside", "inside"])
def test_an_image_that_counts_twice_is_there_twice(positive: str) -> None:
    inside, outside = random_pair()
    random = np.random.default_rng(3)
    counts = random.integers(0, 4, (5, 500))
    found = curve(inside, outside, positive, counts)
    for row, times in enumerate(counts):
        sides = np.repeat(inside, times[:300]), np.repeat(outside, times[300:])
        repeated = curve(*sides, positive)
        for metric in ("auroc", "aupr", "fpr95"):
            expected = getattr(repeated, metric)()[0]
            assert getattr(found, metric)()[row] == pytest.approx(expected, abs=1e-12)


def delong_interval(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
    """Return the 95% interval of AUROC of DeLong et al. 1988, from the variance of each side's mean wins."""
    wins = (outside[:, None] > inside) + 0.5 * (outside[:, None] == inside)
    variance = wins.mean(1).var(ddof=1) / len(outside) + wins.mean(0).var(ddof=1) / len(inside)
    half = 1.96 * variance**0.5
    return wins.mean() - half, wins.mean() + half


def test_the_interval_of_auroc_is_near_delongs() -> None:
    random = np.random.default_rng(4)
    inside = table(*[(-random.normal(size=400)).tolist()] * 3)
    outside = table(*[(-random.normal(1, size=150)).tolist()] * 3)
    scores = detection_scores(inside, outside).set_index(["score", "metric"])
    expected = delong_interval(*(anomaly_score(each, "energy") for each in (inside, outside)))
    found = scores.loc[("energy", "auroc"), ["low", "high"]]
    assert found.tolist() == pytest.approx(expected, abs=0.01)
    assert (scores["low"] <= scores["value"]).all()
    assert (scores["value"] <= scores["high"]).all()
    assert scores.equals(detection_scores(inside, outside).set_index(["score", "metric"]))
