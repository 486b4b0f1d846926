"""The folder that a report is written into."""

from pathlib import Path

from robench.errors import RobenchError


def make_folder(out: Path) -> None:
    """Make the output folder before the long part of the work; raise RobenchError if that is not possible."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RobenchError(f"cannot write a report into {out}: {error.strerror}") from error
