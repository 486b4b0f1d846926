"""Reports on -P runs, alone and beside -C runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reports.report import write_report
from reports.tables.by_sequence import by_sequence
from reports.tables.summary import summary
from reports.terminal import error_table
from robench import scoring, suites
from robench.errors import RobenchError
from robench.records import open_run
from robench.suites import CLEAN, Condition
from tests.reports.synthetic import INFO, records, write_run
from tests.scoring.test_perturbation_scores import VIDEOS
from tests.scoring.test_perturbation_scores import records as sequence_records

SUITE = suites.registry()["cifar-10-p"]


def write_sequences(path: Path, name: str, shift: int, extra: tuple[str, ...] = ()) -> Path:
    """Write a run whose sequence number k flips k + ``shift`` times, modulo 11, in every video."""
    conditions = SUITE.conditions(SUITE.corruptions + extra)
    data = {"images": VIDEOS, "limit": VIDEOS}
    asked = [str(condition) for condition in conditions]
    write_run(path, name, suite="cifar-10-p", data=data, conditions=[])
    run = open_run(path)
    run.info["model"]["num_classes"] = 100  # those of the records
    run.info["conditions"] = asked
    run.write_info()
    first = sequence_records(np.zeros(VIDEOS, int))[["index", "label"]].drop_duplicates()
    clean = records(0.1, VIDEOS, np.random.default_rng(0))
    run.write(CLEAN, clean.assign(label=first["label"].to_numpy()))
    for number, each in enumerate(conditions[1:]):
        run.write(each, sequence_records(np.full(VIDEOS, (number + shift) % 11)))
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("sequences")
    return [
        write_sequences(root / "a", "standard", 0, ("gaussian_noise_2",)),
        write_sequences(root / "b", "augmix", 1),
    ]


def scores_of(runs: list[Path]) -> pd.DataFrame:
    tables = [scoring.score(open_run(path)).table for path in runs]
    return pd.concat([table.assign(run=table["model"]) for table in tables])


def test_sequences_stand_beside_each_other(runs: list[Path]) -> None:
    table = by_sequence(scores_of(runs), "flip_probability")
    assert list(table.columns) == [*SUITE.corruptions, "mean", "gaussian_noise_2"]
    assert table.loc["standard", "tilt"] == pytest.approx(8 / 10)
    assert table.loc["augmix", "tilt"] == pytest.approx(9 / 10)
    assert table.loc["standard", "mean"] == pytest.approx(4.5 / 10)
    assert np.isnan(table.loc["augmix", "gaussian_noise_2"])
    assert summary(scores_of(runs)).loc["augmix", "mean_flip_probability"] == pytest.approx(0.55)


def test_the_page_of_sequences(runs: list[Path], tmp_path: Path) -> None:
    write_report(runs, tmp_path / "report")
    text = (tmp_path / "report/report.md").read_text(encoding="utf-8")
    assert "Lowest mean flip probability: standard, 45.0%" in text
    assert "10 perturbation sequences" in text
    assert "## Perturbation sequences" in text
    assert "Top-5 distance of each sequence" in text
    assert "frames of the published file are black" in text
    assert "Mean corruption error" not in text
    assert 'id="sequences"' in (tmp_path / "report/report.html").read_text(encoding="utf-8")


def test_without_clean_images_there_is_no_reliability(tmp_path: Path) -> None:
    path = write_sequences(tmp_path / "run", "standard", 0)
    (path / "records/cifar-10-p/clean.parquet").unlink()
    write_report([path], tmp_path / "report")
    assert "Reliability" not in (tmp_path / "report/report.md").read_text(encoding="utf-8")


def test_sequences_and_corruptions_on_one_page(runs: list[Path], tmp_path: Path) -> None:
    data = {"images": VIDEOS, "limit": VIDEOS}
    corrupted = write_run(tmp_path / "c", "standard", data=data)
    both = [runs[0], corrupted]
    with pytest.raises(RobenchError, match="the runs differ in their suite"):
        write_report(both, tmp_path / "refused")
    write_report(both, tmp_path / "report", mixed=True)
    text = (tmp_path / "report/report.md").read_text(encoding="utf-8")
    errors, rest = text.split("## Error by corruption")[1].split("## Perturbation sequences")
    sequences = rest.split("##")[0]
    assert "Fog" in errors
    assert "Tilt" not in errors
    assert "Tilt" in sequences
    assert "standard (c)" not in sequences
    severity = (tmp_path / "report/figures/error-by-severity.csv").read_text()
    assert "standard (c)" in severity
    assert "standard (a)" not in severity


def test_the_terminal_ends_with_the_mean_and_its_interval(runs: list[Path], tmp_path: Path) -> None:
    other = open_run(write_sequences(tmp_path / "alexnet", "alexnet", 5))
    run = open_run(write_sequences(tmp_path / "run", "resnet", 0))
    run.write(Condition("tilt", 0), sequence_records(np.arange(VIDEOS) % 11))
    shown = error_table(scoring.score(run), run.info)
    assert "flip probability (%)  top-5 distance  Zipf distance" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("mean flip probability"))
    assert "41.55%   (95% interval" in line
    assert "mFR" not in shown
    (zero,) = (name for k, name in enumerate(SUITE.corruptions) if (k + 5) % 11 == 0)
    divided = error_table(scoring.write_scores(run, other), run.info)
    assert f"not given: mfr: flip_probability of alexnet is 0 on {zero}" in divided
    other.write(Condition(zero, 0), sequence_records(np.full(VIDEOS, 5)))
    assert "mFR (alexnet = 100)" in error_table(scoring.write_scores(run, other), run.info)


def test_synthetic_runs_are_of_the_usual_suite() -> None:
    assert INFO["suite"] == "cifar-10-c"
