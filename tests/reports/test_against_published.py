"""Runs among published models."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from reports.figures.against_published import among_published
from reports.published_part import published_part
from reports.results import read_results
from reports.tables.against_published import published_points
from reports.tables.summary import summary
from robench import suites
from tests.reports.synthetic import write_run


def test_points_are_as_printed():
    points = published_points("cifar-10-c").set_index("model")
    standard = points.loc["robustbench/Standard"]
    assert standard["clean_error"] == pytest.approx(0.0522)
    assert standard["mean_corruption_error"] == pytest.approx(0.2654, abs=5e-5)
    assert set(points["protocol"]) == {""}


def test_every_robustbench_model_has_a_clean_error():
    counts = {"cifar-10-c": 23, "cifar-100-c": 13, "imagenet-c": 12}
    for suite, count in counts.items():
        names = published_points(suite)["model"]
        assert names.str.startswith("robustbench/").sum() == count
    imagenet = published_points("imagenet-c").set_index("model")
    assert imagenet.loc["robustbench/AlexNet", "protocol"] == "a subset of 5,000 images"
    assert imagenet.loc["alexnet", "protocol"] == ""
    assert not any(name.startswith("testbed/") for name in imagenet.index)


def test_a_suite_without_published_models_has_no_points():
    assert published_points("digits-c").empty


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two runs of CIFAR-10-C, made on the fly."""
    root = tmp_path_factory.mktemp("runs")
    whole = {"conditions": map(str, suites.registry()["cifar-10-c"].conditions())}
    told = {"description": "the test set, corrupted on the fly (preset cifar, seed 0)"}
    return read_results(
        [
            write_run(root / "a", "a", data=told, **whole),
            write_run(root / "b", "b", data=told, slope=0.01, records_seed=1),
        ]
    )


def test_what_is_drawn_is_what_was_scored(results):
    table = summary(results.scores)
    part = published_part(results, table)
    data = part.drawing.data
    axes = among_published(data, Figure().subplots())
    published, *others = axes.lines
    assert len(published.get_xdata()) == len(published_points("cifar-10-c"))
    dots = [line for line in others if len(line.get_xdata()) == 1]
    for dot, name in zip(dots, ("a", "b"), strict=True):
        row = table.loc[name]
        assert dot.get_label() == name
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (
            row["clean_error"],
            row["mean_corruption_error"],
        )
    drawn = {tuple(np.ravel(line.get_ydata())) for line in others}
    ends = tuple(table.loc["a", ["mean_corruption_error_low", "mean_corruption_error_high"]])
    assert ends in drawn


def test_what_is_not_like_for_like_is_said(results):
    part = published_part(results, summary(results.scores))
    assert "the runs: corrupted on the fly" in part.drawing.title
    assert len(part.numbers.rows) == 2 + len(published_points("cifar-10-c"))
