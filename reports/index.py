"""What the index of a report says: each page with its runs in a few numbers, and what to type next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Commands = tuple[tuple[str, str], ...]  # what for, and what to type

FIRST: Commands = (
    ("Evaluate your own checkpoint", "robench eval --model ckpt.pt --suite cifar-10-c"),
    ("Train a network, then evaluate it", "robench train augmix"),
    ("Do everything once, in three minutes and without a download", "robench demo"),
    ("See which benchmarks there are", "robench list suites"),
)
NAMED = 3  # commands of one kind


@dataclass(frozen=True)
class IndexRow:
    """A run of a page.

    Attributes:
        name: as the page calls it; ``position`` there, from 0, gives its colour.
        path: its folder, as a word of a command.
        clean: clean error, a fraction, NaN where there is none; ``value`` the same of the page's headline number, with
            the ends of its interval.
        date: when it ended, or began, as "2026-01-02".
        unfinished: "40 of 76 conditions", or "".
        resume: the command that goes on with an unfinished run, or "".
        has_records: are its records there, which a comparison needs?
    """

    name: str
    position: int
    path: str
    clean: float
    value: float
    low: float
    high: float
    date: str
    unfinished: str = ""
    resume: str = ""
    has_records: bool = True


@dataclass(frozen=True)
class IndexPage:
    """A page and its runs, best first.

    Attributes:
        suite, protocol: what its runs share, the protocol in words.
        href: where it is.
        heading: of the runs' headline number; ``adds_to_clean``: is it an error, as the clean one is, of more images?
    """

    suite: str
    protocol: str
    href: str
    heading: str
    adds_to_clean: bool
    rows: tuple[IndexRow, ...]


@dataclass(frozen=True)
class TrainingRow:
    """A training run: where it ended, and the test error after each epoch, fractions (NaN: not measured).

    ``evaluate`` is the command that evaluates it, or "" where an evaluation of it is there.
    """

    name: str
    position: int
    what: str
    epochs: str
    errors: tuple[float, ...]
    date: str
    evaluate: str


@dataclass(frozen=True)
class IndexLink:
    """A page that is no suite's, and a sentence about it."""

    title: str
    href: str
    facts: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """The whole index; ``left_out`` has a sentence for each thing that could not be shown."""

    title: str
    facts: str
    pages: tuple[IndexPage, ...]
    training_href: str
    trainings: tuple[TrainingRow, ...]
    links: tuple[IndexLink, ...]
    left_out: tuple[str, ...]
    commands: Commands


def best_first(rows: Sequence[IndexRow]) -> tuple[IndexRow, ...]:
    """Return rows by their headline number, those without one last."""
    return tuple(sorted(rows, key=lambda row: (math.isnan(row.value), row.value)))


def next_commands(pages: Sequence[IndexPage], trainings: Sequence[TrainingRow]) -> Commands:
    """Return what to do next: go on with what is unfinished, evaluate what was trained, compare the two best."""
    made: list[tuple[str, str]] = []
    unfinished = [row for page in pages for row in page.rows if row.resume]
    made += [(f"Go on with {row.name}", row.resume) for row in unfinished[:NAMED]]
    waiting = [row for row in trainings if row.evaluate]
    made += [(f"Evaluate {row.name}", row.evaluate) for row in waiting[:NAMED]]
    for page in pages:
        whole = [row for row in page.rows if row.has_records and not math.isnan(row.value)]
        if len(whole) > 1:
            best, other = whole[:2]
            purpose = f"Ask whether {best.name} is really better than {other.name} on {page.suite}"
            made.append((purpose, f"robench compare {other.path} {best.path}"))
            break
    if not pages and not trainings:
        return FIRST
    return (*made, FIRST[0], FIRST[1]) if len(made) < NAMED else tuple(made)
