"""The commands that fill the gaps are commands that robench takes."""

import shlex
from pathlib import Path

import click
import pytest

from reports.paper.papers import PAPERS
from reports.paper.variants import ATTACKED, OUTSIDE, VARIANTS, command_of
from robench.cli import main

SLOTS = sorted(
    {
        (slot.trained, slot.suite)
        for paper in PAPERS.values()
        for table in paper.tables()
        for slot in table.slots.values()
    },
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
def test_every_gap_has_commands_that_are_understood(trained, suite, monkeypatch):
    monkeypatch.setattr(Path, "is_dir", lambda path: True)  # its folders are those of the reader
    line = command_of(trained, suite)
    if not VARIANTS[trained.variant].can_be_trained:
        assert line is None
        return
    assert line is not None
    steps = [parsed(shlex.split(each)) for each in line.split(" && ")]
    train = next(step for step in steps if "arch" in step and "dataset" in step)
    assert train["arch"] == trained.architecture
    assert train["dataset"] == trained.dataset
    if suite.startswith(ATTACKED):
        assert steps[-1]["dataset"] == trained.dataset
        settings = [steps[-1][name] for name in ("method", "norm", "epsilon", "steps", "step_size")]
        assert settings == ["pgd", "linf", 2 / 255, 20, pytest.approx(0.5 / 255)]
        return
    if suite in OUTSIDE:
        assert steps[-1]["inside"] == suite
        return
    assert steps[-1]["suite"] == suite
    assert (steps[-1].get("baseline") is not None) == (suite == "imagenet-p")


def test_the_parser_above_refuses_what_does_not_exist():
    with pytest.raises(click.UsageError, match="No such option"):
        parsed(["robench", "eval", "--no-such-option"])
