"""Runs of a -P suite compare, too."""

from pathlib import Path

import numpy as np
import pytest

from reports.comparison_text import comparison_text
from robench.comparison import Gate, compare, judge
from tests.scoring.test_perturbation_scores import CIFAR, run_of, steps


def test_flip_probabilities_are_compared_in_pairs(tmp_path: Path) -> None:
    flips = steps(CIFAR)
    fewer = {name: np.maximum(count - 1, 0) for name, count in flips.items()}
    paths = []
    for name, each in (("main", flips), ("branch", fewer)):
        run = run_of(tmp_path / name, CIFAR, each)
        run.info["name"] = name
        run.info["data"]["description"] = "made up"
        run.write_info()
        paths.append(run.path)
    found = compare(paths, resamples=200)
    table = found.differences.set_index(["corruption", "metric"])
    row = table.loc[("tilt", "flip_probability")]
    expected = np.mean((fewer["tilt"] - flips["tilt"]) / 10)
    assert row["difference"] == pytest.approx(expected)
    assert row["low"] <= expected <= row["high"]
    assert (table["test"] == "bootstrap").all()
    assert found.images.empty
    failed, passed = judge(
        found,
        [Gate.parse("mean_flip_probability < -1"), Gate.parse("flip_probability of tilt > 90%")],
    )
    assert failed.failed
    assert not passed.failed
    assert "mean_flip_probability" in comparison_text(found)
