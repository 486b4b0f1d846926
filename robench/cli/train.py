"""``robench train``: one network with one of the methods, each with its own options."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import click

from robench.cli.choices import numbers
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
  robench train augmix ... --seeds 0,1,2 --eval cifar-10-c --ensemble --out runs/augmix
  torchrun --nproc-per-node 4 -m robench train augmix ...   several processes, the same batches
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
    def run(arch: str, dataset: str, out: str, **chosen: Any) -> None:
        given = {option: chosen.pop(option) for option in own}
        options = {key: value for key, value in given.items() if value is not None}
        _train((method, arch, dataset, out), method_options=options, **chosen)

    return run


def _train(
    what: tuple[str, str, str, str],
    *,
    seeds: str | None,
    seed: int | None,
    evaluated: tuple[str, ...],
    ensemble: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    from robench.training import series
    from robench.training.loop import train
    from robench.training.workers import workers_of_environment

    if seeds is not None and seed is not None:
        raise RobenchError("give --seed or --seeds, not both")
    chosen = numbers("--seeds", seeds)
    if ensemble and (not evaluated or len(chosen or ()) < 2):
        raise RobenchError("--ensemble needs --eval and at least two --seeds")
    first = workers_of_environment().is_first
    benchmarks = series.opened(evaluated, settings["data_dir"]) if first else []
    settings |= {"command": ["robench", *sys.argv[1:]], "progress": not quiet}
    if chosen is None:
        trained = [train(*what, seed=seed or 0, **settings)]
    else:
        trained = series.train_series(*what, seeds=chosen, **settings)
    if not first:
        return  # the first process of a torchrun speaks for all
    for each in trained:
        click.echo(f"clean test error {each.test_error:.2%} after {len(each.log)} epochs")
        click.echo(f"checkpoint: {each.checkpoint}   next: robench eval --model {each.checkpoint}")
    shared = {key: settings[key] for key in ("device", "precision", "command", "progress")}
    for benchmark in benchmarks:
        from reports.terminal import error_table

        for done in series.evaluate_trained(trained, benchmark, as_ensemble=ensemble, **shared):
            note = f"   note: {done.warning}" if done.warning else ""
            click.echo(f"\n{done.path}{note}")
            click.echo(error_table(done.scores))
