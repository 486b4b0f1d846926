"""The published archives, fetched, checked and unpacked; and in words what cannot be fetched."""

from collections.abc import Callable, Sequence
from pathlib import Path

from robench.arguments import argument
from robench.download.archive import Archive
from robench.download.arrival import bring
from robench.download.catalogue import DOWNLOADS, Download
from robench.download.room import refuse_full_disk
from robench.download.transfer import Patience, UnreachableError, remote_size
from robench.errors import MissingDataError, RobenchError
from robench.places import DATA_FOLDER, OWN_PICTURES, Opened, open_where_found

__all__ = [
    "DOWNLOADS",
    "Archive",
    "Download",
    "Patience",
    "UnreachableError",
    "download",
    "fetching_command",
    "open_or_advise",
    "known",
    "where",
]


def known(name: str) -> Download:
    """Return what a suite or dataset needs.

    Raises RobenchError, in one line, for a suite that needs no download or has no published archive, and for an unknown
    name.
    """
    if name in DOWNLOADS:
        return DOWNLOADS[name]
    from robench import suites

    if name not in suites.registry():
        return DOWNLOADS[name]
    suite = suites.registry()[name]
    if suite.dataset in DOWNLOADS:
        raise RobenchError(
            f"{name} is not published as an archive: its images are corrupted on the fly from {suite.dataset}; "
            f"robench download {suite.dataset}"
        )
    raise RobenchError(
        f"there is nothing to download for {name}: its images come with robench or are your own"
    )


def fetching_command(name: str, data_dir: str | Path) -> str:
    """Return the command that fetches a suite's or dataset's data, or says where it is to be had where none can."""
    from robench import suites

    suite = suites.registry().get(name)
    if name not in DOWNLOADS and suite is not None:
        name = suite.dataset
    by_hand = name not in DOWNLOADS or not DOWNLOADS[name].archives
    return f"robench download {name} --data-dir {data_dir}{' --where' if by_hand else ''}"


def open_or_advise(
    open_in: Callable[[Path], Opened], data_dir: str | Path | None, name: str
) -> tuple[Opened, Path]:
    """Open a suite's or dataset's data where it is, as ``robench.places.open_where_found``.

    Raises MissingDataError where it is nowhere, with the command that fetches it; and RobenchError for pictures of the
    user's own that no folder is named for, since any folder could be that.
    """
    if name == OWN_PICTURES and data_dir is None:
        raise RobenchError(
            f"{name} needs {argument('data_dir')}, a folder with a sub-folder per class"
        )
    try:
        return open_where_found(open_in, data_dir)
    except MissingDataError as error:
        fetch = fetching_command(name, data_dir or DATA_FOLDER)
        raise MissingDataError(f"{error}; fetch it: {fetch}") from None


def where(name: str, data_dir: str | Path) -> str:
    """Return what belongs where below ``data_dir``, as for a machine without a network."""
    wanted = known(name)
    lines = [
        f"{Path(data_dir) / archive.folder}: {archive.name}, md5 {archive.md5}, from {archive.url}"
        for archive in wanted.archives
    ]
    return "\n".join([*lines, *([wanted.by_hand] if wanted.by_hand else [])])


def download(
    name: str,
    data_dir: str | Path,
    *,
    patience: Patience | None = None,
    progress: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Fetch, check and unpack every archive of a suite or dataset that is not below ``data_dir`` yet.

    Stopped at any moment, the next call goes on where this one was.

    Args:
        name: of ``DOWNLOADS``, such as ``"cifar-10-c"``.
        data_dir: made if need be.
        patience: with a slow server.
        progress: show a bar with the time left on stderr.
        say: is told in a line each what is there, what is being done and what must be got another way.

    Raises:
        UnreachableError: without a network; the message says what to put where.
        RobenchError: for an unknown name, a file that is not the published one or would write outside its folder,
            a disk that is too small, and a name that can only be got by hand.
    """
    wanted, data_dir, patience = known(name), Path(data_dir), patience or Patience()
    if wanted.by_hand and not wanted.archives:
        raise RobenchError(f"{name} cannot be downloaded. {wanted.by_hand}")
    missing = []
    for archive in wanted.archives:
        if presence := archive.presence(data_dir):
            say(f"{archive.title}: already in {data_dir / archive.folder} ({presence})")
        else:
            missing.append(archive)
    _refuse_full_disk(missing, data_dir, patience)
    for archive in missing:
        bring(archive, data_dir, patience=patience, progress=progress, say=say)
        say(f"{archive.title}: in {data_dir / archive.folder}")
    if wanted.by_hand:
        say(f"not downloaded: {wanted.by_hand}")


def _refuse_full_disk(missing: Sequence[Archive], data_dir: Path, patience: Patience) -> None:
    """Ask before the first byte: the content of all archives, and one archive beside its content.

    An archive's content takes at least its own size; before unpacking, the exact number is held against the disk again.
    """
    sizes = []
    for archive in missing:
        workplace = archive.workplace(data_dir)
        if (workplace / archive.name).is_file() or list(workplace.glob("*.unpacked")):
            continue  # there already, whatever the server says
        try:
            size = remote_size(archive.url, patience)
        except UnreachableError as error:
            raise UnreachableError(
                f"{archive.title}: {error}; without a network {archive.by_hand(data_dir)}"
            ) from None
        sizes.append(size or 0)
    if sizes:
        refuse_full_disk(data_dir, sum(sizes) + max(sizes))
