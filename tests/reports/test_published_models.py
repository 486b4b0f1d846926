"""Published models beside a run: their numbers, marked, and never where they were measured otherwise."""

import numpy as np
import pytest
from click.testing import CliRunner

from reports import protocol
from reports.comparison_text import comparison_text
from reports.content import compose
from reports.results import read_results
from robench.cli import main
from robench.comparison import compare
from robench.errors import RobenchError
from robench.published_results import load_published
from tests.reports.synthetic import INFO, write_run

CELLS = "published:robustbench/Hendrycks2020AugMixWRN"
MEAN = "published:augmix-paper/augmix-wideresnet"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("beside") / "mine", "mine", slope=0.01)


@pytest.fixture
def whole(monkeypatch):
    """Let the images of these runs be the whole test set."""
    monkeypatch.setattr(protocol, "OFFICIAL_COUNTS", {"cifar-10": INFO["data"]["images"]})


@pytest.fixture
def content(run, whole):
    return compose(read_results([run, CELLS, MEAN]))


def cells_of(grid, name, heading):
    place = [column.heading for column in grid.columns].index(heading)
    return grid.rows[grid.names.index(name)][place]


def test_they_stand_below_the_run_in_the_tables(content):
    assert content.summary.names == ("mine", CELLS, MEAN)
    assert cells_of(content.summary, MEAN, "Mean corruption error (%)").text == "11.2"
    assert cells_of(content.summary, MEAN, "Mean corruption error (%)").interval == ""
    assert cells_of(content.summary, MEAN, "Clean error (%)").text == "—"
    (by_corruption,) = content.by_corruption
    fog = load_published(CELLS, "cifar-10-c").query("corruption == 'fog' and metric == 'uce'")
    (value,) = fog["value"]
    assert cells_of(by_corruption, CELLS, "Fog").text == f"{100 * value:.1f}"
    assert cells_of(by_corruption, MEAN, "Fog").text == "—"


def test_cells_by_severity_are_drawn(content):
    lines = content.severity[0].drawing.data.groupby("run", sort=False)["error"].count()
    assert list(lines.index) == ["mine", CELLS]
    known = load_published(CELLS, "cifar-10-c").query("severity == 3 and metric == 'error'")
    drawn = content.severity[0].drawing.data.set_index(["run", "severity"])["error"]
    assert drawn[CELLS, 3] == pytest.approx(known["value"].mean())


def test_none_of_them_is_best_or_the_headline(content):
    best = {
        name
        for name, row in zip(content.summary.names, content.summary.rows, strict=True)
        if any(cell.best for cell in row)
    }
    assert best == set()  # one run has nothing to compete with
    assert content.lead.startswith("mine: mean corruption error")


def test_the_page_says_what_they_are(content):
    said = " ".join(content.notes)
    assert "numbers that others have published" in said
    assert "corrupted on the fly, with other random draws, is not like for like" in said


def test_a_part_of_the_images_does_not_stand_beside_the_whole(run):
    with pytest.raises(RobenchError, match="on the whole test set, mine on 300 of 10,000 images"):
        read_results([run, MEAN])
    assert read_results([run, MEAN], mixed=True).published == (MEAN,)


def test_other_images_do_not_stand_beside_it(tmp_path):
    run = write_run(tmp_path / "run", "mine", conditions=["clean"], data={"other_images": True})
    with pytest.raises(RobenchError, match="measured on the benchmark's images, mine on other"):
        read_results([run, MEAN])


def test_another_protocol_does_not_stand_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(protocol, "OFFICIAL_COUNTS", {"imagenet": INFO["data"]["images"]})
    run = write_run(tmp_path / "run", suite="imagenet-c", conditions=["clean"])
    with pytest.raises(RobenchError, match=r"not measured as the run was: .*double crop"):
        read_results([run, "published:testbed/resnet50"])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["published:augmix-paper/augmix-widresnet"],
            "did you mean .*; see: robench list published",
        ),
        ([MEAN, MEAN], "is given twice"),
    ],
)
def test_bad_names(run, whole, names, message):
    with pytest.raises(RobenchError, match=message):
        read_results([run, *names])


def test_a_report_needs_a_run_too():
    with pytest.raises(RobenchError, match="needs at least one run folder"):
        read_results([MEAN])


def test_compare_takes_them_as_exact(run, whole):
    found = compare([run, CELLS], resamples=100)
    assert found.names == ("mine",)
    row = found.differences.query("metric == 'mean_uce'").iloc[0]
    own = found.scores["mine"].table.query("metric == 'mean_uce'").iloc[0]
    known = load_published(CELLS, "cifar-10-c").query("metric == 'mean_uce'")["value"].iloc[0]
    assert row["difference"] == pytest.approx(known - own["value"])
    assert (row["low"], row["high"]) == pytest.approx((known - own["high"], known - own["low"]))
    assert row["test"] == "none"
    assert np.isnan(row["p"])
    text = comparison_text(found)
    assert f"{CELLS} against mine (300 images)" in text
    assert "taken as exact" in text


def test_compare_begins_with_a_run(run):
    with pytest.raises(RobenchError, match="the first to compare must be a run"):
        compare([CELLS, run])


def test_they_are_listed_when_asked_for():
    alone = CliRunner().invoke(main, ["list", "published"]).output
    assert f"{MEAN} " in alone
    assert "cifar-10-c, cifar-100-c" in alone
    everything = CliRunner().invoke(main, ["list"]).output
    assert MEAN not in everything
    assert "robench list published" in everything
