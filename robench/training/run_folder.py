"""Which folder a training run has: a free one, or the one that holds this very run, to be continued."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from robench.errors import RobenchError
from robench.folder_lock import FolderInUseError, locked
from robench.places import holds_something, numbered_folders
from robench.training.plan import Plan
from robench.training.run_file import read_run_file, recorded_identity

PATIENCE_S = 10.0  # for what another process will say that begins the same
CHECKPOINT = Path("checkpoints") / "last.pt"


def in_the_way(folder: Path, plan: Plan) -> str | None:
    """Return in words why a run cannot be written to a folder, or None where it is free or holds this very run.

    A run that stored nothing, for it failed or was killed in its first epoch, is not in the way.
    """
    if not holds_something(folder):
        return None
    if not (folder / "run.json").exists():
        return f"{folder} is not empty and holds no run"
    try:
        why = plan.difference(recorded_identity(folder))
    except RobenchError as error:
        return str(error)
    if why is None or stored_nothing(folder):
        return None
    return f"{folder} already holds a run: {why}"


def stored_nothing(folder: Path) -> bool:
    """Is all that a folder holds the beginning of a training that did not come to the end of an epoch?"""
    known = ("run.json", "log.jsonl", "tensorboard", CHECKPOINT.parent.name)
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    log, stored = folder / "log.jsonl", folder / CHECKPOINT.parent
    return (
        all(entry.name in known for entry in entries)
        and not (log.exists() and log.stat().st_size)
        and not (stored.exists() and holds_something(stored))
    )


def remove_beginning(folder: Path) -> None:
    """Remove what a run left that stored nothing; see ``stored_nothing``."""
    for name in ("run.json", "log.jsonl"):
        (folder / name).unlink(missing_ok=True)
    if (folder / "tensorboard").is_dir():
        shutil.rmtree(folder / "tensorboard")


def is_finished(folder: Path) -> bool:
    """Did the training in a folder come to its end?"""
    return (folder / CHECKPOINT).exists() and bool(read_run_file(folder).get("finished"))


def epochs_done(folder: Path) -> int:
    """Return how many whole epochs the training in a folder has in its log."""
    log = folder / "log.jsonl"
    return len(log.read_bytes().splitlines()) if log.exists() else 0


@contextmanager
def claimed(
    folder: Path, plans: Mapping[str, Plan], *, named: bool
) -> Iterator[tuple[Path, str | None]]:
    """Hold a folder for writing: the one that was named, or the first of ``folder``, ``folder-2``, ... that can be.

    Args:
        folder: wanted.
        plans: the run below each sub-folder; ``"."`` is the folder itself.
        named: did the user name it? Then there is no other.

    Yields:
        the folder, and in words why it is not ``folder`` itself, or None.

    Raises:
        RobenchError: for a named folder that cannot be taken, for one in which another process trains the same, and
            where the system refuses.
    """
    first_reason: str | None = None
    for candidate in numbered_folders(folder):
        reason = _why_not(candidate, plans)
        with ExitStack() as held:
            if reason is None:
                try:
                    held.enter_context(locked(candidate))
                except FolderInUseError as error:
                    if named or _begun_soon(candidate, plans):
                        raise
                    reason = str(error)
                else:
                    reason = _why_not(candidate, plans)  # another process may have been faster
            if reason is None:
                yield candidate, first_reason
                return
        if named:
            raise RobenchError(_refusal(reason))
        first_reason = first_reason or reason


def free_folder(folder: Path, plans: Mapping[str, Plan], *, named: bool) -> tuple[Path, str | None]:
    """Return what ``claimed`` would yield if no other process writes there; raise RobenchError as that does."""
    first_reason: str | None = None
    for candidate in numbered_folders(folder):
        reason = _why_not(candidate, plans)
        if reason is None:
            break
        if named:
            raise RobenchError(_refusal(reason))
        first_reason = first_reason or reason
    return candidate, first_reason


def _refusal(reason: str) -> str:
    if reason.endswith("--out"):  # of a file that cannot be read, which says so itself
        return reason
    return f"{reason}; give the same again to go on with it, or another --out"


def _why_not(folder: Path, plans: Mapping[str, Plan]) -> str | None:
    if "." not in plans and holds_something(folder):
        if (folder / "run.json").exists():
            return f"{folder} already holds a run of one seed"
        if not any(folder.glob("seed-*")):
            return f"{folder} is not empty and holds no run"
    reasons = (in_the_way(folder / part, plan) for part, plan in plans.items())
    return next((reason for reason in reasons if reason is not None), None)


def _begun_soon(folder: Path, plans: Mapping[str, Plan]) -> bool:
    """Has one of the runs begun in a folder that another process holds? It says so soon after it has taken it."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends and not any(
        (folder / part / "run.json").exists() for part in plans
    ):
        time.sleep(0.1)
    return _begun(folder, plans)


def _begun(folder: Path, plans: Mapping[str, Plan]) -> bool:
    """Has one of the runs begun in the folder?"""
    return any(
        (folder / part / "run.json").exists()
        and plan.difference(recorded_identity(folder / part)) is None
        for part, plan in plans.items()
    )
