import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from robench.atomic_file import write_atomically
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
