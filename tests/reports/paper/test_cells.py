"""Runs in the cells of the paper's tables: the right cell, the right number, or the reason why there is none."""

import numpy as np
import pytest
from scipy import stats

from reports.page.article_markdown import markdown_article
from reports.paper.cells import cells
from reports.paper.figures import figure_places
from reports.paper.opened import open_runs
from reports.paper.own_rows import with_own_rows
from reports.paper.paper import paper_article, places
from reports.paper.papers import paper_named
from reports.paper.placed_run import ON_THE_FLY
from reports.paper.placement import placement
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import write_scores
from tests.reports.paper.conftest import scored, training


def opened(paths, any_recipe=False, paper="augmix"):
    """Return a paper's tables with these runs, their rows of their own included, and the runs."""
    laid_out = paper_named(paper).tables()
    runs = open_runs(paths, any_recipe)
    in_cells = places(laid_out) | figure_places()
    return [with_own_rows(table, runs, in_cells) for table in laid_out], runs


def found(paths, number, part="", any_recipe=False):
    """Return the cells of a table with these runs, by row and column."""
    laid_out, runs = opened(paths, any_recipe)
    table = next(each for each in laid_out if (each.name[-1], each.part) == (str(number), part))
    return cells(table, runs).set_index(["row", "column"])


def own_rows(paths, number, part="", any_recipe=False):
    """Return the measured cells of a table's rows of their own, by name and column."""
    laid_out, runs = opened(paths, any_recipe)
    table = next(each for each in laid_out if (each.name[-1], each.part) == (str(number), part))
    known = cells(table, runs).dropna(subset="measured")
    known = known[known["row"].isin(table.own)]
    return known.assign(row=known["row"].map(table.rows)).set_index(["row", "column"])


def number(path, corruption, metric):
    table = scored(path).table
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


def test_imagenet_p_fills_a_row_when_divided_by_alexnet(write_flips):
    """Sequence k flips (k + 2) modulo 11 times of 10, and AlexNet's k + 1: the flip rate is their ratio."""
    alexnet = write_flips("imagenet-p", None, 1, "alexnet", architecture="torchvision:alexnet")
    path = write_flips("imagenet-p", training("standard", "torchvision:resnet50", "imagenet"), 2)
    write_scores(open_run(path), open_run(alexnet))
    row = found([path], 3).loc["standard"]
    rates = [100 * ((number + 2) % 11) / (number + 1) for number in range(10)]
    assert list(row["measured"])[1:-1] == pytest.approx(rates)
    assert row.loc["mfr", "measured"] == pytest.approx(np.mean(rates))
    assert row.loc["mfr", "published"] == 57.2
    assert (row["unlike"] == "").all()


def test_imagenet_p_divided_by_another_network_is_a_row_of_its_own(write_flips):
    other = write_flips("imagenet-p", None, 1, "vgg19", architecture="torchvision:vgg19")
    path = write_flips("imagenet-p", training("standard", "torchvision:resnet50", "imagenet"), 2)
    write_scores(open_run(path), open_run(other))
    assert found([path], 3).loc["standard", "measured"].isna().all()
    shown = own_rows([path], 3)
    assert set(shown.index.get_level_values(0)) == {"Standard, resnet50, divided by vgg19"}
    assert (shown["unlike"] == "divided by vgg19, the paper's numbers by AlexNet").all()


def test_a_finished_run_without_a_number_says_why_and_is_not_to_be_resumed(write_flips):
    path = write_flips("imagenet-p", training("standard", "torchvision:resnet50", "imagenet"), 2)
    cell = found([path], 3).loc[("standard", "tilt")]
    assert "baseline" in cell["reason"]
    assert cell["command"] == ""


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
    ("settings", "row", "reason"),
    [
        ({"limit": 60}, "AugMix, wrn-40-2, 60 of 100 images", "measured on 60 of 100 images"),
        ({"trained": {}}, "odd", "how it was trained is not on record"),
        (
            {"trained": training("augmix", options={"severity": 1.0})},
            "odd",
            "augmix with other options than a row of a table: severity 1.0 instead of 3.0",
        ),
        (
            {"trained": training("augmix", epochs=10)},
            "AugMix, wrn-40-2, epochs 10",
            "trained with epochs 10 instead of 100",
        ),
        (
            {"trained": training() | {"epoch": 7}},
            "AugMix, wrn-40-2, stopped after 7 of 100 epochs",
            "trained with stopped after 7 of 100 epochs",
        ),
        ({"trained": training("pixmix")}, "PixMix, wrn-40-2", ""),
        ({"architecture": "wrn-28-10"}, "AugMix, wrn-28-10", ""),
        ({"members": [{}, {}]}, "odd, an ensemble of 2", "an ensemble of 2"),
    ],
)
def test_a_run_that_the_paper_has_no_cell_for_has_a_row_of_its_own(
    write_trained, settings, row, reason
):
    path = write_trained("odd", **settings)
    shown = own_rows([path], 4)
    assert list(shown.index) == [(row, "cifar-10-c")]
    cell = shown.iloc[0]
    assert cell["measured"] == number(path, "all", "mean_uce")[0]
    assert cell["unlike"] == reason
    assert np.isnan(cell["published"])
    assert np.isnan(cell["difference"])
    assert found([path], 4)["measured"].notna().sum() == 1  # that row, and no cell of the paper
    listed = paper_article("augmix", [path])[0].sections[-2].grids[0]
    assert "a row of its own" in listed.rows[0][1].text
    assert reason in listed.rows[0][1].text


