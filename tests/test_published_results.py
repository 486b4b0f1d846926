"""Published results as scores: the papers' own means come out of their cells."""

import pytest

from baselines import published
from robench.errors import RobenchError
from robench.published_results import (
    PREFIX,
    STANDARD_MODELS,
    load_published,
    published_line,
    published_scores,
)
from robench.scoring import COLUMNS


def value(model: str, suite: str, metric: str, corruption: str = "all") -> float:
    table = load_published(model, suite)
    (found,) = table[(table["metric"] == metric) & (table["corruption"] == corruption)]["value"]
    return float(found)


def test_alexnets_mce_is_exactly_100_percent() -> None:
    assert value("alexnet", "imagenet-c", "mce") == 1.0
    assert value("alexnet", "imagenet-c", "error", "clean") == 0.4348


def test_robustbenchs_augmix_averages_what_its_authors_report() -> None:
    # 11.2 in Table 1 of the paper; 11.18 from RobustBench's cells.
    assert value("robustbench/Hendrycks2020AugMixWRN", "cifar-10-c", "mean_uce") == pytest.approx(
        0.1118, abs=5e-5
    )
    assert value("augmix-paper/augmix-wideresnet", "cifar-10-c", "mean_uce") == pytest.approx(0.112)


@pytest.mark.parametrize(
    ("table", "suite", "cell", "mean"),
    [
        ("augmix_table2", "imagenet-c", "ce", "mce"),
        ("augmix_table3", "imagenet-p", "flip_rate", "mfr"),
    ],
)
def test_the_papers_means_from_its_cells(table: str, suite: str, cell: str, mean: str) -> None:
    """Tables 2 and 3 print whole percents of the cells, and one decimal of their mean."""
    for method in published.load(table)["method"]:
        scores = load_published(f"augmix-paper/{method}-resnet50", suite)
        recomputed = scores[scores["metric"] == cell]["value"].mean()
        printed = value(f"augmix-paper/{method}-resnet50", suite, mean)
        assert recomputed == pytest.approx(printed, abs=0.0015)


def test_table_1_has_every_network_and_no_mean_of_them() -> None:
    scores = published_scores().query("table == 'augmix_table1'")
    assert len(scores) == 2 * 4 * 7
    assert not scores["model"].str.contains("mean").any()
    assert value("augmix-paper/standard-allconvnet", "cifar-10-c", "mean_uce") == 0.308


def test_published_scores_have_the_columns_of_a_runs_and_say_what_they_are() -> None:
    scores = published_scores()
    assert list(scores.columns) == [*COLUMNS, "table", "protocol"]
    assert scores["model"].str.startswith(PREFIX).all()
    assert set(scores["table"]) <= set(published.sources()["name"])
    assert scores[["low", "high", "n"]].isna().all().all()
    assert scores["value"].between(0, 1.2).all()
    assert not scores.duplicated(["model", "suite", "corruption", "severity", "metric"]).any()


def test_another_protocol_is_marked() -> None:
    scores = published_scores().set_index("model")
    testbed = scores[scores["table"] == "imagenet_testbed_cells_double_crop"].query("severity > 0")
    assert testbed["protocol"].str.contains("double crop").all()
    subset = scores[(scores["table"] == "robustbench_cells") & (scores["suite"] == "imagenet-c")]
    assert (subset["protocol"] == "a subset of 5,000 images").all()
    assert "mce" not in set(subset["metric"])  # AlexNet's errors are those of the whole set
    assert (scores[scores["suite"] == "cifar-10-c"]["protocol"] == "").all()


def test_an_incomplete_table_has_no_mean() -> None:
    from robench.published_results import _cells

    table = published.load("robustbench_cells").query("dataset == 'cifar-10-c'")
    cells = table[table["model"] == "Hendrycks2020AugMixWRN"].query(
        "not (corruption == 'fog' and severity == 4)"
    )
    metrics = [(row[2], row[4]) for row in _cells("m", "cifar-10-c", cells, "")]
    assert ("all", "mean_uce") not in metrics
    assert ("fog", "uce") not in metrics
    assert ("snow", "uce") in metrics


def test_unknown_names_are_refused_with_the_closest() -> None:
    with pytest.raises(RobenchError, match="did you mean 'robustbench/Hendrycks2020AugMixWRN'"):
        load_published("robustbench/Hendrycks2020AugMixWRM", "cifar-10-c")
    with pytest.raises(RobenchError, match="nothing is published of 'digits-c' here; known suites"):
        load_published("alexnet", "digits-c")


def test_the_published_line() -> None:
    line = published_line("imagenet-r")
    assert line.models == len(STANDARD_MODELS) == 8
    assert 0.5 < line.slope < 1.2
    assert line.residual < 0.03
    assert "resnet50" in line.origin
    with pytest.raises(RobenchError, match="the only published line is that to imagenet-r"):
        published_line("imagenet-a")
