"""Unpack a .tar, .tar.gz or .zip so that nothing in it can reach outside the folder.

Every member is looked at before the first is written. An archive is refused whole when one of them is not a plain file
or folder with a relative path: the published archives hold no links, so none is followed, not even an inward one.
tarfile's ``data`` filter is the second line of defence and takes odd permissions away.
"""

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath

from robench.download.room import refuse_full_disk
from robench.errors import RobenchError
from robench.progress import bar


@dataclass(frozen=True)
class Member:
    """One entry of an archive: its path, unpacked size, whether it is a plain file or folder, and how to write it."""

    path: str
    size_bytes: int
    is_plain: bool
    extract: Callable[[Path], object]


def unpack(archive: Path, folder: Path, *, progress: bool = False) -> None:
    """Unpack an archive into a new folder.

    Raises RobenchError when the archive is damaged, a member is not a plain file or folder below ``folder``, or the
    disk is too small. Nothing is written in the last two cases.
    """
    try:
        count, size = 0, 0
        for member in members(archive):
            refuse_escape(archive, member)
            count, size = count + 1, size + member.size_bytes
        refuse_full_disk(folder, size)
        folder.mkdir(parents=True)
        with bar(count, desc=f"{archive.name} unpacking", unit="file", shown=progress) as shown:
            for member in members(archive):
                member.extract(folder)
                shown.update()
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise RobenchError(f"{archive} is damaged or not an archive ({error})") from None
    except (
        RuntimeError,
        NotImplementedError,
    ) as error:  # zipfile's, of encryption and rare packings
        raise RobenchError(f"cannot unpack {archive}: {error}; unpack it by hand") from None
    except OSError as error:
        raise RobenchError(f"cannot unpack {archive} into {folder}: {error}") from None


def refuse_escape(archive: Path, member: Member) -> None:
    """Raise RobenchError when a member is a link or a device, or its path would leave the folder."""
    path = PurePosixPath(member.path)
    outward = path.is_absolute() or ".." in path.parts or PureWindowsPath(member.path).drive
    if outward or not member.is_plain:
        what = "lies outside the folder" if outward else "is a link or a device"
        raise RobenchError(
            f"{archive} is refused: its member {member.path!r} {what}; nothing was unpacked"
        )


def members(archive: Path) -> Iterator[Member]:
    """Yield what an archive holds, one entry at a time; the next one closes the last."""
    yield from (_zip_members if archive.suffix == ".zip" else _tar_members)(archive)


def _tar_members(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive) as tar:
        while (entry := tar.next()) is not None:
            is_plain = entry.isreg() or entry.isdir()
            yield Member(entry.name, entry.size, is_plain, partial(_extract_from_tar, tar, entry))
            # The list of members would take a gigabyte for the noises of ImageNet-C.
            tar.members.clear()  # type: ignore[attr-defined]  # typeshed does not list it


def _extract_from_tar(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    tar.extract(entry, folder, filter="data")


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            kind = stat.S_IFMT(entry.external_attr >> 16)  # 0 when made on Windows
            is_plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
            extract = partial(_extract_from_zip, packed, entry)
            yield Member(entry.filename, entry.file_size, is_plain, extract)


def _extract_from_zip(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    packed.extract(entry, folder)