def test_another_network_is_a_row_of_table_1_too(write_trained):
    """Two methods of a network that the paper does not have stand in one row, and compete there."""
    paths = [
        write_trained(method, architecture="resnet20", trained=training(method, "resnet20"), slope=slope)
        for method, slope in (("augmix", 0.02), ("standard", 0.05))
    ]  # fmt: skip
    shown = own_rows(paths, 1, "cifar-10-c")
    assert list(shown.index) == [("resnet20", "standard"), ("resnet20", "augmix")]
    assert found(paths, 1, "cifar-10-c").loc["mean", "measured"].isna().all()
    grid = paper_article("augmix", paths)[0].sections[0].grids[0]
    row = grid.rows[grid.names.index("resnet20")]
    best = [column.heading for column, cell in zip(grid.columns, row, strict=True) if cell.best]
    assert best == ["AugMix"]
    assert grid.names.count("resnet20") == 1  # nothing published, no difference


def test_methods_below_the_papers_own_stand_in_its_order(write_trained):
    options = {"augmix_no_jsd": {"jsd": False}}
    paths = [
        write_trained(
            name, trained=training(name.split("_")[0], options=options.get(name), epochs=10)
        )
        for name in ("augmix", "augmix_no_jsd", "standard")
    ]
    names = list(own_rows(paths, 4).index.get_level_values(0))
    assert [name.partition(",")[0] for name in names] == [
        "Standard",
        "AugMix without JSD",
        "AugMix",
    ]


def test_a_run_is_in_a_row_of_its_own_or_in_a_cell_but_not_in_both(write_trained):
    resnext = write_trained(
        "resnext", architecture="resnext29", trained=training(architecture="resnext29")
    )
    assert own_rows([resnext], 4).empty
    assert own_rows([resnext], 1, "cifar-10-c").empty


FLY = "the CIFAR-10 test set (official md5), corrupted on the fly (preset cifar, seed 0)"


def test_what_was_corrupted_on_the_fly_is_marked(write_trained):
    path = write_trained("fly", description=FLY)
    assert found([path], 4).loc[("augmix", "cifar-10-c"), "unlike"] == ON_THE_FLY
    section = paper_article("augmix", [path])[0].sections[3]
    (grid,) = section.grids
    marked = {
        (name, cells_of_row[0].text): cells_of_row[1].mark
        for name, cells_of_row in zip(grid.names, grid.rows, strict=True)
        if name == "AugMix"
    }
    assert marked == {
        ("AugMix", "measured"): "†",
        ("AugMix", "published"): "",
        ("AugMix", "difference"): "†",
    }
    assert [note for note in section.notes if note.startswith("†")] == [
        f"† Not like for like with the published numbers: {ON_THE_FLY} (AugMix, CIFAR-10-C)."
    ]


def test_the_published_files_are_not_marked(write_trained):
    path = write_trained("folder")
    assert found([path], 4).loc[("augmix", "cifar-10-c"), "unlike"] == ""
    text = markdown_article(paper_article("augmix", [path])[0])
    assert "†" not in text


def test_clean_images_are_the_same_on_the_fly(write_trained):
    record = training("standard", "torchvision:resnet50", "imagenet")
    path = write_trained(
        "fly",
        architecture="torchvision:resnet50",
        trained=record,
        suite="imagenet-c",
        description="photographs, corrupted on the fly (preset imagenet, seed 0, as JPEG files)",
    )
    row = found([path], 2).loc["standard"]
    assert row.loc["clean_error", "unlike"] == ""
    assert (row["unlike"].drop("clean_error") == ON_THE_FLY).all()


def test_other_draws_of_the_corruptions_are_a_row_of_their_own(write_trained):
    path = write_trained("seed-1", description=FLY.replace("seed 0", "seed 1"), seed=1)
    assert list(own_rows([path], 4).index) == [
        ("AugMix, wrn-40-2, corruptions of seed 1", "cifar-10-c")
    ]


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


def test_another_recipe_is_in_the_cell_when_asked_for_and_marked(write_trained):
    path = write_trained("short", trained=training("augmix", epochs=10))
    cell = found([path], 4, any_recipe=True).loc[("augmix", "cifar-10-c")]
    assert cell["measured"] == number(path, "all", "mean_uce")[0]
    assert cell["unlike"] == "trained with epochs 10 instead of 100"
    assert own_rows([path], 4, any_recipe=True).empty


def test_ratios_to_another_network_are_a_row_of_their_own(write_trained):
    path = write_trained("run", conditions=["clean"])
    info = open_run(path).info
    assert placement(info, "a", divisor="vgg19").trained.apart == "divided by vgg19"
    assert placement(info, "a", divisor="torchvision:alexnet").trained.apart == ""
    tempered = placement(info | {"temperature": {"values": [1.7]}}, "a")
    assert tempered.trained.apart == "temperature-scaled"


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


def test_an_incomplete_run_is_to_be_continued(write_trained):
    path = write_trained("begun", conditions=["clean", "fog-1"])
    cell = found([path], 4).loc[("augmix", "cifar-10-c")]
    assert np.isnan(cell["measured"])
    assert cell["command"].startswith("robench eval")
    assert "of 75 conditions missing" in cell["reason"]
