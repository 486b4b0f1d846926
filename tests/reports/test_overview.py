"""A report on everything below a folder: nothing is lost, nothing stops it, and nothing of others is touched."""

import json
import re
import shutil
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reports.overview import write_overview
from reports.paper.opened import place_runs, without_conflicts
from reports.results import open_finished, score_run
from robench.cli import main
from robench.errors import RobenchError
from tests.reports.synthetic import INFO, write_run

PUBLISHED_TRAINING = Path(__file__).parents[2] / "results/trained/augmix-0"
SOME = ["clean", *(f"fog-{severity}" for severity in range(1, 6))]
DAMAGED = {
    "broken": "cannot be read",
    "lacking": "damaged: it has no entry data.images",
    "wrong": "damaged: seed must be a whole number, got 'zero'",
    "cut": "fog-1.parquet is damaged",
    "empty": "no condition of this run is finished",
    "begun": "no epoch of this training is finished",
    "attacked": "attack.json is damaged",
    "digits": "no page can be made of it: digits holds other images",
}


def write_world(root: Path) -> Path:
    """Write runs of two suites and three protocols, two of them of one name, a training, and damaged ones."""
    write_run(root / "a/cifar-10-c", "resnet20", conditions=SOME)
    write_run(root / "b/cifar-10-c", "resnet20", 0.01, conditions=SOME, records_seed=1)
    part = {"limit": 200, "images": 200}
    write_run(root / "part", "part", conditions=SOME, data=part, records_seed=2)
    write_run(root / "hundred", "hundred", suite="cifar-100-c", conditions=["clean"])
    write_run(root / "digits", "digits", suite="digits-c", conditions=["clean"])  # not the digits'
    (root / "trained").mkdir()
    for name in ("run.json", "log.jsonl"):
        shutil.copy(PUBLISHED_TRAINING / name, root / "trained" / name)
    (root / "broken").mkdir()
    (root / "broken/run.json").write_text('{"format": 1,')
    write_run(root / "lacking", conditions=["clean"])
    info = {**INFO, "data": {"description": "", "manifest_sha256": "", "limit": None}}
    (root / "lacking/run.json").write_text(json.dumps(info))
    write_run(root / "wrong", conditions=["clean"], seed="zero")
    write_run(root / "cut", conditions=SOME)
    (root / "cut/records/cifar-10-c/fog-1.parquet").write_bytes(b"PAR1 and no more")
    write_run(root / "empty", conditions=[])
    (root / "begun").mkdir()
    shutil.copy(PUBLISHED_TRAINING / "run.json", root / "begun/run.json")
    (root / "begun/log.jsonl").write_text("")
    (root / "attacked").mkdir()
    (root / "attacked/attack.json").write_text('{"model": {}}')
    return root


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A working folder with ``runs`` in it."""
    root = tmp_path_factory.mktemp("work")
    write_world(root / "runs")
    return root


@pytest.fixture(scope="module")
def told(world) -> Result:
    """What ``robench report`` says there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(world)
        return CliRunner().invoke(main, ["report", "--format", "html"])


