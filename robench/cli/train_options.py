"""The options of ``robench train``: those that all methods share, and how a method's own become flags."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from baselines.methods import MethodOption

SHARED = (
    click.Option(
        ["--dataset"],
        required=True,
        help="What to train on: digits, cifar-10, cifar-100.",
    ),
    click.Option(["--arch"], required=True, help="Network; see `robench list architectures`."),
    click.Option(["--out"], required=True, metavar="RUN", help="Run directory to write."),
    click.Option(
        ["--data-dir"], metavar="DIR", help="Folder that holds the datasets' own folders."
    ),
    click.Option(["--epochs"], type=int, help="[default: the network's and dataset's recipe]"),
    click.Option(["--batch-size"], type=int, help="[default: the recipe's, 128 on CIFAR]"),
    click.Option(
        ["--lr"], type=float, help="First learning rate.  [default: the recipe's, 0.1 on CIFAR]"
    ),
    click.Option(["--weight-decay"], type=float, help="[default: the recipe's, mostly 5e-4]"),
    click.Option(["--seed"], type=int, default=0, show_default=True),
    click.Option(["--device"], help="Such as cpu or cuda:1.  [default: a GPU if there is one]"),
    click.Option(
        ["--resume"], is_flag=True, help="Continue the run in --out after its last whole epoch."
    ),
    click.Option(["--quiet"], is_flag=True, help="No progress bar."),
)


def option_of(option: "MethodOption") -> click.Option:
    """Return the flag of a method's option, None when it is not given: ``--severity FLOAT``, ``--no-jsd``."""
    flag = f"--{option.name.replace('_', '-')}"
    elsewhere = "".join(f"; {where}: {value}" for where, value in option.usual.items())
    if option.kind is bool:
        pair = f"{flag}/--no-{flag[2:]}"
        default = "yes" if option.default else "no"
        text = f"{option.help}  [default: {default}{elsewhere}]"
        return click.Option([pair, option.name], default=None, help=text)
    text = f"{option.help}  [default: {option.default}{elsewhere}]"
    return click.Option([flag, option.name], type=option.kind, default=None, help=text)
