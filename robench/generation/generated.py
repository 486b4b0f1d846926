"""What a generating command leaves: its result, and no temporary files."""

import glob
from dataclasses import dataclass
from pathlib import Path

from robench.atomic_file import write_atomically


@dataclass(frozen=True)
class Generated:
    """How many files a command made, how many it found made already, and the photographs it left out as broken."""

    made: int
    kept: int
    skipped: tuple[str, ...] = ()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; raise RobenchError where that is not possible."""
    write_atomically(path, lambda file: file.write(content))


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that killed processes left of ``path``, which nobody else may be writing now."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        leftover.unlink(missing_ok=True)


def remove_all_leftovers(folder: Path) -> None:
    """Remove the temporary files of a folder, which nobody else may be writing now; it need not exist."""
    for leftover in folder.glob(".*.tmp"):
        leftover.unlink(missing_ok=True)
