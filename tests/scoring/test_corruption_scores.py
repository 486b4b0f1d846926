"""Scores from made-up records whose every mean is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from baselines import published
from reports.evidence import read_evidence
from robench import scoring, suites
from robench.errors import RobenchError
from robench.records import Run, records_of, start_run
from robench.scoring.aggregates import aggregates
from robench.suites import CLEAN, Condition, Suite
from tests.test_records import info

IMAGES = 1000
CIFAR = suites.registry()["cifar-10-c"]
IMAGENET = suites.registry()["imagenet-c"]


def records(wrong: int) -> pd.DataFrame:
    """Return records of which the first ``wrong`` are wrong."""
    labels = np.arange(IMAGES) % 10
    predictions = np.where(np.arange(IMAGES) < wrong, (labels + 1) % 10, labels)
    logits = torch.nn.functional.one_hot(torch.from_numpy(predictions), 10).float() * 2
    return records_of(logits, labels, np.arange(IMAGES))


def run_of(path: Path, suite: Suite, wrong: dict[Condition, int]) -> Run:
    asked = [str(condition) for condition in suite.conditions()]
    data = {"description": "", "manifest_sha256": "", "limit": None, "images": IMAGES}
    run = start_run(path, info(suite=suite.name, conditions=asked, data=data))
    for condition, count in wrong.items():
        run.write(condition, records(count))
    return run


def steps(suite: Suite) -> dict[Condition, int]:
    """Return 50 wrong clean images and, for corruption number k at severity s, 10 (k + s) of them."""
    wrong = {CLEAN: 50}
    for number, corruption in enumerate(suite.corruptions):
        wrong |= {Condition(corruption, s): 10 * (number + s) for s in suite.severities}
    return wrong


def value(
    scores: scoring.Scores, metric: str, corruption: str, severity: int | None = None
) -> float:
    table = scores.table
    chosen = table[(table["metric"] == metric) & (table["corruption"] == corruption)]
    mask = chosen["severity"].isna() if severity is None else chosen["severity"] == severity
    (found,) = chosen[mask.astype(bool)]["value"]
    return float(found)


def test_extra_corruptions_have_scores_but_are_in_no_mean(tmp_path: Path) -> None:
    plain = run_of(tmp_path / "plain", CIFAR, steps(CIFAR))
    wrong = {Condition("speckle_noise", s): 100 * s for s in CIFAR.severities}
    wrong |= {Condition("saturate", 2): 77}
    run = run_of(tmp_path / "run", CIFAR, {**steps(CIFAR), **wrong})
    scores, without = scoring.score(run), scoring.score(plain)
    assert value(scores, "error", "speckle_noise", 4) == 0.4
    assert value(scores, "uce", "speckle_noise") == pytest.approx(0.3)
    assert value(scores, "error", "saturate", 2) == 0.077
    assert scores.refused["uce of saturate"].startswith("4 of 5 conditions missing (saturate-1")
    extra = scores.table["corruption"].isin(CIFAR.extra)
    pd.testing.assert_frame_equal(scores.table[~extra].reset_index(drop=True), without.table)
    assert set(without.refused) == set(scores.refused) - {"uce of saturate"}
    pd.testing.assert_frame_equal(aggregates(run, 50), aggregates(plain, 50))
    assert set(read_evidence(run)["corruption"]) == {"clean", *CIFAR.corruptions}


def test_extra_corruptions_are_divided_by_nothing(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", IMAGENET, {Condition("spatter", s): 10 for s in range(1, 6)})
    scores = scoring.score(run)
    assert set(scores.table["metric"]) >= {"uce", "error"}
    assert not {"ce", "mce", "mean_uce"} & set(scores.table["metric"])


def test_means_of_a_complete_run_by_hand(tmp_path: Path) -> None:
    scores = scoring.score(run_of(tmp_path / "run", CIFAR, steps(CIFAR)))
    assert value(scores, "error", "clean", 0) == 0.05
    assert value(scores, "error", "fog", 5) == pytest.approx(0.14)  # corruption number 9
    assert value(scores, "uce", "fog") == pytest.approx((9 + 3) / 100)
    assert value(scores, "mean_uce", "all") == pytest.approx((7 + 3) / 100)
    p = np.exp(2) / (np.exp(2) + 9)
    nll_right, nll_wrong = -np.log(p), -np.log(np.exp(0) / (np.exp(2) + 9))
    assert value(scores, "nll", "all") == pytest.approx(0.9 * nll_right + 0.1 * nll_wrong, rel=1e-5)
    assert scores.refused == {}
    assert list(scores.table.columns) == list(scoring.COLUMNS)
    assert (scores.table["n"] == IMAGES).all()


def test_every_interval_holds_its_value(tmp_path: Path) -> None:
    table = scoring.score(run_of(tmp_path / "run", CIFAR, steps(CIFAR))).table
    bounded = table.dropna(subset=["low"])
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()
    assert len(bounded) == len(table)


def test_zero_right_and_one_image_have_no_interval_but_wilsons(tmp_path: Path) -> None:
    table = scoring.score(
        run_of(tmp_path / "run", CIFAR, dict.fromkeys(CIFAR.conditions(), IMAGES))
    ).table
    assert (table[table["metric"] == "uce"]["value"] == 1).all()
    assert table[table["metric"].isin(["uce", "mean_uce"])]["low"].isna().all()
    errors = table[table["metric"] == "error"]
    assert (errors["value"] == 1).all()
    assert errors["low"].between(0.99, 0.9999).all()


def test_the_mean_over_conditions_is_as_uncertain_as_shared_images_make_it(tmp_path: Path) -> None:
    """The same images fail in all conditions, so 75 conditions say no more than one."""
    wrong = dict.fromkeys(CIFAR.conditions(), 100)
    table = scoring.score(run_of(tmp_path / "run", CIFAR, wrong)).table
    row = table[table["metric"] == "mean_uce"].iloc[0]
    assert row["high"] - row["low"] == pytest.approx(
        2 * 1.96 * (0.1 * 0.9 / IMAGES) ** 0.5, rel=0.05
    )


def test_an_incomplete_mean_is_refused_by_name(tmp_path: Path) -> None:
    wrong = steps(CIFAR)
    del wrong[Condition("fog", 4)]
    del wrong[Condition("snow", 1)]
    scores = scoring.score(run_of(tmp_path / "run", CIFAR, wrong))
    metrics = set(scores.table[scores.table["corruption"] == "all"]["metric"])
    assert metrics == set()
    assert "2 of 75 conditions missing (snow-1, fog-4)" in scores.refused["mean_uce"]
    assert "1 of 5 conditions missing (fog-4)" in scores.refused["uce of fog"]
    uces = scores.table[scores.table["metric"] == "uce"]["corruption"]
    assert set(CIFAR.corruptions) - set(uces) == {"fog", "snow"}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    whole = run_of(tmp_path / "a", CIFAR, steps(CIFAR))
    shuffled = run_of(tmp_path / "b", CIFAR, steps(CIFAR))
    fog = Condition("fog", 4)
    shuffled.write(fog, whole.read(fog).sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(scoring.score(whole).table, scoring.score(shuffled).table)


def test_conditions_of_different_images_are_refused(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    other = run.read(Condition("fog", 4))
    other["index"] += 1
    run.write(Condition("fog", 4), other)
    with pytest.raises(RobenchError, match="fog-4 and clean hold different images"):
        scoring.score(run)


@pytest.fixture
def imagenet(monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return ImageNet-C's arithmetic on ten classes."""
    suite = replace(CIFAR, name="toy-imagenet-c", normaliser="alexnet_imagenet_c")
    monkeypatch.setitem(suites.registry(), "toy-imagenet-c", suite)
    return suite


