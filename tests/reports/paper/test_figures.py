"""Figures 5 to 7: what is drawn is what the CSV beside it says, and that is what the runs' scores and records say."""

import io
from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from baselines import published
from reports.figures.drawing import picture_files
from reports.paper import figures as module
from reports.paper.by_severity import by_severity
from reports.paper.figures import figures
from reports.paper.opened import open_runs
from robench import metrics
from robench.records import open_run
from robench.suites import Condition
from tests.reports.paper.conftest import scored, training

METHODS = [
    "Standard", "Cutout", "Mixup", "CutMix", "AutoAugment*", "Adversarial training", "AugMix"
]  # fmt: skip


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(module, "by_severity", partial(by_severity, resamples=50))


@pytest.fixture(scope="module")
def resnext(write_trained):
    """Two methods of the paper's network, and one of another."""
    return [
        write_trained(method, architecture="resnext29", trained=training(method, "resnext29"), slope=slope)
        for method, slope in (("standard", 0.05), ("augmix", 0.02))
    ] + [write_trained("small", architecture="resnet20", trained=training("ipmix", "resnet20"))]  # fmt: skip


@pytest.fixture(scope="module")
def imagenet(write_trained):
    """A network on ImageNet-C and an ensemble of two."""
    settings = {"suite": "imagenet-c", "architecture": "torchvision:resnet50"}
    record = training("standard", "torchvision:resnet50", "imagenet")
    members = [{"sha256": "a"}, {"sha256": "b"}]
    return [
        write_trained("alone", trained=record, **settings),
        write_trained("ensemble", trained={}, members=members, **settings),
    ]


def drawn(drawing):
    return drawing.draw(drawing.data, Figure().subplots())


def drawings(paths, pooled=False):
    return {each.stem: each for each in figures(open_runs(paths, any_recipe=False), pooled)}


def intervals(axes):
    """Return the ends of the horizontal lines, one per drawn interval, in the order they were drawn."""
    ends = [line.vertices[:, 0] for each in axes.collections for line in each.get_paths()]
    return [tuple(pair) for pair in ends if not np.isnan(pair).any()]


def value(path, corruption, metric):
    table = scored(path).table
    chosen = table[(table["corruption"] == corruption) & (table["metric"] == metric)]
    chosen = chosen if corruption == "clean" else chosen[chosen["severity"].isna()]
    return tuple(chosen[["value", "low", "high"]].iloc[0].astype(float))


def test_figure_5_draws_scores_intervals_and_published_numbers(resnext):
    drawing = drawings(resnext)["figure-5-cifar-10-c-error"]
    axes = drawn(drawing)
    assert [label.get_text() for label in axes.get_yticklabels()] == METHODS
    clean, corrupted, printed = (line.get_xdata() for line in axes.get_lines())
    place = {"Standard": resnext[0], "AugMix": resnext[1]}
    for row, method in enumerate(METHODS):
        if method not in place:
            assert np.isnan(clean[row])
            assert np.isnan(corrupted[row])
            continue
        assert clean[row] == pytest.approx(value(place[method], "clean", "error")[0])
        assert corrupted[row] == pytest.approx(value(place[method], "all", "mean_uce")[0])
    table = published.load("augmix_table1").set_index(["dataset", "architecture"])
    assert list(printed) == pytest.approx(list(table.loc[("cifar-10-c", "resnext")] / 100))
    expected = [
        value(path, *which)[1:]
        for which in (("clean", "error"), ("all", "mean_uce"))
        for path in resnext[:2]
    ]
    assert intervals(axes) == [pytest.approx(pair) for pair in expected]


def test_figure_6_draws_calibration_of_both_kinds_of_images(resnext):
    drawing = drawings(resnext)["figure-6-calibration"]
    axes = drawn(drawing)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["Standard", "AugMix"]
    for line, images in zip(axes.get_lines(), ("clean", "all"), strict=True):
        wanted = [value(path, images, "rms_calibration_error")[0] for path in resnext[:2]]
        assert list(line.get_xdata()) == pytest.approx(wanted)


