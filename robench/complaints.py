"""Everything that is wrong with what was asked for, told at once and before any work, with what to ask for instead."""

import difflib
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from robench.errors import RobenchError


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong or missing.

    Attributes:
        sentence: what was expected and what came.
        argument: the argument it is about, such as ``"suite"``; None where it is none.
        instead: what it could be; a word in capitals stands for what only the user knows. None where there is no one
            such thing.
        first: a command that mends it when it is run before.
    """

    sentence: str
    argument: str | None = None
    instead: str | None = None
    first: str | None = None

    @property
    def has_remedy(self) -> bool:
        """Is it known what to type?"""
        return self.first is not None or (self.argument is not None and self.instead is not None)


class ComplaintsError(RobenchError):
    """All that is wrong, each with its remedy."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("; ".join(complaint.sentence for complaint in complaints))
        self.complaints = tuple(complaints)


def refuse(complaints: Sequence[Complaint]) -> None:
    """Raise ComplaintsError if there are any."""
    if complaints:
        raise ComplaintsError(complaints)


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like ``name``, or None where none is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def corrected_command(
    command: Sequence[str], complaints: Sequence[Complaint], option_of: Callable[[str], str]
) -> str | None:
    """Return a command line with every remedy in it, those that come first in front; None where one is not known.

    ``option_of`` gives the option of an argument, such as ``"--arch"`` of ``"architecture"``.
    """
    if not all(complaint.has_remedy for complaint in complaints):
        return None
    words = list(command)
    before = dict.fromkeys(complaint.first for complaint in complaints if complaint.first)
    for complaint in complaints:
        if complaint.argument is not None and complaint.instead is not None:
            words = _with_option(words, option_of(complaint.argument), complaint.instead)
    return " && ".join([*before, shlex.join(words)])


def _with_option(words: list[str], option: str, value: str) -> list[str]:
    """Return the words with the last value of an option replaced, or with the option behind them."""
    for place in reversed(range(len(words))):
        if words[place] == option:
            return [*words[: place + 1], value, *words[place + 2 :]]
        if words[place].startswith(f"{option}="):
            return [*words[:place], f"{option}={value}", *words[place + 1 :]]
    return [*words, option, value]