def test_ce_and_mce_by_hand(tmp_path: Path, imagenet: Suite) -> None:
    scores = scoring.score(run_of(tmp_path / "run", imagenet, steps(imagenet)))
    alexnet = published.load("alexnet_imagenet_c").set_index("corruption")["mean"]
    errors = {name: (number + 3) / 100 for number, name in enumerate(imagenet.corruptions)}
    ce = {name: errors[name] / alexnet[name] for name in errors}
    relative = {name: (errors[name] - 0.05) / (alexnet[name] - 0.4348) for name in errors}
    assert value(scores, "ce", "fog") == pytest.approx(ce["fog"])
    assert value(scores, "mce", "all") == pytest.approx(np.mean(list(ce.values())))
    assert value(scores, "relative_ce", "snow") == pytest.approx(relative["snow"])
    assert value(scores, "relative_mce", "all") == pytest.approx(np.mean(list(relative.values())))


def test_mce_needs_every_condition_and_relative_mce_the_clean_images(
    tmp_path: Path, imagenet: Suite
) -> None:
    wrong = steps(imagenet)
    del wrong[CLEAN]
    scores = scoring.score(run_of(tmp_path / "a", imagenet, wrong))
    assert scores.refused == {"relative_mce": "the clean images are not evaluated"}
    del wrong[Condition("fog", 4)]
    scores = scoring.score(run_of(tmp_path / "b", imagenet, wrong))
    assert "fog-4" in scores.refused["mce"]
    assert "mce" not in set(scores.table["metric"])


