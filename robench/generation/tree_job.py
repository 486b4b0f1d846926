"""The work of filling a tree: groups of photographs, each decoded once for all conditions, on several threads.

When a group is finished, the digests of its files are written as a table below ``manifest/``.
"""

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corruptions import corrupt, perturb
from robench.atomic_file import remove_leftovers
from robench.datasets.image_folder import BrokenImageError, ImageFolder
from robench.errors import RobenchError
from robench.generation.digest_table import Row, read_table, row_of, write_table
from robench.generation.generated import write_bytes
from robench.generation.jpeg_file import encode_jpeg
from robench.generation.manifest import FOLDER
from robench.generation.order import Order
from robench.generation.video_file import encode_video, is_grainy

GROUP_SIZE = 64
GROUP_BYTES = 16 << 20
JPEG_SUFFIXES = (".jpg", ".jpeg")

Contents = Iterator[tuple[int, bytes]]


@dataclass(frozen=True)
class Cell:
    """One condition's folder: a corruption at a severity, or a sequence (severity 0)."""

    name: str
    severity: int

    @property
    def folder(self) -> str:
        """Its path in the tree."""
        return f"{self.name}/{self.severity}" if self.severity else self.name


def cells(order: Order) -> list[Cell]:
    """Return the folders of an order's tree."""
    levels = (0,) if order.sequences else order.severities
    return [Cell(name, severity) for name in order.names for severity in levels]


def file_names(source: ImageFolder, sequences: bool) -> list[str]:
    """Return ``<class>/<name>`` of every photograph's file below a condition's folder.

    A JPEG keeps its name, another picture gets the benchmark's suffix. Raises RobenchError when two photographs would
    share a file.
    """
    names = [
        f"{source.classes[label]}/{_renamed(PurePosixPath(path), sequences)}"
        for path, label in zip(source.paths, source.labels, strict=True)
    ]
    (name, count), *_ = Counter(names).most_common(1)
    if count > 1:
        raise RobenchError(f"{source.root}: {count} photographs would become {name}; rename them")
    return names


def _renamed(path: PurePosixPath, sequences: bool) -> str:
    if sequences:
        return f"{path.stem}.mp4"
    return path.name if path.suffix.lower() in JPEG_SUFFIXES else f"{path.stem}.JPEG"


class TreeJob:
    """What the threads of one command share; ``run`` does the work."""

    def __init__(
        self,
        order: Order,
        out: Path,
        source: ImageFolder,
        skip_broken: bool,
        lossless: bool,
        resumed: bool,
    ) -> None:
        self.order = order
        self.out = out
        self.source = source
        self.lossless = lossless
        self.places = order.shard.part(len(source.paths))
        self.skipped: set[str] = set()
        self._skip_broken = skip_broken
        self._resumed = resumed
        self._names = file_names(source, order.sequences)
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def run(self, workers: int | None, count: Callable[[int], object]) -> Iterator[int]:
        """Yield how many files each group made; stop all threads at the first error or interruption.

        ``count`` is told how many files are done, from whichever thread, but one at a time.
        """
        threads = workers or _cores()
        waiting: deque[Future[int]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                for group in self._groups():
                    waiting.append(pool.submit(self._group, group, count))
                    if len(waiting) > threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                self._stop.set()
                for future in waiting:
                    future.cancel()

    def share_missing(self) -> float:
        """Return the share of groups whose tables are not there yet."""
        groups = list(self._groups())
        return sum(not self._table(group).exists() for group in groups) / max(1, len(groups))

    def _groups(self) -> Iterator[range]:
        side_px = self.source.framing.side_px
        size = max(1, min(GROUP_SIZE, GROUP_BYTES // (side_px * side_px * 3)))
        for start in range(self.places.start, self.places.stop, size):
            yield range(start, min(start + size, self.places.stop))

    def _group(self, group: range, count: Callable[[int], object]) -> int:
        """Make what is missing of a group of photographs and write its table; return how many files were made."""
        table = self._table(group)
        if self._resumed:
            remove_leftovers(table.parent, table.name)
        known = read_table(table)
        pictures: dict[int, NDArray[np.uint8] | None] = {}
        made = 0
        for cell in cells(self.order):
            if self._stop.is_set():
                break
            paths = {place: f"{cell.folder}/{self._names[place]}" for place in group}
            missing = [place for place in group if not self._is_finished(paths[place], known)]
            for place, data in self._contents(cell, self._decoded(missing, pictures)):
                write_bytes(self.out / paths[place], data)
                known[paths[place]] = row_of(paths[place], data)
                made += 1
            with self._lock:
                count(len(group))
        write_table(table, known)
        return made

    def _decoded(
        self, places: list[int], pictures: dict[int, NDArray[np.uint8] | None]
    ) -> dict[int, NDArray[np.uint8]]:
        """Return the pictures at ``places`` but for broken ones; each is decoded once and kept in ``pictures``."""
        for place in places:
            if place not in pictures:
                pictures[place] = self._picture(place)
        found = ((place, pictures[place]) for place in places)
        return {place: picture for place, picture in found if picture is not None}

    def _picture(self, place: int) -> NDArray[np.uint8] | None:
        try:
            if self.order.sequences:
                return self.source.uncropped(place)
            return self.source.read(place, place + 1)[0]
        except BrokenImageError as error:
            if not self._skip_broken:
                raise RobenchError(
                    f"{error}; mend it, or leave it out with --skip-broken"
                ) from error
            with self._lock:
                self.skipped.add(self.source.paths[place])
            return None

    def _contents(self, cell: Cell, pictures: dict[int, NDArray[np.uint8]]) -> Contents:
        """Yield (place, content of the file) for every picture."""
        if not pictures:
            return
        keyed: dict[str, Any] = {"preset": self.order.preset, "seed": self.order.seed, "threads": 1}
        indices = self.source.indices
        if cell.severity:
            images = np.stack(list(pictures.values()))
            numbers = indices[list(pictures)]
            made = corrupt(images, cell.name, cell.severity, indices=numbers, **keyed)
            yield from zip(pictures, map(encode_jpeg, made), strict=True)
            return
        keyed["crop_px"] = self.source.framing.side_px
        grainy = is_grainy(cell.name)
        for place, picture in pictures.items():
            (frames,) = perturb(picture[None], cell.name, indices=indices[[place]], **keyed)
            yield place, encode_video(frames, grainy=grainy, lossless=self.lossless)

    def _is_finished(self, path: str, known: dict[str, Row]) -> bool:
        """Is the file whole? One that a killed run had no time to enter into its table is entered."""
        file = self.out / path
        try:
            size = file.stat().st_size
        except FileNotFoundError:
            if self._resumed:
                remove_leftovers(file.parent, file.name)
            return False
        if path not in known:
            known[path] = row_of(path, file.read_bytes())
        return known[path].byte_count == size

    def _table(self, group: range) -> Path:
        return self.out / FOLDER / f"{group.start:08}-{group.stop - 1:08}.tsv"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
