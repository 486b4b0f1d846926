"""Differences of runs, against the arithmetic done again by other means."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from robench.comparison import Comparison, compare, over_seeds
from robench.comparison.compared import COLUMNS
from robench.errors import RobenchError
from robench.metrics.error import wrong
from robench.metrics.intervals import mean_interval
from robench.records import open_run
from robench.suites import Condition
from tests.reports.synthetic import write_run

FEW = ("clean", "fog-1", "snow-5")


@pytest.fixture(scope="module")
def comparison(pair: list[Path]) -> Comparison:
    return compare(pair, resamples=1000)


def row(
    table: pd.DataFrame, metric: str, corruption: str, severity: int | None = None
) -> pd.Series:
    mask = (table["metric"] == metric) & (table["corruption"] == corruption)
    of_severity = (
        table["severity"].isna()
        if severity is None
        else (table["severity"] == severity).fillna(False)
    )
    (found,) = table[mask & of_severity.astype(bool)].to_dict("records")
    return pd.Series(found)


def wrongs(path: Path) -> dict[Condition, np.ndarray]:
    run = open_run(path)
    return {condition: wrong(run.read(condition)) for condition in run.conditions()}


def test_a_difference_is_the_candidates_minus_the_firsts(
    comparison: Comparison, pair: list[Path]
) -> None:
    first, second = (comparison.scores[name].table for name in ("standard", "augmix"))
    assert comparison.names == ("standard", "augmix")
    assert list(comparison.differences.columns) == COLUMNS
    assert len(comparison.differences) == len(first)
    found = row(comparison.differences, "mean_uce", "all")
    expected = row(second, "mean_uce", "all")["value"] - row(first, "mean_uce", "all")["value"]
    assert found["difference"] == pytest.approx(expected)
    assert found["difference"] < -0.05
    assert (found["p"], found["test"]) == (2 / 1001, "bootstrap")


def test_the_interval_of_a_mean_is_that_of_the_paired_differences(
    comparison: Comparison, pair: list[Path]
) -> None:
    first, second = (np.mean(list(wrongs(path).values())[1:], axis=0) for path in pair)
    low, high = mean_interval(second - first)
    found = row(comparison.differences, "mean_uce", "all")
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=0.0015)


def test_conditions_are_tested_by_mcnemar_and_corrected_by_holm(
    comparison: Comparison, pair: list[Path]
) -> None:
    first, second = map(wrongs, pair)
    tested = comparison.differences[comparison.differences["test"] == "mcnemar"]
    assert len(tested) == 76
    fog = row(tested, "error", "fog", 3)
    only = int(((first[Condition("fog", 3)] == 1) & (second[Condition("fog", 3)] == 0)).sum())
    other = int(((first[Condition("fog", 3)] == 0) & (second[Condition("fog", 3)] == 1)).sum())
    assert fog["p"] == pytest.approx(binomtest(only, only + other).pvalue)
    assert tested["p_holm"].min() == pytest.approx(76 * tested["p"].min())
    assert (tested["p_holm"] >= tested["p"]).all()
    others = comparison.differences[comparison.differences["test"] != "mcnemar"]
    assert others["p_holm"].isna().all()


def test_the_images_that_differ_most_by_hand(comparison: Comparison, pair: list[Path]) -> None:
    first, second = (np.sum(list(wrongs(path).values()), axis=0) for path in pair)
    images = comparison.images
    assert len(images) == 10
    best = images.iloc[0]
    gap = np.abs(second - first)
    assert abs(best["wrong"] - best["baseline_wrong"]) == gap.max()
    assert best["wrong"] == second[best["index"]]
    assert set(images["conditions"]) == {76}
    assert sorted(gap)[-10:] == sorted((images["wrong"] - images["baseline_wrong"]).abs())


def test_equal_runs_differ_in_nothing(tmp_path: Path) -> None:
    same = [write_run(tmp_path / name, name, 0.10, 0.06, FEW) for name in ("one", "other")]
    found = compare(same, resamples=100)
    assert (found.differences["difference"] == 0).all()
    assert (found.differences["p"] == 1).all()
    assert found.images.empty


def test_only_what_both_have_is_compared(pair: list[Path], tmp_path: Path) -> None:
    partial = write_run(tmp_path / "half", "half", conditions=["clean", "fog-1"])
    found = compare([pair[0], partial], resamples=100).differences
    assert set(found["corruption"]) == {"clean", "fog"}
    assert (found["test"] == "mcnemar").sum() == 2


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"seed": 1}, "differ in their seed: 0 for standard, 1 for other"),
        ({"preset": "imagenet"}, "differ in their preset"),
        ({"data": {"manifest_sha256": "ee" * 32}}, "differ in their data"),
        ({"suite": "cifar-100-c"}, "differ in their suite"),
    ],
)
def test_other_protocols_are_refused_unless_told(
    pair: list[Path], tmp_path: Path, changes: dict, difference: str
) -> None:
    other = write_run(tmp_path / "other", "other", conditions=FEW, **changes)
    with pytest.raises(RobenchError, match=f"{difference}.*--across-protocols"):
        compare([pair[0], other])
    assert len(compare([pair[0], other], across_protocols=True, resamples=100).differences)


def test_other_images_are_refused_in_any_case(pair: list[Path], tmp_path: Path) -> None:
    fewer = write_run(tmp_path / "fewer", "fewer", conditions=FEW, data={"images": 200})
    relabelled = write_run(tmp_path / "relabelled", "relabelled", conditions=FEW)
    run = open_run(relabelled)
    for condition in run.conditions():
        run.write(condition, run.read(condition).assign(label=0))
    for across in (False, True):
        with pytest.raises(
            RobenchError, match=r"\(200 images\) hold different images, 200 in common"
        ):
            compare([pair[0], fewer], across_protocols=across)
        with pytest.raises(RobenchError, match="different labels for the same image numbers"):
            compare([pair[0], relabelled], across_protocols=across)


def test_nothing_in_common_and_the_same_twice(pair: list[Path], tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", "one", conditions=["fog-1"])
    two = write_run(tmp_path / "two", "two", conditions=["fog-2"])
    with pytest.raises(RobenchError, match="one and two have no finished condition in common"):
        compare([one, two])
    with pytest.raises(RobenchError, match="given twice"):
        compare([pair[0], pair[0]])
    with pytest.raises(RobenchError, match="name at least one run"):
        compare([])


def test_a_missing_column_is_named(pair: list[Path], tmp_path: Path) -> None:
    broken = write_run(tmp_path / "broken", "broken", conditions=FEW)
    path = broken / "records/cifar-10-c/fog-1.parquet"
    pd.read_parquet(path).drop(columns="nll").to_parquet(path)
    with pytest.raises(RobenchError, match=r"fog-1\.parquet has no column 'nll'"):
        compare([pair[0], broken])


def test_the_spread_over_seeds_is_not_that_over_images(tmp_path: Path) -> None:
    errors = (0.10, 0.12, 0.17)
    runs = [
        write_run(tmp_path / f"seed-{seed}", "augmix", error, 0.0, FEW, records_seed=seed)
        for seed, error in enumerate(errors)
    ]
    table = over_seeds(runs, resamples=300)
    found = row(table, "error", "snow", 5)
    values = [wrongs(run)[Condition("snow", 5)].mean() for run in runs]
    assert found["mean"] == pytest.approx(np.mean(values))
    assert found["seed_std"] == pytest.approx(np.std(values, ddof=1))
    assert (found["lowest"], found["highest"], found["runs"]) == (min(values), max(values), 3)
    # Three networks wrong on other images: the mean over images has the variance of 900 of them.
    width = 2 * 1.96 * np.sqrt(np.mean([value * (1 - value) for value in values]) / 900)
    assert found["high"] - found["low"] == pytest.approx(width, rel=0.2)
    with pytest.raises(RobenchError, match="needs two runs or more, got 1"):
        over_seeds(runs[:1])
