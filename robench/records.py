"""The run directory: one Parquet file of per-image records per finished condition, and where they came from.

A condition is finished exactly when its file exists, because files are written under a temporary name and renamed.
Nothing that can be computed from the records is needed to read a run.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench import stored_scores
from robench.arguments import argument
from robench.atomic_file import write_atomically
from robench.errors import RobenchError
from robench.folder_lock import locked
from robench.outside_file import is_file_name, read_bytes, read_json_object
from robench.places import holds_something
from robench.provenance import write_json
from robench.record_file import read_records, write_records
from robench.sequence_records import SEQUENCE_COLUMNS
from robench.suites import Chunk, Condition

if TYPE_CHECKING:
    import torch

FORMAT = 1
COLUMNS = {
    "index": np.int32,  # the image's number in the full dataset
    "label": np.int16,
    "prediction": np.int16,  # the class of the largest logit
    "label_rank": np.int16,  # how many classes come before the label: 0 when the prediction is right
    "confidence": np.float32,  # the largest softmax probability
    "nll": np.float32,  # minus the natural logarithm of the label's probability
    "sum_p_squared": np.float32,
    "entropy": np.float32,  # of the softmax probabilities, in nats
    "logsumexp": np.float32,
    "max_logit": np.float32,
}


def records_of(
    logits: "torch.Tensor", labels: NDArray[np.int64], indices: NDArray[np.int64]
) -> pd.DataFrame:
    """Return one row per image of finite logits (N, K), computed in float64 and stored as in ``COLUMNS``."""
    import torch  # here, so that reading a run does not wait for it

    scores = logits.double().cpu()
    target = torch.from_numpy(labels).view(-1, 1)
    of_label = scores.gather(1, target)
    classes = torch.arange(scores.shape[1])
    before = (scores > of_label) | ((scores == of_label) & (classes < target))
    log_p = scores.log_softmax(1)
    p = log_p.exp()
    columns = {
        "index": indices,
        "label": labels,
        "prediction": scores.argmax(1),
        "label_rank": before.sum(1),
        "confidence": p.amax(1),
        "nll": -log_p.gather(1, target).squeeze(1),
        "sum_p_squared": (p * p).sum(1),
        "entropy": -torch.special.xlogy(p, p).sum(1),
        "logsumexp": scores.logsumexp(1),
        "max_logit": scores.amax(1),
    }
    return pd.DataFrame({name: np.asarray(columns[name], dtype) for name, dtype in COLUMNS.items()})


@dataclass(frozen=True)
class Run:
    """A run directory: ``path`` and ``info``, the content of run.json."""

    path: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        """How tables call the model of this run."""
        return str(self.info["name"])

    @property
    def keeps_records(self) -> bool:
        """Are there records? False of a run that is handed on as its run.json and scores.csv alone."""
        return self._folder().exists() or not (self.path / stored_scores.NAME).exists()

    def holds_records(self) -> bool:
        """Say whether anything was stored: a condition, a chunk of one, or scores that were handed on."""
        return (self.path / stored_scores.NAME).exists() or any(
            not path.name.startswith(".") for path in self.path.rglob("*.parquet")
        )

    def is_begun(self) -> bool:
        """Say whether its run.json is there; a run is begun when its first records are stored."""
        return (self.path / "run.json").exists()

    def conditions(self) -> tuple[Condition, ...]:
        """Return the finished conditions, in the order the run asked for them, then any others by name.

        Of a run without records, those that its scores.csv has numbers of.
        """
        if self.keeps_records:
            found = {path.stem for path in self._folder().glob("*.parquet")}
        else:
            suite = str(self.info["suite"])
            found = stored_scores.conditions_of(stored_scores.read_scores(self.path), suite)
        asked = [name for name in self.info["conditions"] if name in found]
        return tuple(map(Condition.parse, asked + sorted(found.difference(asked))))

    def read(self, condition: Condition) -> pd.DataFrame:
        """Return the records of a finished condition: one row per image, the columns of ``COLUMNS``.

        Of a sequence, one row per image and frame, the columns of ``SEQUENCE_COLUMNS``.

        Raises RobenchError when the condition is not finished or its file is damaged, and for a run without records.
        """
        if not self.keeps_records:
            raise RobenchError(
                f"{self.path} holds a run's scores without its records, which are needed here; name the run they "
                "were copied from"
            )
        try:
            return self._read_file(self._file(condition), condition)
        except FileNotFoundError:
            raise RobenchError(f"{self.path}: condition {condition} is not finished") from None

    def write(self, condition: Condition, records: pd.DataFrame) -> None:
        """Store the records of a condition; from then on it is finished."""
        write_records(self._file(condition), records, self._owner(condition))

    def has(self, chunk: Chunk) -> bool:
        """Return whether a chunk is stored, by itself or in its finished condition."""
        return self._part(chunk).exists() or self._file(chunk.condition).exists()

    def write_chunk(self, chunk: Chunk, records: pd.DataFrame, whole: Sequence[Chunk]) -> None:
        """Store the records of a chunk; with the last of the ``whole`` of its condition, that is finished."""
        if len(whole) == 1:
            self.write(chunk.condition, records)
            return
        write_records(self._part(chunk), records, self._owner(chunk.condition))
        self.join(whole)

    def join(self, whole: Sequence[Chunk]) -> None:
        """Make the condition's file of its chunks if all of them are stored; other processes may do the same."""
        parts = [self._part(chunk) for chunk in whole]
        if not all(part.exists() for part in parts):
            return
        # Gone since: another process joined the same chunks, and the file is there.
        with contextlib.suppress(FileNotFoundError):
            tables = [self._read_file(part, whole[0].condition) for part in parts]
            self.write(whole[0].condition, pd.concat(tables, ignore_index=True))
        for part in parts:
            part.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty, or gone already
            parts[0].parent.rmdir()

    def outside(self) -> "tuple[Run, ...]":
        """Return the runs on images of none of the model's classes that are kept with this one, by name."""
        return tuple(open_run(path.parent) for path in sorted(self.path.glob("outside/*/run.json")))

    def write_info(self) -> None:
        """Store run.json."""
        write_json(self.path / "run.json", self.info)

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Store a table as CSV, with every digit that a float64 needs."""

        def write(file: BinaryIO) -> None:
            table.to_csv(file, index=False, lineterminator="\n")

        write_atomically(self.path / name, write)

    def _read_file(self, path: Path, condition: Condition) -> pd.DataFrame:
        columns = SEQUENCE_COLUMNS if condition.is_sequence else COLUMNS
        classes = self.info["model"].get("num_classes")
        return read_records(path, columns, self._owner(condition), classes)

    def _owner(self, condition: Condition) -> dict[str, str | None]:
        """Return whose records a file of this run holds; it is refused in a run of another suite or model."""
        return {
            "suite": self.info["suite"],
            "condition": str(condition),
            "model": _at(self.info, "model.sha256"),
        }

    def _folder(self) -> Path:
        return self.path / "records" / str(self.info["suite"])

    def _file(self, condition: Condition) -> Path:
        return self._folder() / f"{condition}.parquet"

    def _part(self, chunk: Chunk) -> Path:
        return self._folder() / f"{chunk.condition}.parts" / f"{chunk}.parquet"


def open_run(path: str | Path) -> Run:
    """Open an existing run directory; raise RobenchError when it is not one or was written by a newer robench."""
    path = Path(path)
    file = path / "run.json"
    if not file.exists():
        what = "has no run.json" if path.is_dir() else "does not exist"
        raise RobenchError(f"{path} is not a run directory: it {what}")
    info = read_json_object(file, "copy it from its run again")
    if str(info.get("format")).startswith("robench-training/"):
        raise RobenchError(
            f"{path} is a training run; evaluate its checkpoint: "
            f"robench eval --model {path}/checkpoints/last.pt --suite ... --out ..."
        )
    if info.get("format") != FORMAT:
        raise RobenchError(
            f"{path} has run format {info.get('format')}, this robench reads format {FORMAT}; upgrade robench"
        )
    _check_fields(path, info)
    return Run(path, info)


# What every run.json says, and in what form: read by whatever opens a run.
FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "suite": (str,),
    "preset": (str,),
    "seed": (int,),
    "command": (list,),
    "conditions": (list,),
    "model": (dict,),
    "model.sha256": (str, NoneType),
    "data.description": (str,),
    "data.manifest_sha256": (str,),
    "data.images": (int,),
    "data.limit": (int, NoneType),
}


def _check_fields(path: Path, info: dict[str, Any]) -> None:
    """Raise RobenchError for a run.json that lacks an entry, or has it in another form: it was changed by hand."""
    for key, kinds in FIELDS.items():
        found = _at(info, key)
        *parents, last = key.split(".")
        holder = _at(info, parents[0]) if parents else info
        if not isinstance(holder, dict) or last not in holder:
            raise RobenchError(f"{path / 'run.json'} is damaged: it has no entry {key}")
        if not isinstance(found, kinds) or isinstance(found, bool):
            expected = " or ".join(JSON_NAMES[kind] for kind in kinds)
            raise RobenchError(
                f"{path / 'run.json'} is damaged: {key} must be {expected}, got {found!r}"
            )
    if not is_file_name(info["suite"]):
        raise RobenchError(
            f"{path / 'run.json'} is damaged: suite must be a plain name, got {info['suite']!r}"
        )
    if not info["name"].isprintable():
        raise RobenchError(
            f"{path / 'run.json'} is damaged: name must be one line, got {info['name']!r}"
        )
    for name in info["conditions"]:
        try:
            Condition.parse(str(name))
        except RobenchError as error:
            raise RobenchError(f"{path / 'run.json'} is damaged: {error}") from None
    classes = info["model"].get("num_classes")
    if classes is not None and (type(classes) is not int or classes < 1):
        raise RobenchError(
            f"{path / 'run.json'} is damaged: model.num_classes must be a positive whole number, got {classes!r}"
        )


JSON_NAMES = {
    str: "text",
    int: "a whole number",
    list: "a list",
    dict: "an object",
    NoneType: "null",
}


# What two halves of one run must have in common: everything a record depends on, but for the versions of libraries,
# which are all recorded.
IDENTITY = (
    "robench",
    "suite",
    "preset",
    "seed",
    "model.sha256",
    "model.architecture",
    "model.weights.key",
    "preprocessing.mean",
    "preprocessing.std",
    "data.manifest_sha256",
    "data.limit",
    "precision",
    "temperature.values",
)
IN_WORDS = {"robench": "robench version", "temperature.values": "temperature"}


def start_run(path: str | Path, info: dict[str, Any], *, resume: bool = False) -> Run:
    """Make a run directory with ``info`` in run.json, or continue the one that is there; as ``prepare_run``."""
    run = prepare_run(path, info, resume=resume)
    run.write_info()
    return run


def prepare_run(path: str | Path, info: dict[str, Any], *, resume: bool = False) -> Run:
    """Return a new run, of which nothing is written yet, or the one that is there, to be continued.

    A continued run keeps its start time and its command; conditions asked for now are added to those asked for
    before; the versions of libraries of the earlier part are kept as ``earlier_libraries`` where they differ. Raises
    RobenchError as ``run_to_continue`` does.
    """
    path = Path(path)
    old = run_to_continue(path, info, resume=resume)
    return Run(path, info) if old is None else _continued(old, info)


def run_to_continue(
    path: str | Path, identity: Mapping[str, Any], *, resume: bool = False
) -> Run | None:
    """Return the run in a folder if it is the one of this ``identity``, or None where the folder is free.

    Free is a folder in which nothing was stored, whatever was begun there. ``identity`` holds what run.json has at
    ``IDENTITY``, at least. A model without a digest could be any: its run is only continued where ``resume`` says that
    it is the same.

    Raises RobenchError where the folder holds another run, naming the difference, or something else.
    """
    path = Path(path)
    if not (path / "run.json").exists():
        if holds_something(path):
            raise RobenchError(
                f"{path} is not empty and is not a run; choose another {argument('out')}"
            )
        return None
    old = open_run(path)
    differs = _difference(old.info, identity)
    unknown = _at(identity, "model.sha256") is None and not resume
    if differs is None and not unknown:
        return old
    if not old.holds_records():
        return None
    if differs is None:
        raise RobenchError(
            f"{path} holds a run, and nothing tells whether it is of this model, which is a function in no file; give "
            f"{argument('resume', True)} if it is, or choose another {argument('out')}"
        )
    what, before, now = differs
    raise RobenchError(
        f"{path} holds another run: its {what} is {before}, this one's is {now}; choose another {argument('out')}"
    )


def _continued(old: Run, info: dict[str, Any]) -> Run:
    conditions = list(dict.fromkeys([*old.info["conditions"], *info["conditions"]]))
    kept = {key: old.info[key] for key in ("started", "command", "seconds")}
    earlier = list(old.info.get("earlier_libraries", []))
    if old.info["libraries"] not in (info["libraries"], *earlier):
        earlier.append(old.info["libraries"])
    return Run(old.path, {**info, **kept, "conditions": conditions, "earlier_libraries": earlier})


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return in words the first of ``IDENTITY`` in which two runs differ, and what each has; None for halves of one."""
    for key in IDENTITY:
        if (found := _at(one, key)) != (instead := _at(other, key)):
            what = IN_WORDS.get(key, key.replace(".", " "))
            before, now = ("none" if value is None else value for value in (found, instead))
            return what, before, now
    return None


