"""One process at a time writes a folder, and a killed one leaves no lock behind.

The lock is the system's (``flock``), which Linux and macOS have and Windows has not.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from robench.errors import RobenchError

FILE = ".lock"
TURN_FILE = ".lock-turn"


class FolderInUseError(RobenchError):
    """Another process writes the folder."""


@contextlib.contextmanager
def locked(path: str | Path, shard: str | None = None) -> Iterator[None]:
    """Hold a folder, made if need be, for writing.

    A process that does a shard of the work shares the folder with those that do other shards, and with nobody else.
    The lock ends with the process, however that ends. Raises FolderInUseError at once when another process holds it,
    and RobenchError when the folder cannot be written, or where the system has no such locks.
    """
    path = Path(path)
    with contextlib.ExitStack() as held:
        _lock(path, FILE, held, shared=shard is not None)
        if shard is not None:
            _lock(path, f"{FILE}-{shard}", held, shared=False)
        yield


@contextlib.contextmanager
def in_turn(path: str | Path) -> Iterator[None]:
    """Let the processes that share a folder do something one after the other; waits for those before.

    The folder must be there and ``locked``.
    """
    import fcntl

    with (Path(path) / TURN_FILE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock(path: Path, name: str, held: contextlib.ExitStack, *, shared: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = held.enter_context((path / name).open("w"))
    except OSError as error:
        raise RobenchError(f"cannot write {path}: {error.strerror}") from None
    if not _granted(file, shared=shared):
        raise FolderInUseError(
            f"{path} is being written by another process; wait for it, or choose another folder"
        )


def _granted(file: TextIO, *, shared: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        raise RobenchError(
            "writing folders needs the file locks of Linux or macOS, which this system has not; "
            "on Windows, run robench in WSL"
        ) from None
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
