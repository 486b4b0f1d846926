"""manifest.json of a folder that robench made and that holds no benchmark: fractals, stylised pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robench.errors import RobenchError
from robench.generation.manifest import FILE
from robench.outside_file import read_json_object
from robench.provenance import library_versions, now, write_json
from robench.version import VERSION

Record = dict[str, Any]


def open_record(out: Path, kind: str, identity: Record, command: Sequence[str]) -> Record:
    """Start the record of a folder that exists and is locked, or go on with the one that is there.

    Args:
        out: the folder.
        kind: what it holds, such as ``"robench-fractals/1"``.
        identity: what all of its files have in common, as JSON can hold it.
        command: the command line, to be recorded.

    Raises RobenchError when the folder holds anything else, or files of another identity or version.
    """
    record = {
        "format": kind,
        "robench": VERSION,
        **identity,
        "command": list(command),
        "libraries": library_versions(),
        "started": now(),
        "finished": None,
    }
    path = out / FILE
    if path.exists():
        before = _read(path, kind)
        _refuse_another(out, before, {"robench": VERSION, **identity})
        record["started"] = before["started"]
    elif any(not entry.name.startswith((".lock", f".{FILE}.")) for entry in out.iterdir()):
        raise RobenchError(
            f"{out} holds files but no {FILE}, so they may be anyone's; choose another --out"
        )
    write_json(path, record)
    return record


def close_record(out: Path, record: Record, found: Record) -> None:
    """Store the record of a finished folder with what is in it."""
    write_json(out / FILE, record | {"finished": now()} | found)


def _read(path: Path, kind: str) -> Record:
    content = read_json_object(path, "choose another --out")
    if content.get("format") != kind:
        raise RobenchError(f"{path} is not a manifest in {kind}; choose another --out")
    return content


def _refuse_another(out: Path, before: Record, identity: Record) -> None:
    for key, asked in identity.items():
        if before.get(key) != asked:
            raise RobenchError(
                f"{out} was made with {key} {before.get(key)}, this command has {asked}; "
                "choose another --out"
            )
