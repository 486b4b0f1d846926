"""``robench report`` as a person meets it."""

import subprocess
import sys

from click.testing import CliRunner

from reports.command import command
from robench.errors import RobenchError
from tests.reports.synthetic import write_run


def test_it_says_where_the_report_is(tmp_path):
    run = write_run(tmp_path / "run", conditions=["clean", "fog-1"])
    result = CliRunner().invoke(command, [str(run), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert result.output == f"report: {tmp_path / 'out' / 'report.html'}\n"
    assert (tmp_path / "out" / "report.html").exists()


def test_help_has_an_example():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "robench report runs/standard runs/augmix --out report" in result.output


def test_a_mistake_is_the_users(tmp_path):
    result = CliRunner().invoke(command, ["--out", str(tmp_path)])
    assert isinstance(result.exception, RobenchError)
    result = CliRunner().invoke(command, [str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, RobenchError)
    assert not (tmp_path / "out").exists()


def test_help_loads_neither_matplotlib_nor_torch():
    check = "import sys, reports.command; sys.exit(bool({'matplotlib', 'torch', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
