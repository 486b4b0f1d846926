"""Every corruption of the benchmark against the reference's pixels, on the reference's own draws."""

import numpy as np
import pytest

from corruptions import BENCHMARK, EXTRA, catalogue
from tests.corruptions.golden.reference_pixels import CELLS, assert_same_pixels, cell
from tests.corruptions.reference_draws import ReferenceDraws

# scikit-image's random_noise has a generator of its own.
GENERATOR = {"impulse_noise": np.random.default_rng}


@pytest.mark.parametrize(("preset", "severity"), CELLS)
@pytest.mark.parametrize("name", BENCHMARK + EXTRA)
def test_pixels_of_the_reference(name: str, preset: str, severity: int) -> None:
    images, seeds, expected = cell(name, preset, severity)
    module = catalogue.load(name)
    strength = catalogue.strength(name, severity, preset)
    draws = ()
    if hasattr(module, "sample"):
        random = ReferenceDraws(seeds, GENERATOR.get(name, np.random.RandomState))
        draws = module.sample(random, strength, images)
    assert_same_pixels(module.apply(images, strength, *draws), expected)
