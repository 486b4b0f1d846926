"""The options that say how a run is computed, for every command that writes run directories."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from robench.places import RUNS_FOLDER

data_dir_option = click.option(
    "--data-dir",
    metavar="DIR",
    help="Folder that holds the datasets' own folders.  [default: $ROBENCH_DATA, data or the working folder]",
)
dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Say what would be done and what it takes, from a short measurement; write nothing.",
)


def say(line: str) -> None:
    """Print a line without tearing a progress bar apart."""
    from tqdm import tqdm

    tqdm.write(line)


def page_command(run: Path) -> str:
    """Return the command that makes a page of a run: below ``runs`` there is nothing to be said."""
    return "robench report" if run.parts[:1] == RUNS_FOLDER.parts else f"robench report {run}"


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
    click.option(
        "--resume",
        is_flag=True,
        help="Not needed: the same command goes on. Of a Python function in no file, says that it is the same.",
    ),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them by their names; the batch size is for ``number_or_auto``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
