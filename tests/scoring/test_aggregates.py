from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from robench.errors import RobenchError
from robench.metrics import registry
from robench.records import Run, open_run
from robench.scoring import score
from robench.scoring.aggregates import COLUMNS, aggregates
from robench.suites import CLEAN, Condition
from tests.reports.synthetic import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(write_run(tmp_path_factory.mktemp("run") / "run", data={"images": 100}))


@pytest.fixture(scope="module")
def table(run: Run) -> pd.DataFrame:
    return aggregates(run, resamples=60).set_index(["aggregation", "group", "metric"])


def mean(
    run: Run, metric: str, *, severity: int | None = None, names: tuple[str, ...] = ()
) -> float:
    chosen = [
        condition
        for condition in run.conditions()
        if condition != CLEAN
        and (severity is None or condition.severity == severity)
        and (not names or condition.corruption in names)
    ]
    return float(np.mean([registry()[metric].value(run.read(condition)) for condition in chosen]))


@pytest.mark.parametrize("metric", ["error", "rms_calibration_error", "aurc", "nll"])
def test_groups_by_hand(run: Run, table: pd.DataFrame, metric: str) -> None:
    noise = ("gaussian_noise", "shot_noise", "impulse_noise")
    assert table.loc[("corruptions", "all", metric), "value"] == pytest.approx(mean(run, metric))
    assert table.loc[("severity", "4", metric), "value"] == pytest.approx(
        mean(run, metric, severity=4)
    )
    assert table.loc[("family", "noise", metric), "value"] == pytest.approx(
        mean(run, metric, names=noise)
    )
    whole = pd.concat([run.read(each) for each in run.conditions() if each != CLEAN])
    assert table.loc[("pooled", "all", metric), "value"] == pytest.approx(
        registry()[metric].value(whole), abs=2e-3 if metric == "rms_calibration_error" else 1e-9
    )


def test_groups_and_their_conditions(table: pd.DataFrame) -> None:
    counts = table.xs("error", level="metric")["conditions"].to_dict()
    assert counts == {
        ("corruptions", "all"): 75,
        ("pooled", "all"): 75,
        ("family", "noise"): 15,
        ("family", "blur"): 20,
        ("family", "weather"): 20,
        ("family", "digital"): 20,
        **{("severity", str(severity)): 15 for severity in range(1, 6)},
    }
    refused = table[table["reason"] != ""].reset_index()
    assert set(refused["metric"]) == {"rms_calibration_error_reference"}  # too few images
    assert list(table.reset_index().columns) == COLUMNS
    bounded = table.dropna(subset=["low"])
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()
    assert len(bounded) > 0.8 * len(table)


def test_the_papers_mean_is_that_of_the_scores(run: Run, table: pd.DataFrame) -> None:
    scores = score(run, resamples=60).table
    expected = scores[scores["metric"] == "mean_uce"].iloc[0]
    found = table.loc[("corruptions", "all", "error")]
    assert found["value"] == pytest.approx(expected["value"])
    assert found["low"] == pytest.approx(expected["low"], abs=2e-6)


def test_pooled_draws_resample_images_not_predictions(table: pd.DataFrame) -> None:
    """75 conditions of 100 images are 100 images: pooling them makes nothing surer."""
    widths = table["high"] - table["low"]
    assert widths["pooled", "all", "error"] == pytest.approx(
        widths["corruptions", "all", "error"], rel=1e-6
    )
    assert widths["pooled", "all", "aurc"] > 0.5 * widths["corruptions", "all", "aurc"]


def test_incomplete_groups_have_a_reason_instead(tmp_path: Path) -> None:
    conditions = ["clean", *(f"fog-{severity}" for severity in range(1, 6))]
    run = open_run(write_run(tmp_path / "run", conditions=conditions, data={"images": 60}))
    table = aggregates(run, resamples=20)
    assert table["value"].isna().all()
    reasons = table[table["metric"] == "error"].set_index(["aggregation", "group"])["reason"]
    assert reasons["severity", "2"].startswith("14 of 15 conditions missing (gaussian_noise-2")
    assert reasons["pooled", "all"].startswith("70 of 75 conditions missing")
    empty = open_run(write_run(tmp_path / "empty", conditions=["clean"]))
    with pytest.raises(RobenchError, match="no corrupted condition of cifar-10-c is finished"):
        aggregates(empty)


def test_an_undefined_metric_has_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = open_run(write_run(tmp_path / "run", data={"images": 60}))
    fog, read = Condition("fog", 3), Run.read

    def undefined(run: Run, condition: Condition) -> pd.DataFrame:
        records = read(run, condition)
        return records.assign(nll=np.float32("nan")) if condition == fog else records

    monkeypatch.setattr(Run, "read", undefined)
    table = aggregates(broken, resamples=20).set_index(["aggregation", "group", "metric"])
    assert table.loc[("family", "weather", "nll"), "reason"] == "undefined for some conditions"
    assert table.loc[("pooled", "all", "nll"), "reason"] == "undefined for some conditions"
    assert np.isnan(table.loc[("family", "weather", "nll"), "value"])
    assert np.isfinite(table.loc[("family", "noise", "nll"), "value"])
