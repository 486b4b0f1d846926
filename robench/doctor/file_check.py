"""Are the image files whole? What was cut off while it was copied lacks its format's last bytes."""

from collections.abc import Iterator
from pathlib import Path

from robench.datasets import stratified
from robench.datasets.image_folder import BrokenImageError, ImageFolder, decoded
from robench.reading import Readable

LAST_BYTES = {".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9", ".png": b"IEND\xaeB`\x82"}


def broken_files(source: Readable, at_most: int | None = None) -> tuple[int, list[str]]:
    """Return how many files were looked at, all or ``at_most`` spread over the classes, and why some cannot be read.

    Only files that do not end as their format does are decoded: some that are whole have other bytes at their end.
    Of a source without a file per image, nothing is looked at.
    """
    if not isinstance(source, ImageFolder):
        return 0, []
    if at_most is not None and at_most < len(source.labels):
        source = source.select(stratified(source.labels, at_most))
    paths = [source.root / path for path in source.paths]
    return len(paths), list(_reasons(paths))


def _reasons(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        if _ends_as_it_should(path):
            continue
        try:
            decoded(path)
        except BrokenImageError as error:
            yield str(error)


def _ends_as_it_should(path: Path) -> bool:
    last = LAST_BYTES.get(path.suffix.lower())
    if last is None:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-len(last), 2)
            return file.read() == last
    except OSError:  # shorter than that, or not there
        return False
