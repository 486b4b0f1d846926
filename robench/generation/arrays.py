"""The layout of CIFAR-10-C and CIFAR-10-P: one ``.npy`` per corruption or sequence, and ``labels.npy``.

-C: uint8 (5 * N, H, W, 3), severity 1 first, with the labels repeated five times. -P: uint8 (N, F, H, W, 3), and the
labels once. The labels are uint8, as published. Files are streamed: only one batch of images is in memory.
"""

import errno
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from corruptions import corrupt, frame_count, perturb
from robench.atomic_file import write_atomically
from robench.folder_lock import locked
from robench.generation.disk_space import space_sentence
from robench.generation.generated import Generated, remove_leftovers
from robench.generation.manifest import Manifest, open_manifest, shard_name
from robench.generation.order import ALL_SEVERITIES, Order
from robench.progress import bar
from robench.provenance import now

LAYOUT = "npy"
LABELS = "labels.npy"
BATCH_BYTES = 16 << 20

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class ArrayFile:
    """One file to be: its name, shape and dtype, and its content in batches along the first axis."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    batches: Callable[[], Iterator[NDArray]]

    def header(self) -> bytes:
        """Return what ``numpy.save`` writes before the pixels."""
        empty = np.lib.format.header_data_from_array_1_0(np.empty(0, self.dtype))
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {**empty, "shape": self.shape})
        return buffer.getvalue()

    def byte_count(self) -> int:
        """Return the size of the whole file."""
        return len(self.header()) + int(np.prod(self.shape)) * self.dtype.itemsize


def array_files(order: Order, workers: int | None = None) -> list[ArrayFile]:
    """Return the files of an order in the order of the tables, the labels first."""
    labels = order.source.labels.astype(np.min_scalar_type(len(order.source.classes) - 1))
    if not order.sequences:
        labels = np.tile(labels, len(ALL_SEVERITIES))
    files = [ArrayFile(LABELS, labels.shape, labels.dtype, lambda: iter([labels]))]
    return files + [_file_of(name, order, workers) for name in order.names]


def generate_arrays(
    order: Order,
    out: str | Path,
    *,
    workers: int | None = None,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Generated:
    """Write the ``.npy`` files of an order into a folder.

    Files that an earlier run finished are kept, so a run that was stopped in any way goes on where it was.

    Args:
        order: what to generate; its shard takes whole files.
        out: the folder, new or one that robench generated with the same source, preset and seed.
        workers: how many threads to use; as many as there are cores when None.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is given the space that will be needed.

    Raises:
        RobenchError: when the folder cannot be written, holds something else, or the disk has no room.
    """
    out = Path(out)
    files = array_files(order, workers)
    mine = [files[place] for place in order.shard.part(len(files))]
    with locked(out, shard_name(order)):
        manifest = open_manifest(out, order, LAYOUT, command)
        missing = [file for file in mine if not _is_finished(file, out, manifest)]
        say(space_sentence(out, sum(file.byte_count() for file in missing), exact=True))
        total = sum(file.shape[0] for file in missing if file.name != LABELS)
        with bar(total, unit="img", shown=progress, unit_scale=True) as shown:
            for file in missing:
                shown.set_description(file.name)
                manifest.files[file.name] = _write(
                    file, out, shown.update if file.name != LABELS else lambda n: None
                )
                manifest.write()
        manifest.content["finished"] = now()
        manifest.write()
    return Generated(len(missing), len(mine) - len(missing))


def _file_of(name: str, order: Order, workers: int | None) -> ArrayFile:
    count, height, width, _ = len(order.source.labels), *order.source.read(0, 1).shape[1:]
    pixels = height * width * 3
    if order.sequences:
        frames = frame_count(name, preset=order.preset)
        shape: tuple[int, ...] = (count, frames, height, width, 3)
        size = max(1, BATCH_BYTES // (pixels * frames))
        return ArrayFile(
            f"{name}.npy",
            shape,
            np.dtype(np.uint8),
            lambda: _sequences(name, order, size, workers),
        )
    size = max(1, BATCH_BYTES // pixels)
    shape = (len(ALL_SEVERITIES) * count, height, width, 3)
    return ArrayFile(
        f"{name}.npy", shape, np.dtype(np.uint8), lambda: _severities(name, order, size, workers)
    )


def _severities(name: str, order: Order, size: int, workers: int | None) -> Iterator[Images]:
    for severity in ALL_SEVERITIES:
        for images, indices in _clean(order, size):
            yield corrupt(
                images,
                name,
                severity,
                preset=order.preset,
                seed=order.seed,
                indices=indices,
                threads=workers,
            )


def _sequences(name: str, order: Order, size: int, workers: int | None) -> Iterator[Images]:
    for images, indices in _clean(order, size):
        yield perturb(
            images,
            name,
            preset=order.preset,
            seed=order.seed,
            indices=indices,
            threads=workers,
        )


def _clean(order: Order, size: int) -> Iterator[tuple[Images, NDArray[np.int64]]]:
    for start in range(0, len(order.source.labels), size):
        yield (
            order.source.read(start, start + size),
            order.source.indices[start : start + size],
        )


def _is_finished(file: ArrayFile, out: Path, manifest: Manifest) -> bool:
    """Is the file whole under its name? One that a killed run had no time to enter into the manifest is entered."""
    path = out / file.name
    remove_leftovers(path)
    if not path.exists() or path.stat().st_size != file.byte_count():
        return False
    if file.name not in manifest.files:
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        manifest.files[file.name] = {"sha256": digest, "bytes": file.byte_count()}
    return True


def _write(file: ArrayFile, out: Path, count: Callable[[int], object]) -> dict[str, str | int]:
    digest = hashlib.sha256()

    def write(target: BinaryIO) -> None:
        _reserve(target, file.byte_count())
        for part in _parts(file, count):
            digest.update(part)
            target.write(part)

    write_atomically(out / file.name, write)
    return {"sha256": digest.hexdigest(), "bytes": file.byte_count()}


def _reserve(target: BinaryIO, byte_count: int) -> None:
    """Claim the space, so that a disk that is too small says so now; not every file system can."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(target.fileno(), 0, byte_count)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise


def _parts(file: ArrayFile, count: Callable[[int], object]) -> Iterator[bytes | memoryview]:
    yield file.header()
    for batch in file.batches():
        yield np.ascontiguousarray(batch).data.cast("B")
        count(len(batch))
