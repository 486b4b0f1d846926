import numpy as np
import pytest
import torch

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.temperature import (
    BLOCK,
    FOLDS,
    cross_fitted_temperatures,
    fit_temperature,
    folds_of,
)
from robench.records import records_of

# (index x 2654435761 mod 2^32) x 10 / 2^32, by hand
TENTHS = [0, 6, 2, 8, 7, 0]


def overconfident(temperature: float, count: int = 4000, seed: int = 0) -> tuple:
    """Return logits that are right when divided by ``temperature``, and labels drawn from those."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (count, 6))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (p.cumsum(1) > random.random((count, 1))).argmax(1)
    return logits * temperature, labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_made_up_logits_is_found(temperature: float) -> None:
    assert fit_temperature(*overconfident(temperature)) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("count", [500, BLOCK + 500])
def test_the_optimum_is_where_torchs_slope_is_nil(count: int) -> None:
    logits, labels = overconfident(3.0, count)
    weight = torch.tensor(
        1 / fit_temperature(logits, labels), dtype=torch.float64, requires_grad=True
    )
    loss = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits) * weight, torch.from_numpy(labels)
    )
    (slope,) = torch.autograd.grad(loss, weight)
    assert abs(float(slope)) < 1e-9


def test_every_tenth_gets_the_temperature_of_the_others() -> None:
    logits, labels = overconfident(2.0, 400)
    indices = np.random.default_rng(1).permutation(400)
    found = cross_fitted_temperatures(logits, labels, indices)
    assert found.shape == (FOLDS,)
    for fold in range(FOLDS):
        others = folds_of(indices) != fold
        assert found[fold] == fit_temperature(logits[others], labels[others])
    assert len(set(found)) == FOLDS


@pytest.mark.parametrize("step", [1, 2, 10, 50])
def test_tenths_are_even_whatever_order_the_images_are_in(step: int) -> None:
    sizes = np.bincount(folds_of(np.arange(0, 10_000 * step, step)), minlength=FOLDS)
    assert sizes.min() > 950
    assert sizes.max() < 1050


def test_the_tenth_of_an_image_stays_what_it_is() -> None:
    """Runs that were made with it are continued and compared."""
    assert folds_of(np.array([0, 1, 2, 3, 9999, 49_999])).tolist() == TENTHS
    assert folds_of(np.array([3], np.int32)).tolist() == TENTHS[3:4]


def test_calibration_after_it_comes_from_records_of_divided_logits() -> None:
    logits, labels = overconfident(3.0)
    numbers = np.arange(len(labels))
    temperatures = cross_fitted_temperatures(logits, labels, numbers)[folds_of(numbers)]
    divided = logits / temperatures[:, np.newaxis]
    before, after = (
        records_of(torch.from_numpy(each), labels, numbers) for each in (logits, divided)
    )
    assert (before["prediction"] == after["prediction"]).all()
    ece = registry()["ece"].value
    assert ece(before) > 0.15
    assert ece(after) < 0.04


def test_what_has_no_temperature_is_refused() -> None:
    logits, _ = overconfident(1.0, 20)
    with pytest.raises(UndefinedMetricError, match="they are all classified right"):
        fit_temperature(logits, logits.argmax(1))
    with pytest.raises(UndefinedMetricError, match="or the logits say nothing of the labels"):
        fit_temperature(logits, logits.argmin(1))
    with pytest.raises(UndefinedMetricError, match="no images"):
        fit_temperature(logits[:0], np.zeros(0, int))
    logits[3, 1] = np.nan
    with pytest.raises(UndefinedMetricError, match="1 of 20 images have NaN or infinite logits"):
        fit_temperature(logits, logits.argmax(1))
