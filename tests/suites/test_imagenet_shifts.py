"""Test sets without corruptions: which classes count, and how anomalies are scored."""

from pathlib import Path

import numpy as np
import pytest
import torch

from robench import scoring, suites
from robench.errors import RobenchError
from robench.records import Run, records_of, start_run
from robench.suites import CLEAN
from robench.suites.benchmark import open_benchmark
from tests.datasets.wnid_folders import write_condition
from tests.test_records import info

R = suites.registry()["imagenet-r"]


def run_of(path: Path, name: str, logits: torch.Tensor, label: int, **model: object) -> Run:
    """Return a finished run of a suite without corruptions, all images of one label."""
    count = len(logits)
    data = {"manifest_sha256": "", "limit": None, "images": count}
    content = info(suite=name, conditions=["clean"], data=data)
    content["model"] = {**content["model"], **model}
    run = start_run(path, content)
    run.write(CLEAN, records_of(logits, np.full(count, label), np.arange(count)))
    return run


def random_logits(seed: int, count: int = 40) -> torch.Tensor:
    return torch.randn(count, 1000, generator=torch.Generator().manual_seed(seed))


def test_the_description_says_which_classes_count(tmp_path: Path) -> None:
    write_condition(tmp_path / "imagenet-r", ["n01443537/a.jpg", "n01498041/b.jpg"])
    benchmark = open_benchmark(R, tmp_path)
    assert benchmark.description() == "2 images of 2 classes in imagenet-r, among 200 classes"
    assert len(benchmark.full.classes) == 1000
    with pytest.raises(RobenchError, match="has no corruptions, so mode does not apply"):
        open_benchmark(R, tmp_path, mode="folder")


def test_the_error_is_among_the_classes_that_count(tmp_path: Path) -> None:
    logits = random_logits(0)
    logits[:, 1] += 2.5
    logits[:, 0] += 99  # a class that ImageNet-R does not have
    used = list(R.classes_used or ())
    right = (logits[:, used].argmax(1) == used.index(1)).double().mean()
    assert 0 < right < 1
    table = scoring.score(run_of(tmp_path / "r", "imagenet-r", R.of_classes_used(logits), 1)).table
    (error,) = table[table["metric"] == "error"]["value"]
    assert error == pytest.approx(1 - float(right))
    assert set(table["corruption"]) == {"clean"}
    assert not {"uce", "mean_uce", "mce"} & set(table["metric"])


def test_records_over_all_classes_are_not_scored(tmp_path: Path) -> None:
    run = run_of(tmp_path / "r", "imagenet-r", random_logits(0), 1)
    with pytest.raises(RobenchError, match="predictions of clean are none of the 200 classes"):
        scoring.score(run)


def test_anomalies_need_their_reference(tmp_path: Path) -> None:
    suite = suites.registry()["imagenet-o"]
    outside = run_of(tmp_path / "o", "imagenet-o", suite.of_classes_used(random_logits(1)), 1)
    scores = scoring.score(outside)
    assert len(scores.table) == 0
    assert "needs a run of imagenet-o-reference too" in scores.refused["anomaly detection"]


def test_anomalies_are_scored_against_the_reference(tmp_path: Path) -> None:
    suite = suites.registry()["imagenet-o"]
    sure = random_logits(2, 60)
    sure[:, 1] += 30
    outside = run_of(tmp_path / "o", "imagenet-o", suite.of_classes_used(random_logits(1)), 1)
    inside = run_of(tmp_path / "i", "imagenet-o-reference", suite.of_classes_used(sure), 1)
    table = scoring.score_anomalies(outside, inside).table
    values = table.set_index("metric")["value"]
    assert values["auroc_max_softmax"] == values["aupr_max_softmax"] == 1
    assert values["fpr95_energy"] == 0
    assert len(values) == 9
    assert list(table.columns) == list(scoring.COLUMNS)
    assert set(table["n"]) == {100}


def test_runs_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    suite = suites.registry()["imagenet-o"]
    masked = suite.of_classes_used(random_logits(1))
    outside = run_of(tmp_path / "o", "imagenet-o", masked, 1)
    other = run_of(tmp_path / "i", "imagenet-o-reference", masked, 1, sha256="another")
    with pytest.raises(RobenchError, match="are runs of different models"):
        scoring.score_anomalies(outside, other)
    whole = run_of(tmp_path / "whole", "imagenet", random_logits(1), 1)
    outside.info["classes_used"] = list(suite.classes_used or ())
    with pytest.raises(RobenchError, match="over different classes"):
        scoring.score_anomalies(outside, whole)
