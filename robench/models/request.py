"""What is asked of a model source, and what a source is."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.model import Model
from robench.models.normalisation import Normalisation


@dataclass(frozen=True)
class Request:
    """A model to load.

    Attributes:
        spec: a path, or a library and a name such as ``"timm:resnet50"``.
        classes: how many logits the network must give.
        architecture: ``--arch``, for files that hold weights only.
        normalisation: overrides what the source records.
        name: how tables call the model; from the spec when None.
        unsafe: also load what can run code.
        weights: ``--weights``, which set of weights of a file that holds several.
    """

    spec: str
    classes: int
    architecture: str | None = None
    normalisation: Normalisation | None = None
    name: str | None = None
    unsafe: bool = False
    weights: str | None = None

    def refuse_code(self, what: str) -> None:
        """Raise RobenchError, saying ``what`` would run, unless the user asked for that."""
        if not self.unsafe:
            raise RobenchError(
                f"{self.spec} was refused: {what}; if you trust its author, give {argument('unsafe_load', True)}"
            )

    def refuse_architecture(self) -> None:
        """Raise RobenchError for an ``--arch`` or a ``--weights`` that would be ignored."""
        if self.architecture is not None:
            raise RobenchError(
                f"{self.spec} is a whole network; leave out {argument('architecture', self.architecture)}"
            )
        if self.weights is not None:
            raise RobenchError(
                f"{self.spec} is a whole network; leave out {argument('weights', self.weights)}"
            )

    def check_classes(self, found: int | None, classes_of: str = "the data") -> None:
        """Raise RobenchError for a network known to give another number of logits."""
        if found is not None and found != self.classes:
            raise RobenchError(
                f"{self.spec} gives {found} logits, but {classes_of} has {self.classes} classes"
            )


@dataclass(frozen=True)
class Source:
    """One way to get a model.

    Attributes:
        summary: what ``--model`` looks like for it, and what it needs.
        claims: whether a spec is this source's; at most one source claims a spec.
        load: gives the model, or raises RobenchError.
    """

    summary: str
    claims: Callable[[str], bool]
    load: Callable[[Request], Model]


def existing_file(spec: str, kind: str) -> Path:
    """Return the spec as a path; raise RobenchError when there is no such file, or a folder, a pipe or a device."""
    path = Path(spec)
    if path.is_dir():
        raise RobenchError(f"expected a file, {path} is a folder")
    if path.is_file():
        return path
    if path.exists():
        raise RobenchError(
            f"expected a file, {path} is a pipe, a socket or a device; write its content to a file first"
        )
    raise RobenchError(f"no {kind} {path}")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive_members(spec: str) -> list[str]:
    """Return the names in a zip archive, which is what ``torch`` writes; nothing for any other file or none."""
    if not Path(spec).is_file():  # a pipe would be waited for
        return []
    try:
        with zipfile.ZipFile(spec) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type where it has none."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
