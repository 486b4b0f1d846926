import numpy as np
import pandas as pd
import pytest
from scipy import stats

from baselines import published
from baselines.published.normaliser import normaliser
from robench.metrics.error import corruption_errors, relative_corruption_errors
from robench.metrics.intervals import mean_interval, wilson_interval
from robench.metrics.proper_scores import brier, brier_per_class
from robench.records import records_of

ALEXNET_MEANS = published.load("alexnet_imagenet_c").set_index("corruption")["mean"]


def test_alexnet_has_ce_and_relative_ce_of_one_by_definition() -> None:
    baseline, clean = normaliser("alexnet_imagenet_c")
    errors = {name: np.array([value]) for name, value in ALEXNET_MEANS.items()}
    assert all(value == 1 for value in corruption_errors(errors, baseline).values())
    relative = relative_corruption_errors(errors, np.array([0.4348]), baseline, clean)
    assert list(relative.values()) == [pytest.approx(1.0)] * 15


def test_ce_by_hand() -> None:
    errors = {"fog": np.array([0.0, 1.0])}
    assert corruption_errors(errors, {"fog": 0.8})["fog"].tolist() == [0, 1.25]
    clean = np.array([0.0, 0.5])
    relative = relative_corruption_errors(errors, clean, {"fog": 0.8}, 0.3)
    assert relative["fog"].tolist() == [0, 1.0]


def test_brier_is_the_squared_distance_to_the_one_hot_label() -> None:
    import torch

    logits = torch.randn(50, 7, generator=torch.Generator().manual_seed(0)) * 3
    labels = np.arange(50) % 7
    p = torch.softmax(logits.double(), 1).numpy()
    expected = ((p - np.eye(7)[labels]) ** 2).sum(1)
    records = records_of(logits, labels, np.arange(50))
    assert brier(records) == pytest.approx(expected, abs=1e-6)
    assert brier_per_class(records, 7) == pytest.approx(
        ((p - np.eye(7)[labels]) ** 2).mean(1), abs=1e-6
    )
    with pytest.raises(ValueError, match="classes must be at least 1"):
        brier_per_class(records, 0)


@pytest.mark.parametrize("name", ["top5_error", "error"])
def test_top_k_errors_against_scikit_learn(name: str) -> None:
    import torch
    from sklearn.metrics import top_k_accuracy_score

    from robench.metrics import registry

    logits = torch.randn(300, 12, generator=torch.Generator().manual_seed(1))
    labels = np.arange(300) % 12
    records = records_of(logits, labels, np.arange(300))
    expected = 1 - top_k_accuracy_score(
        labels, logits.numpy(), k=5 if name == "top5_error" else 1, labels=np.arange(12)
    )
    assert registry()[name].value(records) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["error", "top5_error", "nll", "brier_score"])
def test_no_images_and_no_numbers_are_refused(name: str) -> None:
    from robench.metrics import UndefinedMetricError, registry

    columns = ["label", "prediction", "label_rank", "nll", "sum_p_squared"]
    table = pd.DataFrame(np.zeros((2, 5)), columns=columns)
    assert np.isfinite(registry()[name].value(table))
    with pytest.raises(UndefinedMetricError, match="no images"):
        registry()[name].value(table.iloc[:0])
    if name in ("nll", "brier_score"):
        with pytest.raises(UndefinedMetricError, match="1 of 2 images have no finite value"):
            registry()[name].value(table.assign(nll=[np.nan, 0.0]))


@pytest.mark.parametrize("wrong", [0, 1, 37, 100])
def test_wilson_against_scipy(wrong: int) -> None:
    expected = stats.binomtest(wrong, 100).proportion_ci(method="wilson")
    assert wilson_interval(wrong, 100) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_interval_of_a_mean_covers_as_promised() -> None:
    random = np.random.default_rng(1)
    draws = random.exponential(1, (2000, 400))
    covered = [low <= 1 <= high for low, high in map(mean_interval, draws)]
    assert 0.93 < np.mean(covered) < 0.97


def test_one_image_has_no_interval() -> None:
    assert np.isnan(mean_interval(np.array([1.0]))).all()


def test_an_error_is_a_share_of_the_images() -> None:
    from robench.metrics import registry

    table = pd.DataFrame({"label": [0, 1, 2, 3], "prediction": [0, 1, 2, 0]})
    assert registry()["error"].value(table) == 0.25


@pytest.mark.parametrize("count", [1, 3, 300, 9_999])
def test_wilsons_ends_hold_what_is_never_and_always_wrong(count: int) -> None:
    assert wilson_interval(0, count)[0] == 0
    assert wilson_interval(count, count)[1] == 1
