import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from robench.atomic_file import remove_leftovers, write_atomically
from robench.errors import RobenchError


def test_the_folder_is_made_and_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def fill_the_disk(file: BinaryIO) -> None:
    file.write(b"half of the n")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(RobenchError, match=r"cannot write .*file: No space left on device"):
        write_atomically(path, fill_the_disk)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_any_other_failure_leaves_the_old_file_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        write_atomically(path, lambda file: 1 / 0)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RobenchError, match=r"cannot write .*taken"):
        write_atomically(tmp_path / "taken" / "file", lambda file: file.write(b""))


def test_two_writers_never_share_a_temporary_file(tmp_path: Path, monkeypatch) -> None:
    """As two containers can, which have the same process number."""
    monkeypatch.setattr(os, "getpid", lambda: 7)
    path = tmp_path / "file"

    def write_meanwhile(file: BinaryIO) -> None:
        file.write(b"outer")
        write_atomically(path, lambda other: other.write(b"inner, and longer"))
        assert path.read_bytes() == b"inner, and longer"

    write_atomically(path, write_meanwhile)
    assert path.read_bytes() == b"outer"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_dead_left_is_removed_and_what_is_being_written_stays(tmp_path: Path) -> None:
    dead, other = tmp_path / ".file.1234.tmp", tmp_path / ".other.1234.tmp"
    dead.write_bytes(b"half")
    other.write_bytes(b"half")
    remove_leftovers(tmp_path, "file")
    assert not dead.exists()
    assert other.exists()

    def sweep_meanwhile(file: BinaryIO) -> None:
        file.write(b"whole")
        remove_leftovers(tmp_path)

    write_atomically(tmp_path / "file", sweep_meanwhile)
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert not other.exists()
    remove_leftovers(tmp_path / "nowhere")
