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
    assert result.stdout == f"report: {tmp_path / 'out' / 'report.html'}\n"
    assert "report: 100%" in result.stderr
    assert (tmp_path / "out" / "report.html").exists()


def test_help_has_an_example():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "robench report runs/standard runs/augmix --out report" in result.output


def test_a_mistake_is_the_users(tmp_path):
    result = CliRunner().invoke(command, [str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, RobenchError)
    assert not (tmp_path / "out").exists()


def test_every_complaint_comes_at_once_and_before_anything_slow(tmp_path):
    (tmp_path / "file").write_text("")
    words = ["--format", "pdf", "--paper", "pixmix", "--mixed", "absent", "absent", "--out", "file"]
    check = (
        "import sys; from robench.cli import main\n"
        f"try: main({['report', *words]!r})\n"
        "finally: print({'matplotlib', 'torch', 'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == "set()\n"
    assert done.stderr.startswith("robench: (1) ")
    assert done.stderr.count("\n") == 1
    for said in (
        "no format 'pdf'",
        "'pixmix'",
        "--mixed has no meaning with --paper",
        "absent is given twice",
        "absent is not a run directory: it does not exist",
        "file is a file, not a folder",
    ):
        assert said in done.stderr


def test_help_loads_neither_matplotlib_nor_torch():
    check = "import sys, reports.command; sys.exit(bool({'matplotlib', 'torch', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