def test_cifar_is_not_normalised(tmp_path: Path) -> None:
    table = scoring.score(run_of(tmp_path / "run", CIFAR, steps(CIFAR))).table
    assert not {"ce", "mce", "relative_ce", "relative_mce"} & set(table["metric"])


def test_scores_survive_the_csv(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    table = scoring.write_scores(run).table
    again = pd.read_csv(run.path / "scores.csv", dtype={"severity": "Int64"})
    values = again[again.pop("reason").isna()]
    pd.testing.assert_frame_equal(values, table, check_exact=True, check_dtype=False)
    # What a run alone cannot have is there with its reason, though nothing of it is refused.
    others = again[again["value"].isna()]
    assert others["metric"].tolist() == ["mce", "relative_mce", "effective_robustness"]


def test_a_run_of_the_users_divides_corruption_errors(tmp_path: Path) -> None:
    """Where nothing is published to divide by, CIFAR-10-C's errors are divided by another run's."""
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    double = {c: 2 * count for c, count in steps(CIFAR).items()}
    other = run_of(tmp_path / "other", CIFAR, double)
    found = scoring.write_scores(run, scoring.open_baseline(other.path, CIFAR))
    assert found.divided_by == "toy"
    assert value(found, "ce", "fog") == pytest.approx(0.5)
    assert value(found, "mce", "all") == pytest.approx(0.5)
    # The other's clean error is 0.1; corruption number k has 2 (k + 3) / 100, no more for the first three.
    assert "not grow on gaussian_noise, shot_noise, impulse_noise" in found.refused["relative_mce"]
    assert scoring.score(run).table.equals(found.table)
    with pytest.raises(RobenchError, match="no baseline of cifar-10-c yet: 1 of 76 conditions"):
        partial = run_of(tmp_path / "partial", CIFAR, dict(list(double.items())[1:]))
        scoring.open_baseline(partial.path, CIFAR)
    never = run_of(tmp_path / "never", CIFAR, dict.fromkeys(CIFAR.conditions(), 0))
    refused = scoring.write_scores(run, never).refused
    assert refused["mce"].startswith("the baseline is never wrong on gaussian_noise, ")


def test_one_image_and_one_class(tmp_path: Path) -> None:
    one = records(0).iloc[:1]
    data = {"description": "", "manifest_sha256": "", "limit": None, "images": 1}
    asked = [str(condition) for condition in CIFAR.conditions()]
    run = start_run(tmp_path / "run", info(suite=CIFAR.name, conditions=asked, data=data))
    for condition in CIFAR.conditions():
        run.write(condition, one)
    scores = scoring.score(run)
    bootstrapped = scores.table[~scores.table["metric"].isin(["error", "top5_error"])]
    assert bootstrapped[["low", "high"]].isna().all().all()
    assert value(scores, "mean_uce", "all") == 0
    assert value(scores, "worst_class_error", "all") == 0
    assert "needs at least 200 images" in scores.refused["rms_calibration_error_reference of clean"]
    errors = scores.table[(scores.table["metric"] == "error")]
    assert errors["high"].tolist() == pytest.approx([0.7935] * 76, abs=1e-3)
