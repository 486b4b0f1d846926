"""What is wrong with a request to train, all of it at once and before PyTorch is imported."""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baselines import methods
from baselines.draw_limits import MAX_SEED
from robench.cli import UserError
from robench.cli.choices import numbers
from robench.complaints import Complaint, closest
from robench.errors import MissingDataError, RobenchError
from robench.forecast import nearest_existing
from robench.places import RUNS_FOLDER
from robench.registry import names_in_source, unknown_name
from robench.training.defaults import (
    FIRST_CHOICE,
    SUBJECTS,
    Fetched,
    download_command,
    find_training_data,
)
from robench.training.recipe import OVERRIDABLE, RECIPES, Recipe

METHOD = "METHOD"  # what a complaint about the method is about: it has no flag


@dataclass(frozen=True)
class Flag:
    """A flag as it was given: the name of its parameter, and its words."""

    parameter: str
    words: tuple[str, ...]


def refuse(method: str, complaints: Sequence[Complaint], flags: Sequence[Flag]) -> None:
    """Raise an error that says all complaints and the whole command that is meant, if there are any complaints.

    A flag that is complained about without something to take instead is left out of that command.
    """
    if not complaints:
        return
    first = dict.fromkeys(each.first for each in complaints if each.first)
    edits = {each.argument: each.instead for each in complaints if each.argument is not None}
    words = [word for flag in flags for word in _mended(flag, edits)]
    given = {flag.parameter for flag in flags}
    for name, instead in edits.items():
        if name not in (*given, METHOD) and instead is not None:
            words += [_flag(name), instead]
    command = " && ".join([*first, shlex.join(["robench", "train", method, *words])])
    told = [f"type: {command}"] if edits or first else []
    raise UserError(*(each.sentence.rstrip(".") for each in complaints), *told)


def _mended(flag: Flag, edits: Mapping[str, str | None]) -> Iterator[str]:
    if flag.parameter not in edits:
        yield from flag.words
    elif replacement := edits[flag.parameter]:
        yield from (flag.words[0], replacement)


def complaints_about(method: str, wanted: Mapping[str, Any]) -> Iterator[Complaint]:
    """Yield what is wrong with the values of a command's parameters; those that were not given are None or absent."""
    yield from _about_method_options(method, wanted)
    yield from _about_data(wanted)
    yield from _about_architecture(wanted.get("arch"))
    yield from _about_recipe(wanted)
    yield from _about_seeds_and_suites(wanted)
    yield from _about_folder(wanted.get("out"))


def _about_method_options(method: str, wanted: Mapping[str, Any]) -> Iterator[Complaint]:
    for option in methods.options_of(method):
        value, flag = wanted.get(option.name), _flag(option.name)
        if value is None:
            if option.limits.required:
                yield Complaint(f"{method} needs {flag} DIR: {option.help}", option.name, "DIR")
            continue
        if text := option.complaint(value):
            yield Complaint(
                _with_flag(text), option.name, closest(str(value), option.limits.choices)
            )
        elif option.limits.folder and value and not Path(str(value)).is_dir():
            yield Complaint(f"{flag}: there is no folder {value}")


def _about_data(wanted: Mapping[str, Any]) -> Iterator[Complaint]:
    try:
        find_training_data(wanted.get("dataset"), wanted.get("data_dir"))
    except MissingDataError as error:
        name = wanted.get("dataset") or FIRST_CHOICE
        by_us = SUBJECTS[name].fetched is Fetched.BY_US
        first = download_command(name, wanted.get("data_dir")) if by_us else None
        yield Complaint(str(error), first=first)
    except RobenchError:
        yield unknown("dataset to train on", wanted["dataset"], SUBJECTS, "dataset")


def _about_architecture(name: str | None) -> Iterator[Complaint]:
    if name is None:
        return
    library, colon, _ = name.partition(":")
    if colon:
        kind, part = "architecture library", library
        known = names_in_source("robench.models", "ARCHITECTURE_LIBRARIES")
    else:
        kind, part = "architecture", name
        known = names_in_source("baselines.architectures", "ARCHITECTURES")
    if part not in known:
        found = unknown(kind, part, known, "arch")
        mended = found.instead and name.replace(part, found.instead, 1)
        yield replace(found, instead=mended)


def _about_recipe(wanted: Mapping[str, Any]) -> Iterator[Complaint]:
    name = wanted.get("recipe")
    if name is not None and name not in RECIPES:
        yield unknown("recipe", name, RECIPES, "recipe")
    for part in OVERRIDABLE:
        if wanted.get(part) is None:
            continue
        try:
            Recipe(**{part: wanted[part]})
        except RobenchError as error:
            yield Complaint(_with_flag(str(error)), part)


def _about_seeds_and_suites(wanted: Mapping[str, Any]) -> Iterator[Complaint]:
    seed, listed, suites = wanted.get("seed"), wanted.get("seeds"), wanted.get("evaluated") or ()
    seeds: tuple[int, ...] = ()
    try:
        seeds = numbers("--seeds", listed) or ()
        if listed is not None and (not seeds or len(set(seeds)) < len(seeds)):
            yield Complaint(
                f"--seeds takes different numbers, such as 0,1,2; got {listed}", "seeds", "0,1,2"
            )
    except RobenchError as error:
        yield Complaint(str(error), "seeds", "0,1,2")
    for value in (*((seed,) if seed is not None else ()), *seeds):
        if not 0 <= value < MAX_SEED:
            yield Complaint(f"seed must be 0 to 2**64 - 1, got {value}", "seed")
    if seed is not None and listed is not None:
        yield Complaint("give --seed or --seeds, not both", "seed")
    if wanted.get("no_eval") and suites:
        yield Complaint("--no-eval and --eval contradict each other", "no_eval")
    if wanted.get("ensemble") and (wanted.get("no_eval") or (listed is None or len(seeds) == 1)):
        yield Complaint("--ensemble is evaluated of at least two --seeds", "ensemble")
    if suites:  # their names cost half a second
        from robench.suites import registry

        for suite in suites:
            if suite not in registry():
                yield unknown("suite", suite, registry(), "evaluated")
    count = wanted.get("validate_c")
    if count is not None and count < 1:
        yield Complaint(f"--validate-c takes at least 1 test image, got {count}", "validate_c")


def _about_folder(out: str | None) -> Iterator[Complaint]:
    place = nearest_existing(RUNS_FOLDER if out is None else Path(out))
    if not place.is_dir():
        yield Complaint(f"{place} is a file, not a folder; give another --out")
    elif not os.access(place, os.W_OK):
        yield Complaint(f"{place} cannot be written; give --out, a folder where that is allowed")


def unknown(kind: str, name: str, known: Iterable[str], parameter: str) -> Complaint:
    """Return the complaint about a name that nobody knows: with the closest that is known, else with all."""
    known = list(known)
    close = closest(name, known)
    if close is None:
        return Complaint(unknown_name(kind, name, known), parameter)
    return Complaint(f"unknown {kind} {name!r}, did you mean {close!r}?", parameter, close)


def _flag(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


def _with_flag(text: str) -> str:
    """Return "--batch-size must be ..." for "batch_size must be ..."."""
    parameter, _, rest = text.partition(" ")
    return f"{_flag(parameter.removesuffix('_px'))} {rest}"
