from pathlib import Path

import pandas as pd
import pytest

import robench
from robench.records import COLUMNS
from robench.scoring import COLUMNS as SCORE_COLUMNS
from robench.scoring import write_scores
from tests.reports.synthetic import write_run


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    conditions = ["clean", "fog-3", "snow-1"]
    root = tmp_path_factory.mktemp("runs")
    return write_run(root / "run", conditions=conditions, data={"images": 60})


def test_a_run_is_data_frames(path: Path) -> None:
    run = robench.load_run(path)
    assert run.info["name"] == "standard"
    assert list(run.records.columns) == ["corruption", "severity", *COLUMNS]
    assert run.records.groupby(["corruption", "severity"], observed=True).size().to_dict() == {
        ("clean", 0): 60,
        ("fog", 3): 60,
        ("snow", 1): 60,
    }
    assert list(run.scores.columns) == list(SCORE_COLUMNS)
    assert "mean_uce" in set(run.refused["score"])
    assert run.scores is run.scores  # computed once


def test_the_error_from_the_records_as_they_are(path: Path) -> None:
    run = robench.load_run(path)
    table = pd.read_parquet(path / "records/cifar-10-c/fog-3.parquet")
    error = (table["prediction"] != table["label"]).mean()
    of_fog = run.scores.query("metric == 'error' and corruption == 'fog'")
    assert of_fog["value"].tolist() == [error]


def test_scores_csv_says_why_a_score_is_missing(path: Path) -> None:
    write_scores(robench.load_run(path).run)
    table = pd.read_csv(path / "scores.csv")
    assert list(table.columns) == [*SCORE_COLUMNS, "reason"]
    assert (table["value"].isna() == table["reason"].notna()).all()
    missing = table[table["value"].isna()].set_index(["corruption", "metric"])["reason"]
    assert missing["all", "mean_uce"].startswith("73 of 75 conditions missing")
    assert missing["all", "nll"].startswith("73 of 75 conditions missing")
    assert missing["fog", "uce"].startswith("4 of 5 conditions missing")
    undefined = table[
        (table["metric"] == "rms_calibration_error_reference") & (table["severity"] == 3)
    ]
    assert "needs at least 200 images" in undefined["reason"].iloc[0]


def test_what_is_no_run_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(robench.RobenchError, match="is not a run directory"):
        robench.load_run(tmp_path)
    empty = write_run(tmp_path / "empty", conditions=[])
    with pytest.raises(robench.RobenchError, match="no condition of this run is finished"):
        robench.load_run(empty)
