"""Tables against arithmetic done by hand."""

import numpy as np
import pandas as pd
import pytest

from corruptions import BENCHMARK
from reports.tables.by_condition import by_condition
from reports.tables.by_corruption import by_corruption
from reports.tables.by_severity import by_severity, missing_severities
from reports.tables.provenance import command_line, in_words
from reports.tables.refused import refused
from reports.tables.reliability import effective_count, reliability
from reports.tables.summary import summary

NAN = float("nan")
COLUMNS = ["run", "corruption", "severity", "metric", "value", "low", "high", "n"]


def scores(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"severity": "Int64"})


SCORES = scores(
    ("b", "clean", 0, "error", 0.05, 0.04, 0.06, 100),
    ("b", "snow", 1, "error", 0.2, 0.1, 0.3, 100),
    ("b", "fog", 1, "error", 0.1, 0.05, 0.15, 100),
    ("b", "fog", 2, "error", 0.3, 0.2, 0.4, 100),
    ("b", "fog", None, "uce", 0.2, 0.15, 0.25, 100),
    ("b", "snow", None, "uce", 0.4, 0.35, 0.45, 100),
    ("b", "all", None, "mean_uce", 0.3, 0.29, 0.31, 100),
    ("b", "all", None, "rms_calibration_error", 0.07, NAN, NAN, 100),
    ("a", "clean", 0, "error", 0.06, 0.05, 0.07, 100),
    ("a", "gaussian_noise", None, "uce", 0.5, 0.4, 0.6, 100),
)


def test_by_corruption_keeps_the_benchmarks_order_and_leaves_gaps():
    table = by_corruption(SCORES)
    assert list(table.columns) == [
        "clean",
        "gaussian_noise",
        "snow",
        "fog",
        "mean",
        "rms_calibration_error",
    ]
    assert list(table.index) == ["b", "a"]
    np.testing.assert_equal(table.loc["b"].to_numpy(), [0.05, NAN, 0.4, 0.2, 0.3, 0.07])
    np.testing.assert_equal(table.loc["a"].to_numpy(), [0.06, 0.5, NAN, NAN, NAN, NAN])


def test_summary_has_the_interval_beside_each_number():
    table = summary(SCORES)
    row = table.loc["b"]
    assert row["mean_corruption_error"] == 0.3
    assert (row["mean_corruption_error_low"], row["mean_corruption_error_high"]) == (0.29, 0.31)
    assert np.isnan(table.loc["a", "mean_corruption_error"])
    assert "mce" not in table
    assert list(table["images"]) == [100, 100]


def test_summary_with_a_normaliser():
    normalised = scores(
        ("a", "clean", 0, "error", 0.2, 0.1, 0.3, 9), ("a", "all", None, "mce", 0.8, 0.7, 0.9, 9)
    )
    assert summary(normalised).loc["a", "mce"] == 0.8


def test_by_condition():
    table = by_condition(SCORES[SCORES["run"] == "b"])
    assert list(table.index) == ["snow", "fog"]
    np.testing.assert_equal(table.to_numpy(), [[0.2, NAN], [0.1, 0.3]])


def evidence(*conditions) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {"corruption": name, "severity": severity, "index": [0, 1, 2, 3], "wrong": wrong}
        ).assign(label=0, prediction=wrong)
        for name, severity, wrong in conditions
    ]
    return pd.concat(parts, ignore_index=True).astype({"wrong": float})


