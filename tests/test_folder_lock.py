"""One process writes a folder; the lock goes with the process."""

import subprocess
import sys
from pathlib import Path

import pytest

from robench.errors import RobenchError
from robench.folder_lock import locked


def test_one_process_writes_a_folder(tmp_path: Path) -> None:
    attempt = (
        "from robench.folder_lock import locked; import sys\n"
        "with locked(sys.argv[1]): print('locked')"
    )
    command = [sys.executable, "-c", attempt, str(tmp_path)]
    with locked(tmp_path):
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "is being written by another process" in second.stderr
    third = subprocess.run(command, capture_output=True, text=True, check=False)
    assert third.stdout == "locked\n"


def test_a_system_without_such_locks_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # an ImportError, as on Windows
    with pytest.raises(RobenchError, match="Linux or macOS"), locked(tmp_path):
        pass
