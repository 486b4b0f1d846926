"""``robench train``: one network with one of the methods, each with its own options."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from robench.cli.choices import numbers
from robench.cli.train_check import METHOD, Flag, complaints_about, refuse, unknown
from robench.cli.train_options import SHARED, option_of
from robench.complaints import Complaint, closest
from robench.errors import RobenchError
from robench.training.recipe import OVERRIDABLE

FIRST_LINE = "robench train augmix"
EXAMPLE = """
\b
Examples:
  robench train augmix                     CIFAR-10 where it is found, else the embedded digits
  robench train augmix --dry-run           what that would take; nothing is written
  robench train augmix --dataset cifar-100 --data-dir data --arch wrn-40-4
  robench train augmix --severity 1 --no-jsd --epochs 10 --out runs/short
  robench train augmix --seeds 0,1,2 --ensemble
  robench train standard --dataset imagenet --data-dir data --precision bf16
  torchrun --nproc-per-node 4 -m robench train augmix     several processes, the same batches
  robench train augmix --help                             the options of a method
\b
The same command again goes on after the last whole epoch, or prints what is finished.
"""


class MethodCommand(click.Command):
    """A method's command, which says all that is wrong with its line at once."""

    def __init__(self, method: str, before: Sequence[Complaint] = (), **settings: Any) -> None:
        super().__init__(method, **settings)
        self.method, self.before = method, list(before)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the flags; raise RobenchError with everything that is wrong with them and the whole mended command."""
        complaints = list(self.before)
        trial = click.Context(self, parent=ctx.parent, info_name=ctx.info_name)
        trial.ignore_unknown_options = True
        try:
            given, rest, order = self.make_parser(trial).parse_args(args=list(args))
        except click.UsageError as error:  # a flag at the end that lacks its value
            complaints.append(Complaint(_said(error)))
            refuse(self.method, complaints, ())
            raise
        for parameter in click.core.iter_params_for_processing(order, self.get_params(trial)):
            try:
                parameter.handle_parse_result(trial, given, [])
            except click.UsageError as error:
                complaints.append(Complaint(_said(error), parameter.name))
        wanted = {str(each.name): trial.params.get(str(each.name)) for each in order}
        unknown, meant = self._unknown(trial, rest)
        complaints += [*unknown, *complaints_about(self.method, wanted)]
        refuse(self.method, complaints, [*_flags(order, given), *meant])
        trial.close()
        return super().parse_args(ctx, args)

    def _unknown(
        self, ctx: click.Context, rest: Sequence[str]
    ) -> tuple[list[Complaint], list[Flag]]:
        """Return complaints about words that are no flags, and what was meant where that is clear."""
        known = {
            flag: parameter
            for parameter in self.get_params(ctx)
            for flag in (*parameter.opts, *parameter.secondary_opts)
        }
        complaints, meant = [], []
        words = [part for word in rest for part in word.split("=", 1) if part]
        for position, word in enumerate(words):
            if not word.startswith("-"):
                if position == 0 or not words[position - 1].startswith("-"):
                    complaints.append(Complaint(f"unexpected {word!r}", word))
                continue
            close = closest(word, known)
            hint = f", did you mean {close}?" if close else ""
            complaints.append(Complaint(f"no option {word} of {self.method}{hint}", word))
            if close:
                takes_value = not getattr(known[close], "is_flag", False)
                value = words[position + 1 : position + 2] if takes_value else []
                meant.append(Flag(str(known[close].name), (close, *value)))
        return complaints, meant


class MethodGroup(click.Group):
    """A command for every training method, made of the options that the method declares."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the method; where it was forgotten, say so."""
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            raise RobenchError(
                f"train takes a method before its options, such as: {FIRST_LINE} {' '.join(args)}; "
                f"methods: {', '.join(self.list_commands(ctx))}"
            )
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the methods' names."""
        from baselines import methods

        return list(methods.summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return a method's command; of a name that nobody knows, that of the closest one, which then complains.

        Raises RobenchError where none is close.
        """
        from baselines import methods

        known = methods.summaries()
        if cmd_name in known:
            return method_command(cmd_name)
        complaint = unknown("training method", cmd_name, known, METHOD)
        if complaint.instead is None:
            raise RobenchError(f"{complaint.sentence}; such as: {FIRST_LINE}")
        return method_command(complaint.instead, [complaint])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of methods without importing them."""
        from baselines import methods

        with formatter.section("Methods"):
            formatter.write_dl(list(methods.summaries().items()))


@click.group(
    name="train",
    cls=MethodGroup,
    epilog=EXAMPLE,
    subcommand_metavar="METHOD [OPTIONS]...",
    invoke_without_command=True,
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Train a network with METHOD, keep its last epoch, and evaluate that on the dataset's -C suite.

    Writes RUN/run.json (what was asked for), RUN/log.jsonl (a line per epoch), RUN/checkpoints/last.pt, which
    `robench eval` reads, and RUN/SUITE, the evaluation. A run that is stopped loses at most the epoch it was in.
    """
    if ctx.invoked_subcommand is not None:
        return
    from baselines import methods

    known = methods.summaries()
    width = max(map(len, known))
    click.echo("Methods to train with:")
    for name, summary in known.items():
        click.echo(f"  {name:<{width}}  {summary}")
    click.echo(f"\nSuch as: {FIRST_LINE}\nMore:    robench train --help")


def method_command(name: str, complaints: Sequence[Complaint] = ()) -> MethodCommand:
    """Return the command of one method: its own options, then those that all methods share."""
    from baselines import methods

    own = methods.options_of(name)
    return MethodCommand(
        name,
        complaints,
        params=[*map(option_of, own), *SHARED],
        callback=_trainer(name, [option.name for option in own]),
        help=f"Train with {name}: {methods.summaries()[name]}.",
    )


def _trainer(method: str, own: list[str]) -> Callable[..., None]:
    def run(**chosen: Any) -> None:
        given = {option: chosen.pop(option) for option in own}
        options = {key: value for key, value in given.items() if value is not None}
        _train(method, method_options=options, **chosen)

    return run


def _train(
    method: str,
    *,
    arch: str | None,
    dataset: str | None,
    out: str | None,
    seed: int | None,
    seeds: str | None,
    evaluated: tuple[str, ...],
    no_eval: bool,
    dry_run: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    from tqdm import tqdm

    from robench import training
    from robench.training.workers import workers_of_environment

    first = workers_of_environment().is_first  # of a torchrun, it speaks for all
    settings |= {
        "seed": seed or 0,
        "seeds": numbers("--seeds", seeds),
        "say": tqdm.write if first else lambda line: None,
    }
    what = (method, arch, dataset, out)
    if dry_run:
        changes = {part: settings.pop(part) for part in OVERRIDABLE if part in settings}
        for unused in UNUSED_BY_FORECAST:
            settings.pop(unused)
        forecast = training.forecast_training(*what, changes=changes, **settings)
        click.echo("\n".join(forecast.lines()))
        return
    session = training.train_and_evaluate(
        *what,
        suites=() if no_eval else evaluated or None,
        command=["robench", *sys.argv[1:]],
        progress=not quiet,
        **settings,
    )
    if first:
        _print(session)


# Of the options that all methods share, what changes nothing of what a training takes.
UNUSED_BY_FORECAST = ("ensemble", "sync_batch_norm", "validate_c", "tensorboard", "resume")


def _print(session: Any) -> None:
    """Print where a training ended, and the table of each evaluation."""
    for each in session.trained:
        epochs = "1 epoch" if len(each.log) == 1 else f"{len(each.log)} epochs"
        click.echo(f"clean test error {each.test_error:.2%} after {epochs}")
        click.echo(f"checkpoint: {each.checkpoint}")
    if not session.evaluated:
        checkpoint = session.trained[-1].checkpoint
        click.echo(f"next: robench eval --model {checkpoint}")
        return
    from reports.terminal import error_table

    for done in session.evaluated:
        note = f"   note: {done.warning}" if done.warning else ""
        click.echo(f"\n{done.path}{note}")
        click.echo(error_table(done.scores, done.info))
    click.echo("\nnext: robench report")


def _said(error: click.UsageError) -> str:
    return error.format_message().rstrip(".")


def _flags(order: Sequence[click.Parameter], given: Mapping[str, Any]) -> Iterator[Flag]:
    """Yield the flags of a command line as they were given, each once."""
    for parameter in dict.fromkeys(order):
        value = given[str(parameter.name)]
        for each in value if parameter.multiple else (value,):
            name = (parameter.opts if each is not False else parameter.secondary_opts)[0]
            is_flag = isinstance(parameter, click.Option) and parameter.is_flag
            yield Flag(str(parameter.name), (name,) if is_flag else (name, str(each)))
