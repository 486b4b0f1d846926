"""The leaderboard: the right order, and never one list for what was not measured alike."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from baselines import published
from reports import protocol
from reports.leaderboard import leaderboard
from reports.leaderboard_text import leaderboard_article, leaderboard_text
from robench.cli import main
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import score, write_scores
from tests.reports.conftest import SPECIAL
from tests.reports.synthetic import INFO, write_run

FOLDER = {"description": "the corrupted images in data/CIFAR-10-C (clean: CIFAR-10)", "images": 60}
FLY = {"description": "CIFAR-10, corrupted on the fly (preset cifar, seed 0)", "images": 60}


@pytest.fixture(scope="module", autouse=True)
def test_sets_of_few_images():
    """Make the test sets as small as the runs of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        counts = dict.fromkeys(protocol.OFFICIAL_COUNTS, 60)
        patch.setattr(protocol, "OFFICIAL_COUNTS", counts)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("board")
    write_run(root / "a/good", "good", slope=0.01, data=FOLDER)
    write_run(root / "bad", SPECIAL, slope=0.09, data=FOLDER, records_seed=1)
    write_run(root / "fly", "fly", slope=0.01, data=FLY, records_seed=2)
    write_run(root / "part", "part", data=FOLDER | {"limit": 50, "images": 50}, records_seed=3)
    write_run(root / "begun", "begun", data=FOLDER, conditions=["clean"], records_seed=4)
    write_run(root / "nothing", "nothing", data=FOLDER, conditions=[])
    newer = root / "newer"
    newer.mkdir()
    (newer / "run.json").write_text(json.dumps({**INFO, "format": 99}))
    training = root / "training"
    training.mkdir()
    (training / "run.json").write_text(json.dumps({"format": "robench-training/1"}))
    for name in ("a/good", "bad", "fly"):
        write_scores(open_run(root / name))
    return root


@pytest.fixture(scope="module")
def board(folder):
    return leaderboard(folder)


def test_unlike_protocols_have_lists_of_their_own(board):
    members = {each.protocol: set(each.table.index) for each in board.rankings}
    whole = members["all images, published files"]
    assert {"good", SPECIAL, "begun", "published:augmix-paper/augmix-resnext"} <= whole
    assert not {"fly", "part"} & whole
    assert members["all images, on the fly, preset cifar, seed 0"] == {"fly"}
    assert members["50 of 60 images, published files"] == {"part"}


def test_the_order_is_that_of_the_error(board, folder):
    table = board.rankings[0].table
    assert board.rankings[0].by == "mean_uce"
    known = table["mean_uce"].dropna()
    assert known.is_monotonic_increasing
    measured = score(open_run(folder / "a/good")).table
    expected = measured[measured["metric"] == "mean_uce"]["value"].iloc[0]
    assert table.loc["good", "mean_uce"] == pytest.approx(expected)
    paper = published.load("augmix_table1").set_index(["dataset", "architecture"])
    assert table.loc["published:augmix-paper/augmix-resnext", "mean_uce"] == pytest.approx(
        paper["augmix"]["cifar-10-c"]["resnext"] / 100
    )
    assert pd.isna(table.loc["begun", "rank"])  # its mean does not exist


def test_numbers_that_read_the_same_share_a_rank(board):
    table = board.rankings[0].table.dropna(subset="mean_uce")
    reading = table["mean_uce"].map("{:.1%}".format)
    assert reading.duplicated().any()
    assert (table.groupby(reading)["rank"].nunique() == 1).all()
    assert table["rank"].nunique() == reading.nunique()


def test_double_crops_and_subsets_are_lists_of_their_own(tmp_path):
    write_run(tmp_path / "run", suite="imagenet-c", data=FOLDER)
    protocols = {each.protocol: each.table for each in leaderboard(tmp_path).rankings}
    assert any("double crop" in name for name in protocols)
    assert any("robustbench-5k" in name for name in protocols)
    whole = protocols["all images, published files"]
    assert not any("testbed" in name or "robustbench" in name for name in whole.index)
    assert "published:augmix-paper/augmix-resnet50" in whole.index


def test_other_data_under_the_same_words_is_another_list(tmp_path):
    write_run(tmp_path / "one", "one", data=FOLDER)
    write_run(tmp_path / "two", "two", data=FOLDER | {"manifest_sha256": "ef" * 32})
    lists = leaderboard(tmp_path, with_published=False).rankings
    assert [list(each.table.index) for each in lists] == [["one"], ["two"]]


def test_a_folder_of_fewer_images_is_no_whole_test_set(tmp_path):
    write_run(tmp_path / "sample", "sample", data=FOLDER | {"images": 40}, conditions=["clean"])
    (only,) = leaderboard(tmp_path, with_published=False).rankings
    assert only.protocol == "40 of 60 images, published files"


def test_what_cannot_be_read_is_named(board):
    assert board.left_out.keys() == {"nothing", "newer"}
    assert "upgrade robench" in board.left_out["newer"]


def test_stale_scores_are_computed_anew(tmp_path):
    path = write_run(tmp_path / "run", conditions=["clean"], data=FOLDER)
    write_scores(open_run(path))
    write_run(path, data=FOLDER)
    table = leaderboard(tmp_path, with_published=False).rankings[0].table
    assert table["mean_uce"].notna().all()


def test_damaged_scores_are_computed_anew(tmp_path):
    path = write_run(tmp_path / "run", data=FOLDER)
    (path / "scores.csv").write_text('model,"suite\n')
    table = leaderboard(tmp_path, with_published=False).rankings[0].table
    assert table["mean_uce"].notna().all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"suite": "cifar-11-c"}, "cifar-10-c"),
        ({"by": "mean_ucee"}, "metric of a leaderboard"),
        ({"protocol": "no such words"}, "nothing to rank"),
    ],
)
def test_bad_input(folder, settings, message):
    with pytest.raises(RobenchError, match=message):
        leaderboard(folder, **settings)


def test_an_empty_folder_and_none(tmp_path):
    with pytest.raises(RobenchError, match="nothing to rank"):
        leaderboard(tmp_path)
    with pytest.raises(RobenchError, match="no folder"):
        leaderboard(tmp_path / "absent")


def test_the_command_prints_and_writes(folder, tmp_path):
    words = ["leaderboard", str(folder), "--protocol", "published", "--out", str(tmp_path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "left out: newer" in done.output
    written = {path.suffix for path in tmp_path.glob("leaderboard.*")}
    assert written == {".html", ".md", ".tex", ".csv", ".json"}
    assert "<b>" not in (tmp_path / "leaderboard.html").read_text()
    assert r"\&" in (tmp_path / "leaderboard.tex").read_text()


def test_text_and_article_agree(board):
    article, rows = leaderboard_article(board)
    assert len(rows) == sum(len(grid.names) for each in article.sections for grid in each.grids)
    assert leaderboard_text(board).count("ranked by") == len(board.rankings)


def test_other_images_than_the_benchmarks_are_a_list_of_their_own(tmp_path):
    made = {"on_the_fly": True, "images": 60}
    for name, other in (("own", False), ("other", True)):
        write_run(
            tmp_path / name,
            name,
            suite="tiny-imagenet-c",
            data={**made, "other_images": other},
            conditions=["clean"],
        )
    lists = {each.protocol: list(each.table.index) for each in leaderboard(tmp_path).rankings}
    alike = "on the fly, preset cifar, seed 0"
    assert lists[f"all images, other images than the benchmark's, {alike}"] == ["other"]
    assert lists[f"all images, {alike}"] == ["own"]
