"""What holds for every command: help with an example, at once; and the lists."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

import corruptions
from robench import metrics, suites
from robench.cli import COMMANDS, main
from robench.scoring import on_request
from robench.scoring.suite_scores import SUITE_SCORES


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    text = invoke(name, "--help")
    assert "Example" in text
    assert f"robench {name}" in text.split("Example")[1]


def test_the_group_names_every_command_without_torch() -> None:
    check = (
        "import sys; from robench.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    for name, (_, line) in COMMANDS.items():
        assert f"  {name}" in done.stdout
        assert line in done.stdout


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(main, ["evaluate", "--model", "x"])
    assert result.exit_code == 2
    assert result.stderr == (
        "robench: no command 'evaluate'; did you mean eval?\nrobench: type: robench eval --model x\n"
    )
    result = CliRunner().invoke(main, ["zzz"])
    assert result.stderr == "robench: no command 'zzz'; robench --help names them\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--colour", "no option --colour of robench; see robench --help"),
        ("attack --modle x", "no option --modle of robench attack; did you mean --model?"),
        ("attack", "missing option '--model'; see robench attack --help"),
        ("generate --suite digits-c", "missing option '--out'; see robench generate --help"),
        ("list colours", "invalid value for '[suites"),
        ("eval --model", "option '--model' requires an argument; see robench eval --help"),
    ],
)
def test_what_click_complains_of_is_said_in_our_style(words: str, line: str) -> None:
    result = CliRunner().invoke(main, words.split(), prog_name="robench")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"robench: {line}")
    assert result.stderr.count("\n") == 1


def test_the_lists_are_complete() -> None:
    text = invoke("list")
    scores = [*SUITE_SCORES, *on_request()]
    for name in [*suites.registry(), *corruptions.families(), *metrics.registry(), *scores]:
        assert f"  {name} " in text


def test_one_kind_can_be_listed() -> None:
    assert invoke("list", "suites").startswith("suites:\n")
    assert "fog" not in invoke("list", "suites")


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict:
        raise KeyError("ours")

    monkeypatch.setattr(suites, "registry", broken)
    result = CliRunner().invoke(main, ["list", "suites"])
    assert isinstance(result.exception, KeyError)


def test_running_the_module_is_running_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "robench", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("robench, version ")
