"""One archive from its server to its place, in steps that each end with a rename.

    WORKPLACE/blur.tar.part     as it comes; a later attempt goes on here
    WORKPLACE/blur.tar          whole, its md5 right
    WORKPLACE/blur.unpacking/   being unpacked; thrown away by the next attempt
    WORKPLACE/blur.unpacked/    whole, being moved to its place
    ImageNet-C/defocus_blur/    in its place, one rename each, and last the receipt

So a kill at any moment leaves a state that the next attempt knows, and a half-unpacked folder is never in its place.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from robench.atomic_file import write_atomically
from robench.download.archive import Archive
from robench.download.transfer import Patience, UnreachableError, fetch
from robench.download.unpacking import unpack
from robench.errors import RobenchError
from robench.folder_lock import locked

CONTENT = "content"  # the folder in blur.unpacked that leaves it


def bring(
    archive: Archive,
    data_dir: Path,
    *,
    patience: Patience,
    progress: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Fetch, check and unpack an archive into its place below ``data_dir``, from wherever an earlier attempt stopped.

    Raises:
        UnreachableError: without a network; the message says what to put where.
        RobenchError: when the file is not the published one, would write outside its folder, does not fit on the disk
            or would overwrite something; and when another process is at it.
    """
    workplace = archive.workplace(data_dir)
    with locked(workplace):
        whole, unpacked = workplace / archive.name, workplace / f"{archive.stem}.unpacked"
        if not unpacked.is_dir():
            if not whole.is_file():
                _fetch(archive, data_dir, whole, patience, progress, say)
            say(f"{archive.title}: checking")
            _check(archive, whole)
            say(f"{archive.title}: unpacking")
            _unpack(whole, unpacked, progress)
        whole.unlink(missing_ok=True)
        move_into_place(archive, unpacked, data_dir)
        shutil.rmtree(unpacked)
    _remove_if_empty(workplace)


def remove_leftovers(archive: Archive, data_dir: Path) -> None:
    """Remove what a process that was killed after the receipt left of an archive; what has no receipt stays."""
    workplace = archive.workplace(data_dir)
    if not archive.receipt(data_dir).is_file() or not workplace.is_dir():
        return
    with locked(workplace):
        for name in (archive.name, f"{archive.name}.part"):
            (workplace / name).unlink(missing_ok=True)
        for kind in ("unpacked", "unpacking"):
            shutil.rmtree(workplace / f"{archive.stem}.{kind}", ignore_errors=True)
    _remove_if_empty(workplace)


def _remove_if_empty(workplace: Path) -> None:
    (workplace / ".lock").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the next archive of the same folder may be half there
        workplace.rmdir()


def _fetch(
    archive: Archive,
    data_dir: Path,
    whole: Path,
    patience: Patience,
    progress: bool,
    say: Callable[[str], None],
) -> None:
    part = whole.with_name(f"{whole.name}.part")
    say(f"{archive.title}: downloading")
    try:
        fetch(archive.url, part, patience=patience, progress=progress, say=say)
    except UnreachableError as error:
        raise UnreachableError(
            f"{archive.title}: {error}; repeat the command to go on, or without a network {archive.by_hand(data_dir)}"
        ) from None
    part.rename(whole)


def _check(archive: Archive, whole: Path) -> None:
    with whole.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != archive.md5:
        whole.unlink()
        raise RobenchError(
            f"{archive.title} has md5 {found}, the published file {archive.md5}: it was damaged on the way or is "
            f"another file, and has been deleted; repeat the command"
        )


def _unpack(whole: Path, unpacked: Path, progress: bool) -> None:
    unpacking = unpacked.with_suffix(".unpacking")
    shutil.rmtree(unpacking, ignore_errors=True)  # of an attempt that was stopped
    try:
        unpack(whole, unpacking / CONTENT, progress=progress)
    except RobenchError:
        shutil.rmtree(unpacking, ignore_errors=True)
        raise
    unpacking.rename(unpacked)


def move_into_place(archive: Archive, unpacked: Path, data_dir: Path) -> None:
    """Move what was unpacked into the archive's folder and write the receipt, or go on doing so.

    A folder that is not there yet arrives whole, in one rename; into one that is, its entries are moved one by one.
    Raises RobenchError when something of the same name is there; nothing is overwritten.
    """
    content, target = content_folder(archive, unpacked / CONTENT), data_dir / archive.folder
    moving = sorted(path.name for path in content.iterdir()) if content.is_dir() else []
    if taken := [name for name in moving if (target / name).exists()]:
        raise RobenchError(
            f"{target} already holds {', '.join(taken[:3])}{' ...' if len(taken) > 3 else ''}, which may not be the "
            f"published content; move {target} away and repeat the command (what was downloaded is kept)"
        )
    names = _all_names(unpacked, moving)
    if not target.exists():
        content.rename(target)
    for name in moving if content.is_dir() else ():
        (content / name).rename(target / name)
    lines = "\n".join([f"md5 {archive.md5} {archive.url}", *names]) + "\n"
    write_atomically(archive.receipt(data_dir), lambda file: file.write(lines.encode()))


def content_folder(archive: Archive, folder: Path) -> Path:
    """Step into folders that only repeat the name of the benchmark or of the archive: CIFAR-10-C/, blur/."""
    shells = {archive.folder, archive.stem}
    while folder.is_dir():
        entries = list(folder.iterdir())
        if len(entries) != 1 or entries[0].name not in shells or not entries[0].is_dir():
            break
        folder = entries[0]
    return folder


def _all_names(unpacked: Path, moving: list[str]) -> list[str]:
    """Return the names in the archive, noted by the first attempt before any was moved."""
    notes = unpacked / "names.txt"
    if not notes.is_file():
        write_atomically(notes, lambda file: file.write("\n".join(moving).encode()))
    return notes.read_text(encoding="utf-8").splitlines()
