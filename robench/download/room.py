"""Is there room on the disk?"""

import shutil
from pathlib import Path

from robench.errors import RobenchError


def refuse_full_disk(place: Path, needed_bytes: int) -> None:
    """Raise RobenchError unless the disk under ``place``, which may not exist yet, has that many bytes free."""
    folder = place.absolute()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if needed_bytes > free:
        raise RobenchError(
            f"{place} needs {needed_bytes / 1e9:.2f} GB more, its disk has {free / 1e9:.2f} GB free; "
            "make room or choose another --data-dir"
        )
