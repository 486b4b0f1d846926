"""A table of finished files: path, SHA-256 and size, one line each, for trees too large for one manifest."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from robench.errors import RobenchError
from robench.generation.generated import write_bytes

HEADER = "sha256\tbytes\tpath"


@dataclass(frozen=True)
class Row:
    """One finished file: its path in the tree, its SHA-256 and size."""

    path: str
    sha256: str
    byte_count: int


def row_of(path: str, data: bytes) -> Row:
    """Return the row of a file with the content ``data``."""
    return Row(path, hashlib.sha256(data).hexdigest(), len(data))


def read_table(path: Path) -> dict[str, Row]:
    """Return path -> row; nothing for a table that is not there. Raises RobenchError for a damaged one."""
    if not path.exists():
        return {}
    header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    try:
        found = [line.split("\t") for line in lines]
        rows = [Row(name, sha256, int(size)) for sha256, size, name in found]
    except ValueError:
        header = ""
    if header != HEADER:
        raise RobenchError(f"{path} is damaged; delete it and repeat the command")
    return {row.path: row for row in rows}


def write_table(path: Path, rows: dict[str, Row]) -> None:
    """Write a table, whole or not at all."""
    lines = [HEADER, *(f"{row.sha256}\t{row.byte_count}\t{row.path}" for row in rows.values())]
    write_bytes(path, ("\n".join(lines) + "\n").encode())
