"""Write a file so that it is either whole and under its name, or not there at all.

While it is written it has a name that nobody else can have, on this machine or another, and is locked (``flock``). The
lock ends with the process, however that ends, so that what a killed process left is told from what is being written.
"""

import contextlib
import glob
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from robench.errors import RobenchError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, flush it to the disk and rename it to ``path``.

    The folder is made if need be. A kill at any moment leaves the old file or the new one, and at worst a temporary
    file that nobody reads. Raises RobenchError when the folder cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(path) as (temporary, file):
            write(file)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise RobenchError(
            f"cannot write {path}: {error.strerror}; nothing was replaced"
        ) from error


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Remove the temporary files that dead processes left in a folder, of all files or of the one of that name.

    What another process is writing now stays. The folder need not exist.
    """
    of_name = "*" if name is None else glob.escape(name)
    for leftover in folder.glob(f".{of_name}.*.tmp"):
        with contextlib.suppress(OSError), leftover.open("rb") as file:
            if _lock(file, wait=False):
                leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Make a locked temporary file beside ``path``; it is gone afterwards, unless it was renamed."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        with temporary.open("xb") as file:
            _lock(file, wait=True)
            if os.fstat(file.fileno()).st_nlink == 0:
                continue  # taken for a leftover before it was locked
            try:
                yield temporary, file
            finally:
                with contextlib.suppress(OSError):  # the folder itself may be what is wrong
                    temporary.unlink()
            return


def _lock(file: BinaryIO, *, wait: bool) -> bool:
    """Lock a file; return whether that succeeded. Where the system has no such locks, nothing is ever locked."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # locked by another, or on a disk without locks
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
