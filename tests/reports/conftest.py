from pathlib import Path

import pytest

from reports.report import write_report
from tests.reports.synthetic import write_run

SPECIAL = 'Cutout <b>"x"</b> & | *y* $z$'


@pytest.fixture(scope="session")
def runs(tmp_path_factory) -> list[Path]:
    """Three finished runs of one protocol; the last has a name full of markup."""
    root = tmp_path_factory.mktemp("runs")
    return [
        write_run(root / "standard", "standard", 0.06, 0.06),
        write_run(root / "augmix", "augmix", 0.05, 0.02, records_seed=1),
        write_run(root / "cutout", SPECIAL, 0.04, 0.07, records_seed=2),
    ]


@pytest.fixture(scope="session")
def report(runs, tmp_path_factory) -> Path:
    """The folder of the three runs' report."""
    return write_report(runs, tmp_path_factory.mktemp("report")).parent
