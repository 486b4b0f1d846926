"""A folder of fractals to mix photographs with, in the layout that other people's code reads too.

``DIR/fractals/000000.png`` and so on: one class folder, as torchvision's ``ImageFolder`` wants it. A picture is a
function of the seed, its number and the size, so a folder can be continued, and grown.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from baselines.augmentations.threads import in_threads
from baselines.fractals import fractals
from robench.errors import RobenchError
from robench.folder_lock import locked
from robench.generation.disk_space import space_sentence
from robench.generation.folder_record import close_record, open_record
from robench.generation.generated import Generated, remove_all_leftovers, write_bytes
from robench.progress import bar

FORMAT = "robench-fractals/1"
FOLDER = "fractals"
MAX_COUNT = 1_000_000  # six digits
MIN_SIDE_PX, MAX_SIDE_PX = 8, 2048
BYTES_PER_PIXEL = 2.4  # of the files, measured on a hundred of 256 pixels
CHUNK = 64


def generate_fractals(
    out: str | Path,
    *,
    count: int,
    side_px: int = 256,
    seed: int = 0,
    workers: int | None = None,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Generated:
    """Write the first ``count`` fractals of a seed as PNG files; those that are there already are kept.

    Args:
        out: the folder, new or one that this function wrote with the same size and seed.
        count: 1 to 1,000,000.
        side_px: of the square pictures, 8 to 2,048; PixMix and IPMix scale theirs to 36 or 256 pixels.
        seed: 0 to 2**64 - 1.
        workers: how many threads to use; as many as there are cores when None.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is given the space that will be needed.

    Raises:
        RobenchError: for a value out of range, and when the folder holds something else or cannot be written.
    """
    out = Path(out)
    _check_range("count", count, 1, MAX_COUNT)
    _check_range("size", side_px, MIN_SIDE_PX, MAX_SIDE_PX)
    _check_range("seed", seed, 0, 2**64 - 1)
    _check_range("workers", 1 if workers is None else workers, 1, None)
    with locked(out):
        record = open_record(out, FORMAT, {"size_px": side_px, "seed": seed}, command)
        remove_all_leftovers(out / FOLDER)
        missing = [number for number in range(count) if not _path(out, number).exists()]
        needed = len(missing) * side_px**2 * BYTES_PER_PIXEL
        say(space_sentence(out, needed, exact=False, less="with --count or --size"))
        with bar(count, unit="picture", shown=progress, initial=count - len(missing)) as shown:
            for start in range(0, len(missing), CHUNK):
                numbers = np.array(missing[start : start + CHUNK])
                _write(out, numbers, fractals(seed, numbers, side_px, workers), workers)
                shown.update(len(numbers))
        close_record(out, record, {"files": _digests(out)})
    return Generated(len(missing), count - len(missing))


def _check_range(name: str, value: int, low: int, high: int | None) -> None:
    if value < low or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"{low} to {high}"
        raise RobenchError(f"{name} must be {bounds}, got {value}")


def _path(out: Path, number: int) -> Path:
    return out / FOLDER / f"{number:06d}.png"


def _write(
    out: Path, numbers: NDArray[np.int64], pictures: NDArray[np.uint8], workers: int | None
) -> None:
    def write(part: slice) -> None:
        for number, picture in zip(numbers[part], pictures[part], strict=True):
            buffer = io.BytesIO()
            Image.fromarray(picture).save(buffer, "PNG")
            write_bytes(_path(out, number), buffer.getvalue())

    in_threads(write, len(numbers), workers)


def _digests(out: Path) -> dict[str, dict[str, Any]]:
    """Return the digest and size of every picture in the folder, whichever command made it."""
    files = {}
    for path in sorted((out / FOLDER).glob("[0-9]*.png")):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        files[f"{FOLDER}/{path.name}"] = {"sha256": digest, "bytes": len(content)}
    return files