def test_by_severity_is_the_mean_over_corruptions_with_an_interval_over_images():
    records = evidence(
        ("clean", 0, [0, 0, 0, 1]),
        ("fog", 1, [0, 0, 1, 1]),
        ("snow", 1, [0, 1, 1, 1]),
        ("fog", 2, [1, 1, 1, 1]),
    )
    rows = scores(
        ("m", "clean", 0, "error", 0.25, 0.1, 0.5, 4),
        ("m", "clean", 0, "rms_calibration_error", 0.02, NAN, NAN, 4),
        ("m", "fog", 1, "error", 0.5, 0.1, 0.9, 4),
        ("m", "snow", 1, "error", 0.75, 0.3, 0.95, 4),
        ("m", "fog", 2, "error", 1.0, 0.5, 1.0, 4),
        ("m", "fog", 1, "rms_calibration_error", 0.04, NAN, NAN, 4),
        ("m", "snow", 1, "rms_calibration_error", 0.08, NAN, NAN, 4),
    )
    table = by_severity(rows, records, ["fog", "snow"])
    assert list(table["severity"]) == [0, 1]  # severity 2 lacks snow: no mean over fewer
    first, second = table.to_dict("records")
    assert (first["error"], first["error_low"], first["error_high"]) == (0.25, 0.1, 0.5)
    # per image 0, 1/2, 1, 1: the mean of four drawn of them is 1/4 or less, or 1, in 2.5% of the resamples or more
    assert second["error"] == 0.625
    assert second["error_low"] == pytest.approx(0.25, abs=0.02)
    assert second["error_high"] == pytest.approx(1.0, abs=0.02)
    assert second["rms_calibration_error"] == pytest.approx(0.06, abs=1e-12)
    assert missing_severities(rows, ["fog", "snow"]) == [
        ("mean at severity 2", "1 of 2 corruptions missing (snow)")
    ]
    without = by_severity(rows, records[:0], ["fog", "snow"]).iloc[1]
    assert without["error"] == 0.625
    assert np.isnan(without["error_low"]) and np.isnan(without["error_high"])


def test_reliability_bins_are_closed_above():
    records = evidence(("clean", 0, [0, 1, 0, 0]), ("fog", 1, [1, 1, 1, 1]))
    records["confidence"] = [0.5, 0.45, 0.55, 1.0, 0.1, 0.2, 0.3, 0.4]
    table = reliability(records, bin_count=2)
    clean = table[table["images"] == "clean"]
    assert list(clean["n"]) == [2, 2]
    assert list(clean["confidence"]) == pytest.approx([0.475, 0.775])
    assert list(clean["accuracy"]) == [0.5, 1.0]
    corrupted = table[table["images"] == "corrupted"]
    assert list(corrupted["n"]) == [4]
    assert list(corrupted["accuracy"]) == [0.0]
    assert (table["low"] <= table["accuracy"]).all()
    assert (table["accuracy"] <= table["high"]).all()


def test_repeated_images_count_once():
    right, index = np.array([1.0, 0.0] * 5), np.arange(10)
    assert effective_count(right, index) == 10
    assert effective_count(np.tile(right, 7), np.tile(index, 7)) == 10
    assert effective_count(np.ones(20), np.repeat(np.arange(4), 5)) == 4
    assert effective_count(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0, 0, 1, 1])) == 4


def test_refused_scores_share_a_line_where_they_share_a_reason():
    table = refused(
        pd.DataFrame(
            [("a", "x", "no fog"), ("a", "y", "no fog"), ("b", "x", "no fog")],
            columns=["run", "score", "reason"],
        )
    )
    assert table.to_numpy().tolist() == [["a", "x, y", "no fog"], ["b", "x", "no fog"]]


def test_the_whole_benchmark_has_families_in_order():
    rows = [("m", name, None, "uce", 0.1, 0.1, 0.1, 1) for name in sorted(BENCHMARK)]
    columns = by_corruption(scores(*rows)).columns
    assert tuple(columns[1:-2]) == BENCHMARK


def test_provenance_in_words():
    recorded = {
        "method": "augmix",
        "options": {},
        "recipe": {"lr": 0.1, "flip": False},
        "seed": None,
    }
    assert in_words(recorded) == "method augmix, recipe (lr 0.1, flip False)"
    assert in_words(None) == "not recorded"


def test_a_command_is_quoted_for_the_shell():
    assert command_line({"command": ["robench", "eval", "a b", "$x"]}) == "robench eval 'a b' '$x'"
    assert command_line({"command": []}) is None
