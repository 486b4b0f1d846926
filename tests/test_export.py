"""Exports, read back by the means of those who read them."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import robench
from robench.cli import main
from robench.export import FORMATS, TIMM_COLUMNS
from robench.loaded_run import LoadedRun
from tests.reports.synthetic import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    view = {"resize_px": 256, "crop_px": [224, 224], "interpolation": "bicubic", "origin": "timm"}
    path = tmp_path_factory.mktemp("whole") / "run"
    return robench.load_run(write_run(path, data={"images": 60}, model={"clean_view": view}))


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    path = tmp_path_factory.mktemp("partial") / "run"
    return robench.load_run(write_run(path, conditions=["fog-3", "snow-1"], data={"images": 60}))


def value(run: LoadedRun, metric: str, corruption: str) -> float:
    found = run.scores.query("metric == @metric and corruption == @corruption")
    return float(found["value"].iloc[0])


def test_csv_is_tidy_and_says_what_is_missing(run: LoadedRun, partial: LoadedRun) -> None:
    table = pd.read_csv(io.StringIO(FORMATS["csv"]([run, partial], ["whole", "part"])))
    of_whole = table[(table["run"] == "whole") & table["value"].notna()].reset_index(drop=True)
    np.testing.assert_array_equal(of_whole["value"], run.scores["value"])
    missing = table[(table["run"] == "part") & (table["metric"] == "mean_uce")].iloc[0]
    assert np.isnan(missing["value"])
    assert missing["reason"].startswith("73 of 75 conditions missing")


def test_json_has_null_and_a_reason(run: LoadedRun, partial: LoadedRun) -> None:
    def no_constant(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = FORMATS["json"]([run, partial], ["whole", "part"])
    content = json.loads(text, parse_constant=no_constant)
    whole, part = content["runs"]
    assert whole["info"]["suite"] == "cifar-10-c"
    assert len(whole["scores"]) == len(run.scores)
    mean = next(score for score in whole["scores"] if score["metric"] == "mean_uce")
    assert (mean["value"], mean["severity"], mean["n"]) == (value(run, "mean_uce", "all"), None, 60)
    assert {"mean_uce", "mean nll"} <= {entry["score"] for entry in part["refused"]}
    assert "mean_uce" not in {score["metric"] for score in part["scores"]}


def test_timm_columns(run: LoadedRun, partial: LoadedRun) -> None:
    table = pd.read_csv(io.StringIO(FORMATS["timm"]([run], ["net"]))).set_index("images")
    assert list(table.columns[:9]) == TIMM_COLUMNS
    clean = table.loc["clean"]
    assert clean["top1_err"] == pytest.approx(100 * value(run, "error", "clean"), abs=1e-3)
    assert clean["top1"] + clean["top1_err"] == pytest.approx(100)
    assert (clean["img_size"], clean["crop_pct"], clean["interpolation"]) == (224, 0.875, "bicubic")
    assert clean["param_count"] == 2.24
    corrupted = table.loc["corrupted", "top1_err"]
    assert corrupted == pytest.approx(100 * value(run, "mean_uce", "all"), abs=1e-3)
    with pytest.raises(robench.RobenchError, match="part has no test set that is whole"):
        FORMATS["timm"]([partial], ["part"])


def test_robustbench_reads_its_layout(run: LoadedRun, partial: LoadedRun) -> None:
    text = FORMATS["robustbench"]([run], ["net"])
    table = pd.read_csv(io.StringIO(text), header=[0, 1], index_col=0)
    table.columns = table.columns.set_levels(
        [table.columns.levels[0], table.columns.levels[1].astype(int)]
    )
    errors = run.scores.query("metric == 'error' and corruption == 'fog' and severity == 3")
    assert 1 - table.loc["net", ("fog", 3)] == pytest.approx(errors["value"].iloc[0])
    assert 1 - table.loc["net"].mean() == pytest.approx(value(run, "mean_uce", "all"))
    with pytest.raises(
        robench.RobenchError, match=r"part: 73 of 75 conditions .* \(shot_noise-1, "
    ):
        FORMATS["robustbench"]([partial], ["part"])


def test_the_command(partial: LoadedRun, tmp_path: Path) -> None:
    path, out = str(partial.run.path), tmp_path / "deep" / "scores.json"
    printed = CliRunner().invoke(main, ["export", path])
    assert printed.exit_code == 0
    assert printed.stdout.startswith("run,model,suite,corruption")
    written = CliRunner().invoke(main, ["export", path, "--format", "json", "--out", str(out)])
    assert written.exit_code == 0
    assert json.loads(out.read_text())["format"] == "robench-scores/1"
    wrong = CliRunner().invoke(main, ["export", path, "--format", "jsn"])
    assert wrong.exit_code == 2
    assert "unknown format 'jsn'; did you mean 'json'?" in wrong.stderr


def test_metrics_on_request(run: LoadedRun) -> None:
    done = CliRunner().invoke(
        main, ["export", str(run.run.path), "--also", "brier_score_per_class"]
    )
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout)).query("corruption == 'all'").set_index("metric")
    per_class = table["value"]["brier_score_per_class"]
    assert per_class == pytest.approx(table["value"]["brier_score"] / 10)


def test_a_run_named_twice_is_refused(run: LoadedRun) -> None:
    done = CliRunner().invoke(main, ["export", str(run.run.path), f"{run.run.path}/."])
    assert done.exit_code == 2
    assert "is given twice" in done.stderr
