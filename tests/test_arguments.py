"""Messages speak of arguments to who calls from Python, of options to who types at a terminal."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from robench import suites
from robench.arguments import Placeholder, argument, spelled
from robench.cli import COMMANDS, as_option, main
from robench.errors import RobenchError
from robench.suites.benchmark import open_benchmark
from tests.documents import ROOT

CALL = re.compile(r"(?<![.\w])argument\(\s*['\"](\w+)['\"]")


@pytest.mark.parametrize(
    ("name", "values", "in_python", "at_the_terminal"),
    [
        ("data_dir", (), "data_dir", "--data-dir"),
        ("architecture", ("resnet20",), "architecture='resnet20'", "--arch resnet20"),
        ("mode", ("on-the-fly",), "mode='on-the-fly'", "--data on-the-fly"),
        ("temperature", (1.5,), "temperature=1.5", "--temperature 1.5"),
        ("unsafe_load", (True,), "unsafe_load=True", "--unsafe-load"),
        ("guess", (False,), "guess=False", "--no-guess"),
        ("model", (Placeholder("FILE"),), "model=FILE", "--model FILE"),
        ("data_dir", ("my data",), "data_dir='my data'", "--data-dir 'my data'"),
        (
            "normalisation",
            ((0.5, 0.4, 0.3), (0.2, 0.2, 0.2)),
            "normalisation=((0.5, 0.4, 0.3), (0.2, 0.2, 0.2))",
            "--mean 0.5 0.4 0.3 --std 0.2 0.2 0.2",
        ),
    ],
)
def test_an_argument_is_spelled_for_its_reader(
    name: str, values: tuple[object, ...], in_python: str, at_the_terminal: str
) -> None:
    assert argument(name, *values) == in_python
    with spelled(as_option):
        assert argument(name, *values) == at_the_terminal
    assert argument(name, *values) == in_python


def test_the_same_mistake_in_python_and_at_the_terminal() -> None:
    with pytest.raises(RobenchError, match="digits has no corruptions, so mode does not apply"):
        open_benchmark(suites.registry()["digits"], mode="folder")
    words = ["eval", "--model", "a.pt", "--suite", "digits", "--data", "folder", "--out", "runs/a"]
    said = CliRunner().invoke(main, words).output
    assert "digits has no corruptions, so --data does not apply" in said
    assert argument("mode") == "mode"  # also after a command that failed


def test_every_argument_that_is_advised_is_an_option_of_a_command() -> None:
    options = {flag for command in commands() for param in command.params for flag in param.opts}
    advised = dict(calls())
    assert len(advised) > 5
    for name, path in advised.items():
        spelled_so = {as_option(name, ()), as_option(name, (False,))}
        assert spelled_so & options, f"{path}: no command has one of {spelled_so}"


def commands() -> Iterator[click.Command]:
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        yield from command.commands.values() if isinstance(command, click.Group) else [command]


def calls() -> Iterator[tuple[str, Path]]:
    for path in (ROOT / "robench").rglob("*.py"):
        for name in CALL.findall(path.read_text(encoding="utf-8")):
            yield name, path
