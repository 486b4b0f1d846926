"""Runs in the cells of the paper's tables: the right cell, the right number, or the reason why there is none."""

import numpy as np
import pytest
from scipy import stats

from reports.paper import opened
from reports.paper.cells import cells
from reports.paper.layout import tables
from reports.paper.paper import places
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import score
from tests.reports.paper.conftest import training


def open_runs(paths, any_recipe=False):
    return opened.open_runs(paths, any_recipe, places(tables("augmix")))


def found(paths, number, part="", any_recipe=False):
    """Return the cells of a table with these runs, by row and column."""
    table = next(
        each for each in tables("augmix") if (each.name[-1], each.part) == (str(number), part)
    )
    return cells(table, open_runs(paths, any_recipe).placed).set_index(["row", "column"])


def number(path, corruption, metric):
    table = score(open_run(path)).table
    chosen = table[(table["corruption"] == corruption) & (table["metric"] == metric)]
    chosen = chosen if corruption == "clean" else chosen[chosen["severity"].isna()]
    return 100 * chosen[["value", "low", "high"]].iloc[0].to_numpy(float)


def test_one_run_fills_its_cell_of_two_tables(write_trained):
    path = write_trained("augmix")
    value, low, high = number(path, "all", "mean_uce")
    for place, key in (
        ((1, "cifar-10-c"), ("wideresnet", "augmix")),
        ((4, ""), ("augmix", "cifar-10-c")),
    ):
        table = found([path], *place)
        cell = table.loc[key]
        assert (cell["measured"], cell["low"], cell["high"]) == (value, low, high)
        assert cell["published"] == 11.2
        assert cell["difference"] == pytest.approx(value - 11.2)
        assert cell["difference_low"] == pytest.approx(low - 11.2)
        assert table["measured"].notna().sum() == 1


def test_seeds_are_averaged_with_their_spread(write_trained):
    paths = [write_trained(f"seed-{seed}", slope=0.02 + 0.01 * seed) for seed in range(3)]
    values = np.array([number(path, "all", "mean_uce")[0] for path in paths])
    cell = found(paths, 1, "cifar-10-c").loc[("wideresnet", "augmix")]
    assert cell["runs"] == 3
    assert cell["measured"] == pytest.approx(values.mean())
    assert cell["spread"] == pytest.approx(np.sqrt(((values - values.mean()) ** 2).sum() / 2))
    low, high = stats.t.interval(0.95, 2, values.mean(), stats.sem(values))
    assert (cell["low"], cell["high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_mean_over_networks_needs_all_of_them(write_trained):
    networks = ["allconvnet", "densenet", "wrn-40-2", "resnext29"]
    paths = [
        write_trained(name, architecture=name, trained=training(architecture=name))
        for name in networks
    ]
    table = found(paths, 1, "cifar-10-c")
    measured = [number(path, "all", "mean_uce")[0] for path in paths]
    assert table.loc[("mean", "augmix"), "measured"] == pytest.approx(np.mean(measured))
    assert np.isnan(table.loc[("mean", "augmix"), "low"])
    assert np.isnan(found(paths[:3], 1, "cifar-10-c").loc[("mean", "augmix"), "measured"])


def test_imagenet_c_fills_a_row(write_trained):
    record = training("standard", "torchvision:resnet50", "imagenet")
    path = write_trained(
        "standard", architecture="torchvision:resnet50", trained=record, suite="imagenet-c"
    )
    row = found([path], 2).loc["standard"]
    assert row["measured"].notna().all()
    assert row.loc["fog", "measured"] == number(path, "fog", "ce")[0]
    assert row.loc["mce", "measured"] == number(path, "all", "mce")[0]
    assert row.loc["clean_error", "measured"] == number(path, "clean", "error")[0]
    assert list(row["published"][:4]) == [23.9, 79, 80, 82]


@pytest.mark.parametrize(
    ("options", "row"),
    [
        ({"jsd": False}, "augmix_no_jsd"),
        ({}, "augmix"),
    ],
)
def test_options_choose_the_row_of_the_ablation(write_trained, options, row):
    path = write_trained("run", trained=training("augmix", options=options))
    measured = found([path], 4)["measured"].dropna()
    assert list(measured.index) == [(row, "cifar-10-c")]


def test_random_augmentation_without_jsd_is_the_plain_row(write_trained):
    plain = write_trained("plain", trained=training("random_aa", options={"jsd": False}))
    jsd = write_trained("jsd", trained=training("random_aa"))
    table = found([plain, jsd], 4)["measured"].dropna()
    assert set(table.index.get_level_values(0)) == {"random_autoaugment", "random_autoaugment_jsd"}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"limit": 100}, "evaluated on 100 images, the paper on all"),
        ({"trained": {}}, "does not record the training method"),
        ({"trained": training("augmix", options={"severity": 1.0})}, "severity 1.0 instead of 3.0"),
        ({"trained": training("augmix", epochs=10)}, "epochs 10 instead of 100"),
        ({"trained": training() | {"epoch": 7}}, "stopped after 7 of 100 epochs"),
        ({"trained": training("pixmix")}, "the method pixmix is no row"),
        ({"architecture": "wrn-28-10"}, "augmix of wrn-28-10 on cifar-10-c is in no table"),
        ({"members": [{}, {}]}, "an ensemble"),
    ],
)
def test_a_run_without_a_place_says_why(write_trained, settings, reason):
    path = write_trained("odd", **settings)
    result = open_runs([path])
    assert result.placed == ()
    assert reason in result.listed["place"].iloc[0]


def test_the_anti_aliased_network_is_that_of_the_row(write_trained):
    network = "anti-aliased:torchvision:resnet50"
    record = training("maxblur", network, "imagenet")
    path = write_trained("blur", architecture=network, trained=record, suite="imagenet-c")
    assert found([path], 2).loc["maxblur_pool", "measured"].notna().all()


def test_stylised_images_may_lie_anywhere(write_trained):
    network = "torchvision:resnet50"
    record = training("sin", network, "imagenet", options={"stylised": "/somewhere"})
    path = write_trained("sin", architecture=network, trained=record, suite="imagenet-c")
    assert found([path], 2).loc["sin", "measured"].notna().all()


def test_another_recipe_is_placed_when_asked_for(write_trained):
    path = write_trained("short", trained=training("augmix", epochs=10))
    assert found([path], 4, any_recipe=True)["measured"].notna().sum() == 1
    assert "epochs 10" in open_runs([path], any_recipe=True).listed["recipe"].iloc[0]


def test_the_same_weights_twice_are_refused(write_trained, tmp_path):
    import shutil

    path = write_trained("one")
    shutil.copytree(path, tmp_path / "two")
    with pytest.raises(RobenchError, match="the same weights on cifar-10-c"):
        found([path, tmp_path / "two"], 4)


def test_seeds_measured_on_other_data_are_refused(write_trained):
    paths = [write_trained("one"), write_trained("two", preset="tiny")]
    with pytest.raises(RobenchError, match="belong to one cell and differ in their preset"):
        found(paths, 4)


def test_an_incomplete_run_is_to_be_resumed(write_trained):
    path = write_trained("begun", conditions=["clean", "fog-1"])
    cell = found([path], 4).loc[("augmix", "cifar-10-c")]
    assert np.isnan(cell["measured"])
    assert cell["command"].endswith("--resume")
    assert "of 75 conditions missing" in cell["reason"]
