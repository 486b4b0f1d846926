"""A comparison on disk."""

from pathlib import Path

import pandas as pd

from robench.atomic_file import write_atomically


def write_tables(folder: Path, **tables: pd.DataFrame) -> None:
    """Write each table as ``<name>.csv`` into a folder, made if need be; fractions, with every digit of a float64."""
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n")
        write_bytes(folder / f"{name}.csv", text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raise RobenchError where that is not possible."""
    write_atomically(path, lambda file: file.write(content))