def _at(info: Mapping[str, Any], key: str) -> Any:
    """Return an entry of run.json, or None where it or what holds it is not there."""
    found: Any = info
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def merge_runs(sources: Sequence[str | Path], out: str | Path) -> Run:
    """Copy the finished conditions and chunks of several runs of the same thing into one run directory.

    The sources are left as they are. Raises RobenchError when one is not a run, when two differ in anything a record
    depends on, or when ``out`` holds something else.
    """
    runs = [open_run(source) for source in sources]
    if not runs:
        raise RobenchError("nothing to merge: name at least one run")
    with locked(out):
        begun = [open_run(out)] if (Path(out) / "run.json").exists() else []
        first, *others = [*begun, *runs]
        for other in others:
            _refuse_to_merge(first, other)
        for run in runs:
            merged = start_run(out, run.info, resume=True)
            for path in sorted(run._folder().rglob("*.parquet")):
                within = path.relative_to(run._folder())
                run._read_file(path, Condition.parse(within.parts[0].rsplit(".", 1)[0]))
                target = merged._folder() / within
                if not target.exists():
                    write_atomically(target, _copier(path))
    return merged


def _refuse_to_merge(first: Run, other: Run) -> None:
    """Raise RobenchError unless both are parts of one run."""
    if differs := _difference(first.info, other.info):
        what, found, instead = differs
        raise RobenchError(
            f"cannot merge {other.path} with {first.path}: its {what} is {instead}, there it is {found}; "
            "only parts of one evaluation go together"
        )


def _copier(path: Path) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(read_bytes(path))
