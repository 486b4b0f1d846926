"""The options that say how a run is computed, for every command that writes run directories."""

from collections.abc import Callable
from typing import Any

import click

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--batch-size",
        default="auto",
        show_default=True,
        metavar="N|auto",
        help="The fastest in a short measurement, or N, with which runs repeat to the last bit.",
    ),
    click.option("--device", help="Such as cpu or cuda:1.  [default: a GPU if there is one]"),
    click.option(
        "--precision",
        default="fp32",
        show_default=True,
        metavar="fp32|bf16",
        help="Of the network.",
    ),
    click.option("--resume", is_flag=True, help="Continue the run in --out."),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them by their names; the batch size is for ``number_or_auto``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
