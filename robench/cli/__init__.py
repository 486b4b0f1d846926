"""The command line. Commands are loaded only when they run, so that ``--help`` is instant."""

import contextlib
import importlib
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click

from robench.arguments import spelled
from robench.complaints import ComplaintsError, closest, corrected_command
from robench.errors import RobenchError
from robench.version import VERSION

# PyTorch's idle threads otherwise spin, and take the cores from the threads that corrupt the next images. Must be set
# before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Command -> (where its click object is, its line in ``robench --help``).
COMMANDS = {
    "attack": ("robench.cli.attack:command", "Measure the error under adversarial attack."),
    "compare": (
        "robench.cli.compare:command",
        "Test runs against each other; fail a build.",
    ),
    "demo": ("robench.cli.demo:command", "Train, corrupt, evaluate and report on embedded data."),
    "detect": ("robench.cli.detect:command", "Tell images of unknown classes from known ones."),
    "doctor": (
        "robench.cli.doctor:command",
        "Find wrong data, crops, normalisations, class orders.",
    ),
    "download": (
        "robench.cli.download:command",
        "Fetch, check and unpack the published archives.",
    ),
    "eval": ("robench.cli.eval:command", "Evaluate a checkpoint on a benchmark."),
    "export": (
        "robench.cli.export:command",
        "Write scores for pandas, timm, RobustBench.",
    ),
    "generate": (
        "robench.cli.generate:command",
        "Write corrupted test sets in their published layouts.",
    ),
    "leaderboard": (
        "reports.leaderboard_command:command",
        "Rank every run below a folder, with published models.",
    ),
    "list": (
        "robench.cli.list:command",
        "Name the suites, corruptions, methods, networks, metrics.",
    ),
    "merge": ("robench.cli.merge:command", "Make one run of the shards of a job array."),
    "report": ("reports.command:command", "Turn runs into a page, tables and figures."),
    "show": ("robench.cli.show:command", "Draw a picture under every corruption."),
    "stylize": (
        "robench.cli.stylize:command",
        "Draw training images in the style of paintings.",
    ),
    "train": ("robench.cli.train:command", "Train a network with one of the methods."),
    "verify": ("robench.cli.verify:command", "Certify a folder of corrupted images."),
}
# What the library calls an argument, where an option is not called so.
OPTIONS = {"architecture": "--arch", "mode": "--data", "size_px": "--size"}
RESUMABLE = ("detect", "eval", "train")
KEPT = "; what was finished is kept, repeat the command to go on"
SHELL_ADDS = 128  # to a signal's number, for the exit code of what it ended


def as_option(name: str, values: tuple[object, ...]) -> str:
    """Return ``--name value``, or the option alone for a switch: how an argument is given at a terminal."""
    if name == "normalisation" and len(values) == 2:
        return " ".join(
            f"--{part} {_joined(value)}"
            for part, value in zip(("mean", "std"), values, strict=True)
        )
    option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
    if values == (False,):
        return f"--no-{option.removeprefix('--')}"
    return " ".join([option, *(_joined(value) for value in values if value is not True)])


def _joined(value: object) -> str:
    return shlex.join(map(str, value if isinstance(value, tuple) else (value,)))


class UserError(click.ClickException):
    """A mistake on its way to the terminal: a line for each thing that is wrong, and a table's rows; exit code 2."""

    exit_code = 2

    def __init__(self, *lines: str, rows: tuple[str, ...] = ()) -> None:
        super().__init__("; ".join([*lines, *rows]))
        self.lines, self.rows = lines, rows

    def show(self, file: Any = None) -> None:
        """Print the lines on stderr."""
        for line in self.lines:
            click.echo(f"robench: {' '.join(line.split())}", err=True)
        for row in self.rows:
            click.echo(f"  {' '.join(row.split())}", err=True)


class LinesOnStderr(logging.Handler):
    """Prints what the library has to say without tearing a progress bar apart."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message on a line of its own."""
        from tqdm import tqdm

        tqdm.write(self.format(record), file=sys.stderr)


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for and turns user's mistakes into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of ``--help``."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Parse what stands before the command; a mistake there becomes a UserError."""
        try:
            return super().make_context(*arguments, **options)
        except click.UsageError as error:
            raise _in_our_style(error) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named, or say which one may be meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            meant = closest(name, COMMANDS)
            hint = f"did you mean {meant}?" if meant else "robench --help names them"
            typed = [f"type: {shlex.join(['robench', meant, *args[1:]])}"] if meant else []
            raise UserError(f"no command {name!r}; {hint}", *typed)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mistake of the user's becomes a UserError, a defect of ours keeps its traceback."""
        _show_log()
        ended = _Ended()
        try:
            with ended.by_a_signal(), spelled(as_option):
                return super().invoke(ctx)
        except ComplaintsError as error:
            typed = corrected_command(
                ["robench", *sys.argv[1:]], error.complaints, lambda name: as_option(name, ())
            )
            lines = [complaint.sentence for complaint in error.complaints]
            raise UserError(*lines, *([f"type: {typed}"] if typed else [])) from error
        except RobenchError as error:
            sentence = str(error).removesuffix("\n".join(["", *error.rows]))
            raise UserError(sentence, rows=error.rows) from error
        except click.UsageError as error:
            raise _in_our_style(error, ctx.invoked_subcommand) from error
        except ValueError as error:
            from corruptions import CorruptionError

            if isinstance(error, CorruptionError):
                raise UserError(str(error)) from error
            raise
        except KeyboardInterrupt:
            kept = KEPT if ctx.invoked_subcommand in RESUMABLE else ""
            click.echo(f"\nrobench: interrupted{kept}", err=True)
            sys.exit(SHELL_ADDS + ended.signal)


class _Ended:
    """Whether Ctrl-C or the SIGTERM of a job's end stops the command: both do so in the same way."""

    signal = signal.SIGINT

    @contextlib.contextmanager
    def by_a_signal(self) -> Iterator[None]:
        """Let SIGTERM raise KeyboardInterrupt; only the main thread may say so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: object) -> None:
            self.signal = signal.Signals(number)
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)


def _in_our_style(error: click.UsageError, invoked: str | None = None) -> UserError:
    """Return a complaint of click's as every other: one line, with the command that says more."""
    command = f"robench {invoked}" if invoked else "robench"
    if error.ctx is not None:
        command = error.ctx.command_path.replace("main", "robench", 1)
    if isinstance(error, click.NoSuchOption):
        meant = closest(error.option_name, error.possibilities or [])
        hint = f"did you mean {meant}?" if meant else f"see {command} --help"
        return UserError(f"no option {error.option_name} of {command}; {hint}")
    message = error.format_message().rstrip(".")
    return UserError(f"{message[:1].lower()}{message[1:]}; see {command} --help")


def _show_log() -> None:
    for name in ("corruptions", "baselines"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.setLevel(logging.INFO)
            logger.addHandler(LinesOnStderr())


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="robench")
def main() -> None:
    """How robust is this image classifier, and can the number be trusted?

    \b
    robench demo                         everything once, on embedded data, in three minutes
    robench list suites                  the benchmarks
    robench eval --model ckpt.pt --suite cifar-10-c
    robench train augmix
    robench report
    """
