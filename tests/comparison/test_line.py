"""Effective robustness against a line through runs."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.special import expit, logit

from robench.cli import main
from robench.comparison import compare
from robench.errors import RobenchError
from robench.metrics.error import wrong
from robench.records import open_run
from robench.suites import CLEAN
from tests.reports.synthetic import write_run


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs, the better on clean images the better on corrupted ones."""
    root = tmp_path_factory.mktemp("ordinary")
    errors = {"a": 0.20, "b": 0.12, "c": 0.06}
    return [
        write_run(root / name, name, error, 0.05, records_seed=seed)
        for seed, (name, error) in enumerate(errors.items())
    ]


@pytest.fixture(scope="module")
def robust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("robust") / "robust", "robust", 0.12, 0.01)


def errors_of(path: Path) -> tuple[float, float]:
    """Return the clean error and the mean of the corrupted ones, from the records."""
    run = open_run(path)
    errors = {condition: wrong(run.read(condition)).mean() for condition in run.conditions()}
    clean = float(errors.pop(CLEAN))
    return clean, float(np.mean(list(errors.values())))


def test_it_is_the_distance_from_the_line_of_the_logits(ordinary: list[Path], robust: Path) -> None:
    found = compare([ordinary[1], robust], resamples=200, line=ordinary)
    points = logit(1 - np.array([errors_of(path) for path in ordinary]))
    slope, intercept = np.polyfit(points[:, 0], points[:, 1], 1)
    clean, corrupted = errors_of(robust)
    expected = (1 - corrupted) - expit(intercept + slope * logit(1 - clean))
    (row,) = (
        found.scores["robust"].table.query("metric == 'effective_robustness'").to_dict("records")
    )
    assert row["value"] == pytest.approx(expected)
    assert row["low"] < row["value"] < row["high"]
    assert row["low"] > 0.05
    assert found.line is not None
    assert found.line.sentence().startswith(
        f"logit(accuracy) = {intercept:.3f} + {slope:.3f} logit"
    )
    assert "fitted to a, b, c" in found.line.sentence()
    (pair,) = found.differences.query("metric == 'effective_robustness'").to_dict("records")
    of_b = found.scores["b"].table.query("metric == 'effective_robustness'")["value"].iloc[0]
    assert pair["difference"] == pytest.approx(expected - of_b)
    assert pair["low"] > 0


def test_its_draws_are_those_of_the_errors(ordinary: list[Path], robust: Path) -> None:
    scores = compare([robust], resamples=100, line=ordinary).scores["robust"]
    table = scores.table
    place = table.index[table["metric"] == "effective_robustness"][0]
    clean = table.index[(table["metric"] == "error") & (table["corruption"] == "clean")][0]
    shifted = table.index[table["metric"] == "mean_uce"][0]
    line = compare([robust], resamples=100, line=ordinary).line
    assert line is not None
    expected = line.expected_error(float(scores.draws[clean][7])) - scores.draws[shifted][7]
    assert scores.draws[place][7] == pytest.approx(expected)


def test_it_is_printed_for_every_run_and_for_one_alone(ordinary: list[Path], robust: Path) -> None:
    lines = [word for path in ordinary for word in ("--line", str(path))]
    for runs in ([robust], [ordinary[0], robust]):
        done = CliRunner().invoke(main, ["compare", *map(str, runs), "--resamples", "100", *lines])
        assert done.exit_code == 0, done.stderr
        assert done.stdout.startswith("line: logit(accuracy) = ")
        (row,) = [row for row in done.stdout.splitlines() if row.startswith("robust  ")]
        assert float(row.split()[1]) > 5
    seeds = CliRunner().invoke(main, ["compare", "--seeds", *map(str, ordinary), *lines])
    assert seeds.exit_code == 2
    assert "--line measures single runs" in seeds.stderr


def test_a_gate_on_it(ordinary: list[Path], robust: Path) -> None:
    lines = [word for path in ordinary for word in ("--line", str(path))]
    words = ["compare", str(robust), "--resamples", "100", "--fail-if", "effective_robustness < 5%"]
    passed = CliRunner().invoke(main, [*words, *lines])
    assert passed.exit_code == 0, passed.stderr
    assert "the effective_robustness of robust is" in passed.stdout
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 1
    assert "has no effective_robustness: it needs a line" in refused.stderr


def test_what_gives_no_line_is_refused(ordinary: list[Path], robust: Path, tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="--line: a line needs three models"):
        compare([robust], resamples=100, line=ordinary[:2])
    other = write_run(tmp_path / "other", "other", data={"images": 60})
    with pytest.raises(RobenchError, match="hold different images"):
        compare([robust], resamples=100, line=[*ordinary, other])
    part = write_run(tmp_path / "part", "part", conditions=["clean", "fog-1"])
    with pytest.raises(RobenchError, match="74 of 75 conditions missing"):
        compare([robust], resamples=100, line=[*ordinary, part])
    scores = compare([part], resamples=100, line=ordinary).scores["part"]
    assert "74 of 75 conditions missing" in scores.refused["effective_robustness"]
