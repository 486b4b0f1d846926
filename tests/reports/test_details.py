"""Risk and coverage, worst classes, changed images: from made-up evidence to numbers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports.figures.risk_coverage import risk_against_coverage
from reports.tables.changed_images import changed_images
from reports.tables.risk_coverage import risk_by_coverage
from reports.tables.worst_classes import worst_classes
from robench.metrics.intervals import mean_interval, wilson_interval

CONDITIONS = (("clean", 0), ("fog", 1), ("fog", 2), ("snow", 1))


def evidence(wrong, label, confidence=None, prediction=None) -> pd.DataFrame:
    """Return evidence of ``CONDITIONS``; ``wrong`` is (conditions, images), ``label`` (images,)."""
    wrong = np.asarray(wrong, float)
    parts = []
    for row, (corruption, severity) in enumerate(CONDITIONS[: len(wrong)]):
        said = (np.asarray(label) + wrong[row]) % 10 if prediction is None else prediction[row]
        parts.append(
            pd.DataFrame(
                {
                    "corruption": corruption,
                    "severity": severity,
                    "index": np.arange(len(label)) + 7,
                    "label": label,
                    "prediction": said,
                    "wrong": wrong[row],
                    "confidence": 0.5 if confidence is None else confidence,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype({"corruption": "category"})


def test_risk_is_the_error_of_the_surest():
    wrong = np.zeros((1, 40))
    wrong[0, :10] = 1
    table = risk_by_coverage("a", evidence(wrong, [0] * 40, np.linspace(0.1, 0.9, 40)))
    by_coverage = table.set_index("coverage")
    assert list(table["images"].unique()) == ["clean"]
    assert len(table) == 20
    assert by_coverage["risk"][0.75] == 0
    assert by_coverage["risk"][1.0] == 0.25
    assert by_coverage["n"][0.75] == 30
    assert tuple(by_coverage.loc[1.0, ["low", "high"]]) == wilson_interval(10, 40)


def test_risk_of_equal_confidence_is_the_average():
    wrong = np.zeros((1, 40))
    wrong[0, :10] = 1
    assert risk_by_coverage("a", evidence(wrong, [0] * 40))["risk"].tolist() == [0.25] * 20


def test_a_curve_keeps_the_look_of_its_run():
    wrong = np.eye(1, 40)
    table = risk_by_coverage("b", evidence(wrong, [0] * 40, np.linspace(0.1, 0.9, 40)))
    axes = Figure().subplots()
    risk_against_coverage(table, axes, runs=("a", "b"))
    other = Figure().subplots()
    risk_against_coverage(table, other, runs=("b", "a"))
    assert axes.lines[0].get_color() != other.lines[0].get_color()
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), table["risk"])
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), table["coverage"])


def test_the_worst_classes_by_hand():
    label = [0, 0, 1, 1, 2, 2]
    wrong = [
        [1, 0, 0, 0, 0, 0],  # clean
        [0, 0, 1, 0, 0, 0],  # fog 1
        [0, 0, 1, 0, 0, 0],  # fog 2
        [1, 0, 1, 1, 0, 0],  # snow 1
    ]
    table = worst_classes(evidence(wrong, label), count=2)
    assert table["label"].tolist() == [1, 0]
    assert table["error"].tolist() == pytest.approx([4 / 6, 1 / 6])
    assert table["clean_error"].tolist() == [0, 0.5]
    assert table["corruption"].tolist() == ["snow", "snow"]
    assert table["corruption_error"].tolist() == [1.0, 0.5]
    assert table["images"].tolist() == [2, 2]
    low, high = mean_interval(np.array([1, 1 / 3]))
    assert table.loc[0, ["error_low", "error_high"]].tolist() == [max(0, low), min(1, high)]


def test_the_worst_classes_of_clean_images_alone():
    table = worst_classes(evidence([[1, 0, 0, 0]], [0, 0, 1, 1]), count=1)
    assert table.loc[0, ["label", "error", "corruption"]].tolist() == [0, 0.5, None]
    assert table.loc[0, ["error_low", "error_high"]].tolist() == list(wilson_interval(1, 2))


def test_a_class_without_an_error_is_not_known_to_have_none():
    table = worst_classes(evidence([[0] * 6], [0] * 6), count=1)
    assert table.loc[0, "error_low"] == 0
    assert table.loc[0, "error_high"] == pytest.approx(0.3903, abs=1e-4)  # Wilson, 0 of 6


def test_changed_images_by_hand():
    label = [3, 3, 3, 3, 3]
    first = evidence([[1, 1, 0, 1, 0]] * 3 + [[1, 0, 0, 1, 1]], label)
    other = evidence([[0, 1, 1, 1, 0]] * 3 + [[0, 0, 0, 1, 1]], label)
    table = changed_images(first, other)
    assert table["index"].tolist() == [7, 9]
    assert table["wrong"].tolist() == [4, 0]
    assert table["other_wrong"].tolist() == [0, 3]
    assert table["conditions"].tolist() == [4, 4]
    assert table["prediction"].tolist() == [4, 3]
    assert table["other_prediction"].tolist() == [3, 4]


def test_changed_images_are_the_largest_gains_then_the_largest_losses():
    first = evidence([[1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 0, 0]], [0] * 6)
    other = evidence([[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 0]], [0] * 6)
    assert changed_images(first, other, count=2)["index"].tolist() == [7, 9, 10, 11]
    assert changed_images(first, first).empty


def test_only_conditions_that_both_have_count():
    first = evidence([[1, 0], [1, 0]], [0, 0])
    assert changed_images(first, evidence([[0, 0]], [0, 0]))["conditions"].tolist() == [1]
