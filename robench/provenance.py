"""What made a file: the versions, the machine and the time; and JSON that is whole or not there."""

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from robench.atomic_file import write_atomically

# Those whose version can change a pixel, a logit or a score.
LIBRARIES = (
    "numba",
    "numpy",
    "opencv-python",
    "pandas",
    "pillow",
    "pyarrow",
    "scipy",
    "torch",
    "torchvision",
)


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that numbers can depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def now() -> str:
    """Return the time in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` for people and programs to read, atomically; raise RobenchError if that is not possible."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))
