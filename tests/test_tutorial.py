"""docs/tutorial.md does what it says: its first part here, all of it as a shell script with ``make fidelity``."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from robench.cli import main
from tests.documents import ROOT, blocks, docs_script, shell_commands

TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
# In the quick test, the part that takes seconds.
FIRST_PART = ("A checkpoint", "A first look", "Is it read the right way?")
ROBENCH = (
    f'robench() {{ {sys.executable} -m robench "$@"; }}\npython() {{ {sys.executable} "$@"; }}\n'
)


def lines_without_numbers(text: str) -> set[str]:
    """Return the lines of an output with digits, signs and gaps made alike: other machines train other weights."""
    return {re.sub(r"[<+-]?\d+(\.\d+)?", "#", " ".join(line.split())) for line in text.splitlines()}


def assert_printed(section: str, output: str) -> None:
    """Check that every line of output that the tutorial shows was printed, but for the numbers."""
    for shown in blocks(section, "text"):
        missing = lines_without_numbers(shown) - lines_without_numbers(output)
        assert not missing, f"not printed: {sorted(missing)}"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder, from which Python imports."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("mine", None)


def carried_out(command: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run a command of the tutorial in this process; return its exit code and output."""
    if command[0] == "python":
        monkeypatch.setattr(sys, "argv", command[1:])
        runpy.run_path(command[1], run_name="__main__")
        return 0, ""
    assert command[0] == "robench"
    result = CliRunner().invoke(main, command[1:])
    return result.exit_code, result.output


def test_the_first_part_of_the_tutorial(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = docs_script("tutorial_script")
    for title in FIRST_PART:
        section, output = script.sections(TEXT)[title], ""
        for match in script.BLOCK.finditer(section):
            if match["language"] == "python":
                (reader / match["file"]).write_text(match["code"], encoding="utf-8")
                continue
            for line in match["code"].replace("\\\n", " ").splitlines():
                (command,) = shell_commands(line)
                code, printed = carried_out(command, monkeypatch)
                assert code == (1 if line.endswith("# exits with 1") else 0), printed
                output += printed
        assert_printed(section, output)
    assert (reader / "runs" / "mine" / "digits-c" / "scores.csv").exists()


def test_the_script_has_every_command_and_file() -> None:
    script = docs_script("tutorial_script")
    cifar = (Path("somewhere/data"), Path("net.th"))
    written = script.script(TEXT, cifar=cifar)
    for block in blocks(TEXT, "python"):
        assert block in written
    commands = [command for block in blocks(TEXT, "bash") for command in shell_commands(block)]
    robench = [command for command in commands if command[0] == "robench"]
    assert len(re.findall(r"^\(?robench ", written, re.MULTILINE)) == len(robench) > 10
    assert "download" not in script.script(TEXT)
    assert "pip install" not in script.script(TEXT, install=False)


@pytest.mark.fidelity
def test_the_tutorial_to_the_letter(tmp_path: Path) -> None:
    data = Path(os.environ.get("ROBENCH_DATA", ""))
    checkpoint = data / "weights" / "resnet20-12fca82f.th"
    cifar = (data, checkpoint) if checkpoint.is_file() else None
    script = docs_script("tutorial_script").script(TEXT, cifar=cifar, install=False)
    done = subprocess.run(
        ["bash", "-e"],
        input=ROBENCH + script,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert_printed(TEXT, done.stdout)
    assert (tmp_path / "report" / "index.html").stat().st_size > 5_000
