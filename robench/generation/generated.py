"""What a generating command leaves: its result, and no temporary files."""

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
