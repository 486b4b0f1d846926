"""A run handed on as run.json and scores.csv alone gives the scores it had, and says what it lacks."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from reports.report import write_report
from robench import scoring
from robench.comparison import compare
from robench.errors import RobenchError
from robench.records import Run, open_run
from tests.reports.synthetic import write_run

FILES = ("run.json", "scores.csv")


def alone(run: Run, folder: Path) -> Run:
    """Score a run and copy it without its records."""
    scoring.write_scores(run)
    folder.mkdir()
    for name in FILES:
        shutil.copy(run.path / name, folder / name)
    return open_run(folder)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Run, Run]:
    """Return a run of which fog-3 is missing, and its scores alone."""
    run = open_run(write_run(tmp_path / "whole"))
    (run.path / "records/cifar-10-c/fog-3.parquet").unlink()
    return run, alone(run, tmp_path / "alone")


def test_the_scores_and_refusals_are_those_of_the_records(pair: tuple[Run, Run]) -> None:
    whole, kept = (scoring.score(run) for run in pair)
    pd.testing.assert_frame_equal(kept.table, whole.table)
    assert kept.refused == whole.refused
    assert kept.refused["mean_uce"]


def test_the_conditions_are_those_with_numbers(pair: tuple[Run, Run]) -> None:
    whole, kept = pair
    assert kept.conditions() == whole.conditions()
    assert "fog-3" not in map(str, kept.conditions())


def test_a_report_says_what_is_not_shown(pair: tuple[Run, Run], tmp_path: Path) -> None:
    _, kept = pair
    write_report([kept.path], tmp_path / "report", formats=["markdown"])
    text = (tmp_path / "report/report.md").read_text(encoding="utf-8")
    assert "without the records of single images" in text
    assert "Severity" in text


def test_what_needs_the_records_is_refused_in_words(pair: tuple[Run, Run]) -> None:
    whole, kept = pair
    with pytest.raises(RobenchError, match="without its records"):
        compare([whole.path, kept.path])


def test_a_damaged_table_is_named(pair: tuple[Run, Run]) -> None:
    _, kept = pair
    path = kept.path / "scores.csv"
    path.write_text(path.read_text().replace("reason", "excuse", 1))
    with pytest.raises(RobenchError, match=r"scores\.csv cannot be read .*'reason'"):
        scoring.score(kept)
