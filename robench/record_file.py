"""A Parquet file of records: whose it is and a digest of what is in it, written with it and checked on reading.

They lie in the file itself, so that shards that write at the same time share nothing, and a file that is copied into
another run is refused there. Files of earlier versions have neither, and are only held to what a record can be.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from robench.atomic_file import write_atomically
from robench.errors import RobenchError
from robench.outside_file import read_bytes

KEY = b"robench"
MEND = "delete it and evaluate again"
CONFIDENCE_SLACK = 1e-6  # a float32 of a probability
ArrowErrors = (OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError)


def write_records(path: Path, records: pd.DataFrame, owner: Mapping[str, str | None]) -> None:
    """Store records with checksums of pages, a digest of all and their ``owner``: suite, condition and model."""
    said = json.dumps({**owner, "sha256": _digest(records)}).encode()
    table = pa.Table.from_pandas(records, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: said})

    def write(file: BinaryIO) -> None:
        pq.write_table(table, file, write_page_checksum=True)

    write_atomically(path, write)


def read_records(
    path: Path,
    columns: Mapping[str, type],
    owner: Mapping[str, str | None],
    classes: int | None,
) -> pd.DataFrame:
    """Return the records in a file.

    Raises RobenchError, naming the file and what mends it, for one that is damaged, another's, or holds what no record
    can be, and FileNotFoundError where there is none.

    Args:
        path: of the file.
        columns: those that it must have, with their types.
        owner: as it was written with; a file without one is of an earlier version.
        classes: how many outputs the model has, or None where that is not known.
    """
    try:
        with pq.ParquetFile(
            pa.BufferReader(read_bytes(path)), page_checksum_verification=True
        ) as file:
            table = file.read()
        records = table.to_pandas()
        said = (table.schema.metadata or {}).get(KEY)
        written = None if said is None else dict(json.loads(said))
    except FileNotFoundError:
        raise
    except (*ArrowErrors, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise RobenchError(f"{path} is damaged ({reason}); {MEND}") from None
    if missing := [name for name in columns if name not in records]:
        raise RobenchError(f"{path} has no column {missing[0]!r}; {MEND}")
    if written is not None:
        for key, expected in owner.items():
            if written.get(key) != expected:
                raise RobenchError(
                    f"{path} is of another {key}: {written.get(key)}, this run's is {expected}; {MEND}"
                )
        if written.get("sha256") != _digest(records):
            raise RobenchError(f"{path} is damaged (its digest is another); {MEND}")
    if wrong := _impossible(records, columns, classes):
        raise RobenchError(f"{path} is damaged ({wrong}); {MEND}")
    return records


def _digest(records: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name in records:
        values = np.ascontiguousarray(records[name].to_numpy())
        digest.update(f"{name} {values.dtype.str} {len(values)}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _impossible(
    records: pd.DataFrame, columns: Mapping[str, type], classes: int | None
) -> str | None:
    """Return in words the first thing in records that cannot be, or None."""
    for name, dtype in columns.items():
        values = records[name].to_numpy()
        whole = np.issubdtype(dtype, np.integer)
        if values.dtype.kind != ("i" if whole else "f"):
            return f"{name} is of type {values.dtype}"
        if whole:
            of_class = name not in ("index", "frame")
            if len(values) and (found := int(values.min())) < 0:
                return f"{name} is {found}"
            if of_class and classes and len(values) and (found := int(values.max())) >= classes:
                return f"{name} is {found}, of {classes} classes"
        # Of outside images the label means nothing: it can be of a class that does not count, and its NLL infinite.
        elif name == "nll" and (np.isnan(values).any() or (values == -np.inf).any()):
            return f"{name} is no number"
        elif name != "nll" and not name.startswith("zipf") and not np.isfinite(values).all():
            return f"{name} is not finite"
    for name in ("confidence", "sum_p_squared"):
        if name in columns and len(records):
            low, high = float(records[name].min()), float(records[name].max())
            if low < 0 or high > 1 + CONFIDENCE_SLACK:
                return f"{name} is {low if low < 0 else high}, a probability is from 0 to 1"
    keys = [name for name in ("index", "frame") if name in columns]
    if records.duplicated(keys).any():
        return "an image is in it twice"
    return None
