"""Stored attacks in a report."""

import json
from pathlib import Path

import pytest

from reports.report import write_report
from reports.tables.attacks import attacks
from robench.errors import RobenchError
from tests.reports.synthetic import write_run

INFO = {
    "model": {"name": "standard"},
    "data": {"images": 40},
    "settings": {"attack": "pgd", "norm": "linf", "epsilon": 2 / 255, "steps": 20},
    "scores": [
        {"metric": "error", "value": 0.175, "low": 0.087, "high": 0.319, "n": 40},
        {"metric": "adversarial_error", "value": 0.35, "low": 0.221, "high": 0.505, "n": 40},
    ],
    "without_gradient": 3,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pgd").mkdir()
    (tmp_path / "pgd/attack.json").write_text(json.dumps(INFO))
    return tmp_path / "pgd"


def test_a_row_says_how_and_how_badly(folder: Path) -> None:
    row = attacks([folder]).loc["standard"]
    assert row["how"] == "pgd, norm linf, epsilon 2/255, steps 20"
    assert (row["clean_error"], row["adversarial_error"]) == (0.175, 0.35)
    assert (row["adversarial_error_low"], row["adversarial_error_high"]) == (0.221, 0.505)
    assert (row["images"], row["without_gradient"]) == (40, 3)


def test_the_report_has_their_table(folder: Path, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", conditions=["clean", "fog-1"])
    page = write_report([run, folder], tmp_path / "report")
    text = (tmp_path / "report/report.md").read_text()
    section = text.split("## Under attack")[1].split("## ")[0]
    assert (
        "| standard | pgd, norm linf, epsilon 2/255, steps 20 | 17.5 (8.7 to 31.9) | 35.0 ("
        in section
    )
    assert 'id="attacks"' in page.read_text()
    plain = write_report([run], tmp_path / "plain")
    assert 'id="attacks"' not in plain.read_text()
    with pytest.raises(RobenchError, match="at least one run folder"):
        write_report([folder], tmp_path / "nothing")


def test_a_damaged_file_is_named(folder: Path) -> None:
    (folder / "attack.json").write_text("{")
    with pytest.raises(RobenchError, match=r"attack\.json cannot be read"):
        attacks([folder])
