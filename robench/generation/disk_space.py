"""Is there room? Asked before anything is written, because a full disk after ten hours helps nobody."""

import shutil
from pathlib import Path

from robench.errors import RobenchError
from robench.forecast import as_size, nearest_existing

# What a file system needs besides the files' bytes: half a block for each, inodes, the manifest.
MARGIN = 1.02


def space_sentence(
    folder: Path,
    needed_bytes: float,
    *,
    exact: bool,
    less: str = "with --corruptions, --severities or --shard",
) -> str:
    """Return what will be written and what is free; raise RobenchError when that is not enough.

    Args:
        folder: where the files will lie; it may not exist yet.
        needed_bytes: of the files still to be written.
        exact: is that known, or an estimate?
        less: how the command can be told to write less.
    """
    free = shutil.disk_usage(nearest_existing(folder)).free
    about = "" if exact else "about "
    if needed_bytes * MARGIN > free:
        raise RobenchError(
            f"{folder} needs {about}{as_size(needed_bytes)} but its disk has {as_size(free)} free; "
            f"choose another --out, or generate less {less}"
        )
    return f"{about}{as_size(needed_bytes)} to write, {as_size(free)} free"