@pytest.fixture(scope="module")
def index(world, told) -> str:
    return (world / "report/index.html").read_text(encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_needs_no_words_and_says_where_it_is(told):
    assert told.exit_code == 0, told.output
    assert told.stdout == "report: report/index.html\n"


@pytest.mark.parametrize(("folder", "reason"), DAMAGED.items())
def test_what_is_damaged_is_named_on_the_page_and_the_terminal(told, index, folder, reason):
    (line,) = [each for each in told.stderr.splitlines() if f"runs/{folder}" in each]
    assert line.startswith("robench: not shown: ")
    assert reason in line
    shown = index.replace("&#x27;", "'")
    assert line.removeprefix("robench: not shown: ").replace('"', "&quot;") in shown


def test_each_suite_and_protocol_has_a_page_that_is_linked(world, index):
    targets = re.findall(r'href="([^"#]+)"', index)
    assert all((world / "report" / each).is_file() for each in targets)
    assert set(targets) == {
        "cifar-10-c/report.html",
        "cifar-10-c-2/report.html",
        "cifar-100-c/report.html",
        "training/report.html",
        "augmix/paper.html",
        "leaderboard/leaderboard.html",
    }
    page = (world / "report/cifar-10-c-2/report.html").read_text(encoding="utf-8")
    assert "Robustness of part on cifar-10-c" in page


def test_equal_names_are_told_apart(index):
    assert "resnet20 (a/cifar-10-c)" in index
    assert "resnet20 (b/cifar-10-c)" in index


def test_the_best_is_first_and_what_is_unfinished_is_said(index):
    assert index.index("resnet20 (b/cifar-10-c)") < index.index("resnet20 (a/cifar-10-c)")
    assert "6 of 76 conditions" in index
    assert "Go on with resnet20 (b/cifar-10-c)" in index


def test_the_index_loads_nothing(index):
    assert "http:" not in index
    assert "https:" not in index
    assert not re.search(r"\ssrc=", index)


def test_the_same_runs_give_the_same_bytes(world, told, tmp_path, monkeypatch):
    monkeypatch.chdir(world)
    write_overview([Path("runs")], tmp_path / "again", formats=("html",))
    assert files(tmp_path / "again") == files(world / "report")


def test_pages_of_runs_that_are_gone_go_and_what_is_foreign_stays(tmp_path):
    runs, out = tmp_path / "runs", tmp_path / "out"
    one, other = write_run(runs / "one", conditions=["clean"]), runs / "other"
    write_run(other, suite="cifar-100-c", conditions=["clean"])
    out.mkdir()
    (out / "thesis.tex").write_text("mine")
    write_overview([runs], out, formats=("html",))
    (out / "cifar-100-c/figures/mine.txt").write_text("mine")
    assert (out / "cifar-100-c/report.html").exists()
    shutil.rmtree(other)
    write_overview([runs], out, formats=("html",))
    left = {
        str(path.relative_to(out)) for path in (out / "cifar-100-c").rglob("*") if path.is_file()
    }
    assert left == {"cifar-100-c/figures/mine.txt"}
    assert (out / "thesis.tex").read_text() == "mine"
    assert "cifar-100-c" not in (out / "index.html").read_text(encoding="utf-8")
    assert one.exists()


def test_a_file_of_others_is_not_overwritten(tmp_path):
    write_run(tmp_path / "runs/one", conditions=["clean"])
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine")
    with pytest.raises(RobenchError, match=r"index\.html is there and no report of robench wrote"):
        write_overview([tmp_path / "runs"], tmp_path / "site", formats=("html",))
    assert (tmp_path / "site/index.html").read_text() == "mine"


def test_a_report_folder_of_others_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report").mkdir()
    (tmp_path / "report/thesis.tex").write_text("mine")
    done = CliRunner().invoke(main, ["report"])
    assert done.exit_code == 2
    assert done.stderr.startswith("robench: report holds what is no report of robench")
    assert [each.name for each in (tmp_path / "report").iterdir()] == ["thesis.tex"]


def test_without_a_run_there_are_the_published_tables_and_what_to_type(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    done = CliRunner().invoke(main, ["report", "--format", "html", "--open"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "No run yet" in page
    assert "robench train augmix" in page
    assert "The published numbers alone" in (tmp_path / "report/augmix/paper.html").read_text()
    assert opened == [(tmp_path / "report/index.html").as_uri()]


def test_a_named_run_that_is_damaged_is_an_error(world, tmp_path):
    for name in ("broken", "empty", "lacking"):
        words = ["report", str(world / "runs" / name), "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 2
        assert DAMAGED[name] in done.stderr
    empty = tmp_path / "nothing"
    empty.mkdir()
    done = CliRunner().invoke(main, ["report", str(empty)])
    assert "it holds no run" in done.stderr


def test_an_index_needs_pages(world):
    done = CliRunner().invoke(main, ["report", str(world / "runs"), "--format", "csv"])
    assert done.exit_code == 2
    assert "give --format html too" in done.stderr


def test_a_training_with_its_evaluation_is_a_folder_of_runs(world, tmp_path):
    shutil.copytree(world / "runs/trained", tmp_path / "augmix")
    words = ["report", str(tmp_path / "augmix"), "--format", "html", "--out", str(tmp_path / "out")]
    assert "report.html" in CliRunner().invoke(main, words).stdout
    write_run(tmp_path / "augmix/cifar-10-c", conditions=["clean"])
    assert "index.html" in CliRunner().invoke(main, words).stdout
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "1 evaluation · 1 training" in page


def test_data_that_is_not_a_pages_is_named_and_the_page_is_there(tmp_path):
    write_run(tmp_path / "runs/one", conditions=["clean"])
    (tmp_path / "data").mkdir()
    done = write_overview(
        [tmp_path / "runs"], tmp_path / "out", formats=("html",), data_dir=tmp_path / "data"
    )
    assert any("the images of cifar-10-c in" in each for each in done.left_out)
    assert (tmp_path / "out/cifar-10-c/report.html").exists()


def test_of_equal_weights_one_stands_in_a_papers_cell(tmp_path):
    one = write_run(tmp_path / "one", "one", conditions=["clean"])
    two = write_run(tmp_path / "two", "two", conditions=["clean", "fog-1"])
    placed = place_runs([score_run(open_finished(path)) for path in (one, two)])
    kept, left_out = without_conflicts(placed)
    assert [run.label for run in kept] == ["two"]
    assert left_out == {"one": "the same weights as two, which has their cell"}


def test_progress_adds_up_to_one(tmp_path):
    write_run(tmp_path / "runs/one", conditions=["clean"])
    write_run(tmp_path / "runs/two", conditions=[])
    parts: list[float] = []
    write_overview([tmp_path / "runs"], tmp_path / "out", formats=("html",), progress=parts.append)
    assert sum(parts) <= 1 + 1e-9
    assert sum(parts) > 0.6
