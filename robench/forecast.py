"""``--dry-run``: what a command would do and take, from a short measurement, before it writes anything."""

import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Forecast:
    """What is to be expected of a command.

    Attributes:
        images: how many images are read.
        times: how often each is worked on, such as the conditions of an evaluation or the epochs of a training.
        times_of: what these are, ``"conditions"``.
        steps: how many images are worked on in all that are not done yet; of sequences, frames.
        seconds: about how long that takes; None where nothing could be measured.
        measured_on: what was measured, for a person.
        memory_bytes: the most that the process held in the measurement; of a run that uses a GPU, the GPU's.
        disk_bytes: about what will be written.
        out: the folder where it goes; None where nothing is written.
    """

    images: int
    times: int
    times_of: str
    steps: int
    seconds: float | None
    measured_on: str
    memory_bytes: int
    disk_bytes: float
    out: Path | None

    def lines(self) -> tuple[str, ...]:
        """Return it as lines for a terminal."""
        whole = self.images * self.times
        left = f", {self.steps:,} to do" if self.steps != whole else ""
        time = "not known" if self.seconds is None else f"about {as_duration(self.seconds)}"
        where = "disk: nothing is written"
        if self.out is not None:
            free = as_size(shutil.disk_usage(nearest_existing(self.out)).free)
            where = f"disk: about {as_size(self.disk_bytes)} in {self.out} ({free} free)"
        return (
            f"work: {self.images:,} images x {self.times:,} {self.times_of} = {whole:,}{left}",
            f"time: {time} ({self.measured_on})",
            f"memory: about {as_size(self.memory_bytes)}",
            where,
            "nothing was written; leave out --dry-run to begin",
        )


def as_duration(seconds: float) -> str:
    """Return a time for people: ``"45 s"``, ``"12 min"``, ``"3 h 20 min"``, ``"2 d 4 h"``."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def as_size(count: float) -> str:
    """Return a number of bytes for people: ``"1.54 GB"``, in powers of 1000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def nearest_existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place


def peak_memory_bytes() -> int:
    """Return the most memory that this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
