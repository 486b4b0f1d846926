"""Where things are when nobody says: the data that is read, and the folders that are written."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from robench.errors import MissingDataError

DATA_VARIABLE = "ROBENCH_DATA"
DATA_FOLDER = Path("data")
RUNS_FOLDER = Path("runs")
OWN_PICTURES = "folder"  # the dataset that is in a folder of any name, and so is never looked for

Opened = TypeVar("Opened")


def data_places(data_dir: str | Path | None = None) -> tuple[Path, ...]:
    """Return the folders that data is looked for in, in this order: the one given alone, else ``$ROBENCH_DATA``,
    ``data`` and the working folder, as far as they are there.
    """
    if data_dir is not None:
        return (Path(data_dir),)
    named = os.environ.get(DATA_VARIABLE)
    places = [*([Path(named)] if named else []), DATA_FOLDER, Path()]
    return tuple(place for place in places if place.is_dir())


def open_where_found(
    open_in: Callable[[Path], Opened], data_dir: str | Path | None, hint: str = ""
) -> tuple[Opened, Path]:
    """Open data in the first of ``data_places`` that holds it, and return it with that place.

    Args:
        open_in: opens the data below a folder; raises MissingDataError where it is not there.
        data_dir: the folder that was named, or None.
        hint: the command that fetches the data, or what else to do, for the refusal.

    Raises:
        MissingDataError: where none holds it, naming the places; and whatever else ``open_in`` raises, so that damaged
            data is never passed over in favour of other data.
    """
    missing: list[MissingDataError] = []
    places = data_places(data_dir)
    for place in places:
        try:
            return open_in(place), place
        except MissingDataError as error:
            missing.append(error)
    after = f"; {hint}" if hint else ""
    if data_dir is not None:
        raise MissingDataError(f"{missing[0]}{after}")
    looked = ", ".join("the working folder" if place == Path() else str(place) for place in places)
    named = os.environ.get(DATA_VARIABLE)
    if named and Path(named) not in places:
        looked += f"; ${DATA_VARIABLE} is {named}, which is no folder"
    raise MissingDataError(f"{missing[0]} (looked in {looked}){after}")


def choose_run_folder(preferred: Path, continues: Callable[[Path], bool]) -> Path:
    """Return the first of ``preferred``, ``preferred-2``, ... that is free or holds the very run that is
    asked for; nothing is ever written over.

    ``continues`` says of a folder that is there whether the run in it, finished or not, is this one.
    """
    return next(
        folder
        for folder in numbered_folders(preferred)
        if not holds_something(folder) or continues(folder)
    )


def taken_folders(preferred: Path) -> list[Path]:
    """Return ``preferred``, ``preferred-2``, ... up to the first that is free."""
    return list(itertools.takewhile(holds_something, numbered_folders(preferred)))


def numbered_folders(preferred: Path) -> Iterator[Path]:
    """Yield ``preferred``, ``preferred-2``, ``preferred-3``, ..."""
    yield preferred
    for number in itertools.count(2):
        yield preferred.with_name(f"{preferred.name}-{number}")


def holds_something(folder: Path) -> bool:
    """Say whether there is more in a folder than locks and what a killed process left under a temporary name."""
    return folder.exists() and (
        not folder.is_dir() or any(not entry.name.startswith(".") for entry in folder.iterdir())
    )


# Names that files have in the folders of every training; the folder's own name tells more.
NAMES_OF_MANY = {
    *("best", "best_model", "checkpoint", "checkpoint_best", "final", "last", "model"),
    *("model_best", "model_final", "model_weights", "net", "network", "pytorch_model"),
    *("state_dict", "weights"),
}
FOLDERS_OF_MANY = {"", ".", "..", "checkpoints", "ckpt", "models", "weights"}
LONGEST_NAME = 80  # leaves room below the 255 bytes that file systems allow


def folder_name(spec: str) -> str:
    """Return a folder's name for a model: letters, digits, ``.``, ``_``, ``+`` and ``-`` only.

    ``spec`` is a file, ``"library:name"`` or any name. A file that is called as one in every training is named for the
    folder of that: ``runs/augmix/checkpoints/last.pt`` is ``augmix``.
    """
    path = Path(spec)
    name = spec
    if path.suffix and ":" not in path.name:
        name = path.stem
        if re.sub(r"[-_.]?\d+$", "", name).lower() in NAMES_OF_MANY:
            above = [part.name for part in path.absolute().parents][: len(path.parts) - 1]
            name = next((part for part in above if part not in FOLDERS_OF_MANY), name)
    elif ":" in spec:
        name = spec.rpartition(":")[2] or spec
    plain = re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._")
    return plain[:LONGEST_NAME] or "model"
