"""A published ``.npy`` file, mapped: its pixels stay on disk until they are read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.arguments import argument
from robench.errors import RobenchError


def mapped(path: Path) -> NDArray:
    """Return the array of a file without reading it; raise RobenchError when it is missing or damaged."""
    try:
        array: NDArray = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise RobenchError(
            f"no {path}; leave it out with {argument('corruptions')}, or make it of the clean images with "
            f"{argument('mode', 'on-the-fly')}"
        ) from None
    except (OSError, ValueError, EOFError) as error:
        raise RobenchError(f"{path} is truncated or not a .npy file ({error})") from None
    return array