def test_figure_6_draws_flips(write_flips):
    path = write_flips("cifar-10-p", training("augmix", "resnext29"), shift=3)
    axes = drawn(drawings([path])["figure-6-cifar-10-p-flips"])
    (line,) = axes.get_lines()
    assert list(line.get_xdata()) == [pytest.approx(value(path, "all", "mean_flip_probability")[0])]


def test_another_network_has_figures_of_its_own(resnext):
    found = drawings(resnext)
    drawing = found["figure-5-cifar-10-c-error-resnet20"]
    assert "resnet20" in drawing.title
    axes = drawn(drawing)
    row = [label.get_text() for label in axes.get_yticklabels()].index("IPMix")
    clean, corrupted = (line.get_xdata() for line in axes.get_lines())  # nothing published of it
    assert clean[row] == pytest.approx(value(resnext[2], "clean", "error")[0])
    assert corrupted[row] == pytest.approx(value(resnext[2], "all", "mean_uce")[0])
    assert "IPMix" not in found["figure-5-cifar-10-c-error"].data.index


def test_a_reason_that_methods_share_is_said_once(write_trained):
    fly = "the CIFAR-10 test set, corrupted on the fly"
    paths = [
        write_trained(method, architecture="resnet20", trained=training(method, "resnet20", epochs=10), **more)
        for method, more in (("standard", {}), ("augmix", {"description": fly}))
    ]  # fmt: skip
    caption = drawings(paths)["figure-5-cifar-10-c-error-resnet20-epochs-10"].title
    assert caption.count("epochs 10 instead of 100") == 1
    assert caption.count("on the fly") == 1


@pytest.mark.parametrize("pooled", [False, True])
def test_figure_7_draws_every_run_and_the_ensemble_against_severity(imagenet, pooled):
    found = drawings(imagenet, pooled)
    error = drawn(found["figure-7-imagenet-c-error"])
    calibration = drawn(found["figure-7-imagenet-c-rms-calibration-error"])
    assert [line.get_label() for line in error.get_lines()] == ["alone", "ensemble"]
    for path, of_error, of_gap in zip(imagenet, error.get_lines(), calibration.get_lines(), strict=True):  # fmt: skip
        run = open_run(path)
        names = {each.corruption for each in run.conditions()} - {"clean"}
        gap = metrics.registry()["rms_calibration_error"].value
        for severity in range(1, 6):
            tables = [run.read(Condition(name, severity)) for name in sorted(names)]
            wrong = [(table["label"] != table["prediction"]).mean() for table in tables]
            assert of_error.get_ydata()[severity] == pytest.approx(np.mean(wrong))
            together = gap(pd.concat(tables, ignore_index=True))
            wanted = together if pooled else np.mean([gap(each) for each in tables])
            assert of_gap.get_ydata()[severity] == pytest.approx(wanted, rel=1e-6)
    bands = [each.get_paths()[0].get_extents() for each in calibration.collections]
    assert len(bands) == 2
    table = found["figure-7-imagenet-c-rms-calibration-error"].data
    low = table.groupby("run", sort=False)["rms_calibration_error_low"].min()
    assert [band.ymin for band in bands] == pytest.approx(list(low))


def test_the_caption_says_whether_corruptions_are_pooled(imagenet):
    stem = "figure-7-imagenet-c-rms-calibration-error"
    pooled, mean = (drawings(imagenet, each)[stem] for each in (True, False))
    assert "of all corruptions' images as one set" in pooled.title
    assert "mean over the corruptions" in mean.title


def _csv(drawing):
    return io.BytesIO(picture_files(drawing)[f"{drawing.stem}.csv"])


def test_the_csv_beside_a_figure_holds_what_is_drawn(resnext, imagenet):
    drawing = drawings(resnext)["figure-5-cifar-10-c-error"]
    stored = pd.read_csv(_csv(drawing), index_col="method")
    for line, column in zip(
        drawn(drawing).get_lines(),
        ("clean_error", "corrupted_error", "corrupted_error_published"),
        strict=True,
    ):
        np.testing.assert_array_equal(line.get_xdata(), stored[column])
    drawing = drawings(imagenet)["figure-7-imagenet-c-error"]
    stored = pd.read_csv(_csv(drawing))
    for line, (_, part) in zip(drawn(drawing).get_lines(), stored.groupby("run"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), part["error"])
