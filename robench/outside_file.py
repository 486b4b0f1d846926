"""What comes from outside in a file: JSON and names, each checked here and nowhere else."""

import json
import stat
from pathlib import Path
from typing import Any

from robench.errors import RobenchError


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file; raise OSError for what is none, such as a pipe, which would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("it is no regular file")
    return path.read_bytes()


def read_json_object(path: Path, mend: str) -> dict[str, Any]:
    """Return the object in a file of JSON; raise RobenchError, with what mends it, where there is none to be read."""
    try:
        content = json.loads(read_bytes(path).decode("utf-8"))
    except RecursionError:
        raise RobenchError(f"{path} cannot be read (it is nested too deeply); {mend}") from None
    except (OSError, ValueError) as error:
        raise RobenchError(f"{path} cannot be read ({error}); {mend}") from None
    if not isinstance(content, dict):
        raise RobenchError(f"{path} holds no object but a {type(content).__name__}; {mend}")
    return content


def is_file_name(name: object) -> bool:
    """Say whether a name is one part of a path and stays in its folder: one line without separators, not ``..``.

    Blanks and any script's letters are allowed: sets of outside images are called as the user's folders are.
    """
    if not isinstance(name, str) or name in ("", ".", ".."):
        return False
    return name.isprintable() and not set(name) & set("/\\:")
