import numpy as np
import pytest
import torch

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.temperature import cross_fitted_temperatures, fit_temperature, mean_nll
from robench.records import records_of


def overconfident(temperature: float, count: int = 4000, seed: int = 0) -> tuple:
    """Return logits that are right when divided by ``temperature``, and labels drawn from those."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (count, 6))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (p.cumsum(1) > random.random((count, 1))).argmax(1)
    return logits * temperature, labels


def test_the_likelihood_is_torchs() -> None:
    logits, labels = overconfident(2.0, 50)
    expected = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits) / 1.7, torch.from_numpy(labels)
    )
    assert mean_nll(logits, labels, 1.7) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_made_up_logits_is_found(temperature: float) -> None:
    assert fit_temperature(*overconfident(temperature)) == pytest.approx(temperature, rel=0.05)


def test_the_optimum_is_where_the_slope_is_nil() -> None:
    logits, labels = overconfident(3.0, 500)
    weight = torch.tensor(1 / fit_temperature(logits, labels), requires_grad=True)
    loss = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits) * weight, torch.from_numpy(labels)
    )
    (slope,) = torch.autograd.grad(loss, weight)
    assert abs(float(slope)) < 1e-5


def test_every_image_gets_a_temperature_of_other_images() -> None:
    logits, labels = overconfident(2.0, 400)
    indices = np.random.default_rng(1).permutation(400)
    found = cross_fitted_temperatures(logits, labels, indices)
    odd = indices % 2 == 1
    assert set(found[~odd]) == {fit_temperature(logits[odd], labels[odd])}
    assert set(found[odd]) == {fit_temperature(logits[~odd], labels[~odd])}


def test_calibration_after_it_comes_from_records_of_divided_logits() -> None:
    logits, labels = overconfident(3.0)
    numbers = np.arange(len(labels))
    divided = logits / cross_fitted_temperatures(logits, labels, numbers)[:, np.newaxis]
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
    with pytest.raises(UndefinedMetricError, match="no images"):
        fit_temperature(logits[:0], np.zeros(0, int))
    logits[3, 1] = np.nan
    with pytest.raises(UndefinedMetricError, match="1 of 20 images have NaN or infinite logits"):
        fit_temperature(logits, logits.argmax(1))
