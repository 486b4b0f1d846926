"""Metrics that are scored where they are asked for, and the names of all scores."""

from pathlib import Path

import numpy as np
import pytest

from robench import scoring
from robench.errors import RobenchError
from robench.metrics import registry
from robench.metrics.decomposition import decompose
from robench.scoring.suite_scores import SUITE_SCORES
from robench.suites import Condition
from tests.scoring.test_corruption_scores import CIFAR, run_of, steps, value


def test_every_score_has_a_definition(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    other = run_of(tmp_path / "other", CIFAR, steps(CIFAR))
    run.info["model"] = {**run.info["model"], "num_classes": 10}
    scoring.write_scores(run, scoring.open_baseline(other.path, CIFAR))
    found = set(scoring.score(run, 2, ["all"]).table["metric"])
    assert {"mce", "brier_score_per_class"} <= found
    assert found <= {*registry(), *SUITE_SCORES, *scoring.on_request()}


def test_metrics_on_request(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    name = "confidence_brier_refinement"
    without, found = (scoring.score(run, 50, also) for also in ((), (name,)))
    assert name not in set(without.table["metric"])
    chosen = found.table[found.table["metric"] == name]
    assert len(chosen) == 77  # every condition, and the mean of the corrupted ones
    of_conditions = chosen[chosen["corruption"] != "clean"]["value"]
    assert of_conditions.iloc[-1] == pytest.approx(of_conditions.iloc[:-1].mean())
    fog = run.read(Condition("fog", 3))
    of_fog = chosen[(chosen["corruption"] == "fog") & (chosen["severity"] == 3)]["value"]
    assert of_fog.iloc[0] == decompose(fog, "brier").refinement
    assert value(found, "mean_uce", "all") == value(without, "mean_uce", "all")


def test_the_brier_score_per_class(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    run.info["model"] = {**run.info["model"], "num_classes": 10}
    found = scoring.score(run, 100, ["brier_score_per_class"]).table.set_index("metric")
    summed, divided = found.loc["brier_score"], found.loc["brier_score_per_class"]
    assert len(summed) == len(divided) == 77
    for column in ("value", "low", "high"):
        np.testing.assert_allclose(divided[column], summed[column] / 10, atol=2e-6)


def test_unknown_metrics_on_request_are_refused(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    with pytest.raises(RobenchError, match="did you mean 'brier_score_per_class'"):
        scoring.score(run, also=["brier_per_class"])
    assert scoring.score(run, 2, also=["ece"]).refused == {}  # it is there anyway
