"""Is every file of a tree there, whole, and what the manifest says? All of them, not only the sampled ones."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from robench.datasets.image_folder import SUFFIXES
from robench.generation.digest_table import Row, read_table
from robench.generation.manifest import FOLDER

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
MP4_START = b"ftyp"


@dataclass
class Recorded:
    """What the manifest's tables say of one condition: how many files they have, and which are not as they say."""

    count: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def add(self, name: str, row: Row, digest: str | None) -> None:
        """Count a file whose SHA-256 is ``digest``, or that is not there (None)."""
        self.count += 1
        if digest is None:
            self.missing.append(name)
        elif digest != row.sha256:
            self.changed.append(name)


@dataclass(frozen=True)
class TreeFiles:
    """The files of a tree with one folder per condition.

    Attributes:
        folder: the folder of the conditions' folders.
        conditions: their paths below it; families may have folders of their own (``noise/gaussian_noise/1``).
        names: ``<class>/<name>`` of every file that a condition must have; None where only the manifest can know.
    """

    folder: Path
    conditions: tuple[str, ...]
    names: tuple[str, ...] | None

    def fault(self, condition: str) -> str:
        """Return what is missing, too many or truncated in a condition's folder; "" where nothing is."""
        present = {_name(path): path for path in (self.folder / condition).glob("*/*")}
        if damage := self._missing(condition, present) or self._surplus(condition, present):
            return damage
        for name, path in sorted(present.items()):
            if not is_whole(path):
                return f"{name} is truncated: {path.stat().st_size} bytes"
        return ""

    def _missing(self, condition: str, present: Iterable[str]) -> str:
        recorded = self._recorded[condition]
        if self.names is None:
            missing, count = recorded.missing, recorded.count
        else:
            missing, count = [name for name in self.names if name not in present], len(self.names)
        if not missing:
            return ""
        words = f"{_some(missing)} of {count} missing"
        of_class, _, file = missing[0].partition("/")
        for name in self._unknown(present):
            if name.endswith(f"/{file}"):
                words += f": it is in {name.partition('/')[0]} instead of {of_class}"
        return words

    def _surplus(self, condition: str, present: Iterable[str]) -> str:
        if unknown := self._unknown(present):
            return f"{_some(unknown)} too many: no photograph has that name"
        listed = self._recorded[condition].count
        surplus = len(_pictures(present)) - listed
        if self.names is None and listed and surplus > 0:
            return f"{surplus} too many: the manifest lists {listed}"
        return ""

    def _unknown(self, present: Iterable[str]) -> list[str]:
        """Return the pictures or videos that are there without a photograph of that name."""
        return [] if self.names is None else sorted(set(_pictures(present)).difference(self.names))

    def changed_sentence(self, condition: str) -> str:
        """Return which files of a condition are not what was written, by the manifest; "" for none."""
        changed = self._recorded[condition].changed
        return (
            f"{_some(changed)} changed since: the manifest has another SHA-256" if changed else ""
        )

    def recorded_sentence(self, condition: str) -> str:
        """Return how many of a faultless condition's files the manifest has; "" for none."""
        count = self._recorded[condition].count
        return f"{count} files by the manifest's SHA-256" if count else ""

    @cached_property
    def _recorded(self) -> dict[str, Recorded]:
        """Condition -> what the tables below ``manifest/`` say; one at a time, since there can be millions of rows."""
        found = {condition: Recorded() for condition in self.conditions}
        # The conditions may have been sorted into families after they were written.
        moved = {each.partition("/")[2]: each for each in self.conditions}
        place = moved | {each: each for each in self.conditions}
        with ThreadPoolExecutor() as pool:
            for table in sorted((self.folder / FOLDER).glob("*.tsv")):
                rows = [
                    (place[condition], name, row)
                    for row in read_table(table).values()
                    for condition, name in [_split(row.path)]
                    if condition in place
                ]
                paths = [self.folder / condition / name for condition, name, _ in rows]
                for (condition, name, row), digest in zip(
                    rows, pool.map(_digest, paths), strict=True
                ):
                    found[condition].add(name, row, digest)
        return found


def is_whole(path: Path) -> bool:
    """Does a JPEG file have its end marker, an MP4 file all of every box that it begins? True for what is neither."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if start.startswith(JPEG_START):
            file.seek(max(0, size - 2))
            return file.read() == JPEG_END
        if start[4:] != MP4_START:
            return size > 0
        place = 0
        while len(start) == 8 and (box_bytes := int.from_bytes(start[:4])) >= len(start):
            place += box_bytes
            file.seek(place)
            start = file.read(8)
        return place == size


def _pictures(names: Iterable[str]) -> list[str]:
    return [name for name in names if Path(name).suffix.lower() in (*SUFFIXES, ".mp4")]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _split(path: str) -> tuple[str, str]:
    """Return the condition and ``<class>/<name>``."""
    condition, of_class, name = path.rsplit("/", 2)
    return condition, f"{of_class}/{name}"


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _some(names: list[str]) -> str:
    return names[0] + (f" and {len(names) - 1} others" if len(names) > 1 else "")
