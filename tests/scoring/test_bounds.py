"""Intervals of few images: every score lies in its own, and none reaches beyond what the score can be."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from reports.evidence import read_evidence
from reports.paper.by_severity import by_severity as figure_by_severity
from reports.tables.by_severity import by_severity
from robench import metrics, scoring, suites
from robench.comparison import compare, over_seeds
from robench.errors import RobenchError
from robench.metrics.bootstrap import interval, resample_counts
from robench.metrics.detection import detection_scores
from robench.metrics.perturbation import SEQUENCE_METRICS
from robench.records import open_run, records_of
from robench.scoring.aggregates import aggregates, mean_over
from robench.scoring.division import divide_by
from robench.scoring.suite_scores import ANOMALY_SCORES, SUITE_SCORES, bounds_of
from tests.reports.synthetic import write_run

IMAGES = 20
MARGINS = (-6, -2, 0, 2, 6, 30)  # of the label's logit: from always wrong to sure and right


def few_records(margin: float, seed: int, classes: int = 10) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    labels = np.arange(IMAGES) % classes
    logits = random.normal(0, 2, (IMAGES, classes)) + margin * np.eye(classes)[labels]
    return records_of(torch.from_numpy(logits), labels, np.arange(IMAGES))


def assert_within(value: float, low: float, high: float, bounds: tuple[float, float]) -> bool:
    """Hold a score to its interval, and both to the bounds; return whether it has one."""
    rounding = 1e-7  # of the float32 in the records
    assert bounds[0] - rounding <= value <= bounds[1] + rounding
    if np.isnan(low):
        assert np.isnan(high)
        return False
    assert bounds[0] <= low <= value <= high <= bounds[1]
    assert low < high
    return True


@pytest.mark.parametrize("name", sorted(metrics.registry()))
def test_every_metric_of_few_images(name: str) -> None:
    metric, found = metrics.registry()[name], 0
    for margin in MARGINS:
        for seed in range(8):
            table = few_records(margin, seed)
            try:
                value = metric.value(table)
            except metrics.UndefinedMetricError:
                continue
            counts = resample_counts(table["label"].to_numpy(), 100, seed)
            ends = interval(value, metrics.draws(name, table, counts), metric.bounds)
            found += assert_within(value, *ends, metric.bounds)
    assert found > 5 or name == "rms_calibration_error_reference"  # which needs 200 images


def test_the_bounds_are_needed() -> None:
    """Without them the shift carries ends beyond what the scores can be."""
    beyond = 0
    for name, metric in metrics.registry().items():
        for seed in range(12) if metric.draws and name != "rms_calibration_error_reference" else ():
            table = few_records(MARGINS[seed % 4], seed)
            counts = resample_counts(table["label"].to_numpy(), 100)
            low, high = interval(metric.value(table), metrics.draws(name, table, counts))
            beyond += bool(low < metric.bounds.lowest or high > metric.bounds.highest)
    assert beyond > 5


def test_anomaly_scores_of_few_images() -> None:
    found = 0
    for margin in MARGINS:
        table = detection_scores(few_records(margin, 1), few_records(-margin, 2), resamples=100)
        for row in table.to_dict("records"):
            score = f"{row['metric']}_{row['score']}"
            found += assert_within(row["value"], row["low"], row["high"], bounds_of(score))
    assert found > 10


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    first, second = (
        write_run(folder / name, slope=slope, records_seed=seed, data={"images": IMAGES})
        for seed, (name, slope) in enumerate((("first", 0.02), ("second", 0.15)))
    )
    return first, second


def rows(table: pd.DataFrame) -> Iterator[dict]:
    yield from table.dropna(
        subset=[table.columns[table.columns.isin(("value", "mean"))][0]]
    ).to_dict("records")


def test_scores_aggregates_and_comparisons_of_few_images(runs: tuple[Path, Path]) -> None:
    first, second = (open_run(path) for path in runs)
    divide_by(first, second)
    tables = [scoring.score(first, 100, ["all"]).table, aggregates(first, 100)]
    for table in tables:
        assert sum(
            assert_within(row["value"], row["low"], row["high"], bounds_of(row["metric"]))
            for row in rows(table)
        )
    for row in rows(over_seeds(runs, resamples=100)):
        assert_within(row["mean"], row["low"], row["high"], bounds_of(row["metric"]))
    for row in compare(runs, resamples=100).differences.to_dict("records"):
        bounds = bounds_of(row["metric"]).of_differences()
        if not np.isnan(row["low"]):
            assert bounds.lowest <= row["low"] <= row["difference"] <= row["high"] <= bounds.highest


def test_every_score_says_between_what_it_lies() -> None:
    names = [*metrics.registry(), *SUITE_SCORES, *ANOMALY_SCORES, *scoring.on_request()]
    for name in [*names, *(f"mean_{metric}_3" for metric in SEQUENCE_METRICS)]:
        assert bounds_of(name).lowest < bounds_of(name).highest
    with pytest.raises(RobenchError, match="no_score"):
        bounds_of("no_score")


def test_a_mean_has_one_interval_wherever_it_is_shown(runs: tuple[Path, Path]) -> None:
    run = open_run(runs[0])
    found = aggregates(run).set_index(["aggregation", "group", "metric"])
    for severity in range(1, 6):
        tables = [run.read(each) for each in run.conditions() if each.severity == severity]
        for metric in ("error", "nll", "rms_calibration_error"):
            expected = found.loc["severity", str(severity), metric]
            np.testing.assert_array_equal(
                mean_over(metric, tables), expected[["value", "low", "high"]].astype(float)
            )
    scores = scoring.score(run).table
    corruptions = suites.registry()[run.info["suite"]].corruptions
    page = by_severity(scores.assign(run="a run"), read_evidence(run), corruptions)
    figure = figure_by_severity(run)
    for severity in range(1, 6):
        error = found.loc["severity", str(severity), "error"]
        for table in (page, figure):
            row = table[table["severity"] == severity].iloc[0]
            assert row["error"] == pytest.approx(error["value"], abs=1e-15)
            assert (row["error_low"], row["error_high"]) == (error["low"], error["high"])
    clean = scores[(scores["corruption"] == "clean") & (scores["metric"] == "error")].iloc[0]
    table = run.read(run.conditions()[0])
    assert mean_over("error", [table]) == (clean["value"], clean["low"], clean["high"])
