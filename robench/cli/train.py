"""``robench train``: one network with one of the methods, each with its own options."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import click

from robench.cli.train_options import SHARED, option_of
from robench.errors import RobenchError
from robench.registry import unknown_name

EXAMPLE = """
\b
Examples:
  robench train standard --dataset digits --arch digits_cnn --out runs/standard
  robench train augmix --dataset cifar-10 --data-dir data --arch wrn-40-2 --out runs/augmix
  robench train augmix --severity 1 --no-jsd --epochs 10 ... --out runs/short
  robench train augmix ... --out runs/augmix --resume       go on after an interruption
  robench train augmix --help                               the options of a method
  robench eval --model runs/augmix/checkpoints/last.pt --suite cifar-10-c ...
"""


class MethodGroup(click.Group):
    """A command for every training method, made of the options that the method declares."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the methods' names."""
        from baselines import methods

        return list(methods.summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return a method's command; raise RobenchError for an unknown one."""
        from baselines import methods

        if cmd_name not in methods.summaries():
            raise RobenchError(unknown_name("training method", cmd_name, methods.summaries()))
        return method_command(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of methods without importing them."""
        from baselines import methods

        with formatter.section("Methods"):
            formatter.write_dl(list(methods.summaries().items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a method's command; a wrong option is one line, like every other mistake."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else ctx.command_path
            sentence = error.format_message().rstrip(".")
            raise RobenchError(f"{sentence}; see {path} --help") from None


@click.group(
    name="train", cls=MethodGroup, epilog=EXAMPLE, subcommand_metavar="METHOD [OPTIONS]..."
)
def command() -> None:
    """Train a network with METHOD and keep its last epoch.

    Writes RUN/run.json (what was asked for), RUN/log.jsonl (a line per epoch) and
    RUN/checkpoints/last.pt, which `robench eval` reads. A run that is stopped loses at most the
    epoch it was in.
    """


def method_command(name: str) -> click.Command:
    """Return the command of one method: its own options, then those that all methods share."""
    from baselines import methods

    own = methods.options_of(name)
    return click.Command(
        name,
        params=[*map(option_of, own), *SHARED],
        callback=_trainer(name, [option.name for option in own]),
        help=inspect.getdoc(methods.registry()[name]),
    )


def _trainer(method: str, own: list[str]) -> Callable[..., None]:
    def run(quiet: bool, **chosen: Any) -> None:
        from robench.training import train

        given = {option: chosen.pop(option) for option in own}
        trained = train(
            method,
            chosen.pop("arch"),
            chosen.pop("dataset"),
            chosen.pop("out"),
            method_options={key: value for key, value in given.items() if value is not None},
            command=["robench", *sys.argv[1:]],
            progress=not quiet,
            **chosen,
        )
        click.echo(f"clean test error {trained.test_error:.2%} after {len(trained.log)} epochs")
        click.echo(
            f"checkpoint: {trained.checkpoint}   next: robench eval --model {trained.checkpoint}"
        )

    return run
