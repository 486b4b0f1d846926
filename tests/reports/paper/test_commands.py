"""The commands that fill the gaps are commands that robench takes."""

import shlex

import click
import pytest

from reports.paper.layout import tables
from reports.paper.variants import command_of
from robench.cli import main

SLOTS = sorted(
    {(slot.trained, slot.suite) for table in tables("augmix") for slot in table.slots.values()},
    key=str,
)


def parsed(words):
    """Parse a command line as the terminal would, without running it; return the last command's parameters."""
    context, command, rest = click.Context(main), main, words[1:]
    while isinstance(command, click.Group):
        name, rest = rest[0], rest[1:]
        command = command.get_command(context, name)
        assert command is not None, name
    return command.make_context(words[1], list(rest), parent=context).params


@pytest.mark.parametrize(("trained", "suite"), SLOTS, ids=str)
def test_every_gap_has_commands_that_are_understood(trained, suite):
    line = command_of(trained, suite)
    assert line is not None
    steps = [parsed(shlex.split(each)) for each in line.split(" && ")]
    train = next(step for step in steps if "arch" in step and "dataset" in step)
    assert train["arch"] == trained.architecture
    assert train["dataset"] == trained.dataset
    assert steps[-1]["suite"] == suite
    assert (steps[-1].get("baseline") is not None) == (suite == "imagenet-p")


def test_the_parser_above_refuses_what_does_not_exist():
    with pytest.raises(click.UsageError, match="No such option"):
        parsed(["robench", "eval", "--no-such-option"])
