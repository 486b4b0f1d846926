"""The folder that a report is written into: it takes the place of an earlier report there, and of nothing else."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from robench.atomic_file import remove_leftovers, write_atomically
from robench.errors import RobenchError
from robench.folder_lock import locked

REPORT_FOLDER = Path("report")  # where nobody says another one
WRITTEN = ".robench-report"  # lists the files that are ours, a line "DOCUMENT<tab>FILE" each
SUFFIXES = {"html": "html", "markdown": "md", "latex": "tex", "csv": "csv", "json": "json"}


def check_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats that were asked for, all when none was, each once; raise RobenchError for an unknown one."""
    chosen = tuple(dict.fromkeys(formats)) or tuple(SUFFIXES)
    for name in chosen:
        if name not in SUFFIXES:
            raise RobenchError(f"no format {name!r}; known: {', '.join(SUFFIXES)}")
    return chosen


@dataclass(frozen=True)
class ReportFolder:
    """A folder, or one below it, into which one document is being written; see ``report_folder``.

    Attributes:
        root: the folder that was named.
        document: the name of what is being written, such as ``report`` or ``paper``.
        owners: file -> the documents that it belongs to, of all that was written into ``root`` so far.
        written: the files written this time.
        inside: the folder below ``root`` that names are relative to.
    """

    root: Path
    document: str
    owners: dict[PurePosixPath, set[str]]
    written: set[PurePosixPath] = field(default_factory=set)
    inside: PurePosixPath = field(default_factory=PurePosixPath)

    @property
    def path(self) -> Path:
        """Where files go."""
        return self.root / self.inside

    def below(self, name: str) -> "ReportFolder":
        """Return the folder of that name in this one."""
        return ReportFolder(self.root, self.document, self.owners, self.written, self.inside / name)

    def make(self) -> None:
        """Make the folder, before the long part of the work; raise RobenchError if that is not possible."""
        with _writing(self.root):
            self.path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> Path:
        """Write a file, whole or not at all, and return its path; ``name`` may have folders in it.

        Raises RobenchError where that is not possible, and for a file that is there and was not written by a report.
        """
        file = self.inside / name
        path = self.root / file
        if file not in self.owners and path.exists():
            raise RobenchError(
                f"{path} is there and no report of robench wrote it; move it away, or name another folder with --out"
            )
        if self.document not in self.owners.get(file, ()):
            # Before the file itself: what a killed process leaves is known as ours.
            self.owners.setdefault(file, set()).add(self.document)
            with _writing(self.root), (self.root / WRITTEN).open("a", encoding="utf-8") as log:
                log.write(f"{self.document}\t{file}\n")
        self.written.add(file)
        write_atomically(path, lambda opened: opened.write(content))
        return path


@contextlib.contextmanager
def report_folder(out: Path, document: str) -> Iterator[ReportFolder]:
    """Open a folder, made if need be, to write a document into it; at the end what an earlier one has more is deleted.

    Only files that ``.robench-report`` names as those of the same document are deleted. Raises RobenchError where the
    folder cannot be written, or another process is writing it.
    """
    with locked(out):
        yield from _open_folder(out, document)


def _open_folder(out: Path, document: str) -> Iterator[ReportFolder]:
    with _writing(out):
        (out / WRITTEN).touch()
        owners = _owners(out)
    folder = ReportFolder(out, document, owners)
    yield folder
    with _writing(out):
        for each in {(out / file).parent for file in owners} | {out}:
            remove_leftovers(each)  # of a process that was killed
        for file in [each for each in owners if each not in folder.written]:
            owners[file].discard(document)
            if not owners[file]:
                del owners[file]
                _delete(out, file)
    lines = sorted(f"{name}\t{file}\n" for file, names in owners.items() for name in names)
    write_atomically(out / WRITTEN, lambda opened: opened.write("".join(lines).encode()))


def check_place(out: Path, *, named: bool) -> None:
    """Raise RobenchError for an output folder that cannot be one, or that nobody ``named`` and is somebody else's."""
    if out.exists() and not out.is_dir():
        raise RobenchError(f"{out} is a file, not a folder; name another one with --out")
    if not named and out.is_dir() and not (out / WRITTEN).exists() and any(out.iterdir()):
        raise RobenchError(
            f"{out} holds what is no report of robench; name a folder to write into: --out DIR"
        )


def _owners(out: Path) -> dict[PurePosixPath, set[str]]:
    """Return file -> documents; lines that lead out of the folder are not ours and are passed over."""
    owners: dict[PurePosixPath, set[str]] = {}
    for line in (out / WRITTEN).read_text(encoding="utf-8", errors="replace").splitlines():
        document, _, name = line.partition("\t")
        file = PurePosixPath(name)
        if name and not file.is_absolute() and ".." not in file.parts:
            owners.setdefault(file, set()).add(document)
    return owners


def _delete(out: Path, file: PurePosixPath) -> None:
    """Delete a file and the folders that are empty without it."""
    (out / file).unlink(missing_ok=True)
    for parent in list(file.parents)[:-1]:
        with contextlib.suppress(OSError):  # not empty, or gone with the file
            (out / parent).rmdir()


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RobenchError(f"cannot write a report into {out}: {error.strerror}") from error
