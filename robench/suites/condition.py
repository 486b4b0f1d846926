"""A condition: clean images, one corruption at one severity, or one perturbation sequence."""

import re
from dataclasses import dataclass
from typing import Self

from corruptions import perturbation_names
from robench.errors import RobenchError


@dataclass(frozen=True)
class Condition:
    """One corruption at one severity, 1 to 5, or one perturbation sequence; the clean images are ``CLEAN``.

    Sequences and clean images have severity 0. ``str(condition)`` is its name in files and on the command line:
    ``"clean"``, ``"fog-3"``, ``"tilt"``.
    """

    corruption: str
    severity: int

    def __str__(self) -> str:
        return f"{self.corruption}-{self.severity}" if self.severity else self.corruption

    @property
    def is_sequence(self) -> bool:
        """Is every image a sequence of frames here?"""
        return not self.severity and self != CLEAN

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the condition of that name; raise RobenchError if it is not one."""
        match = re.fullmatch(r"(\w+)-([1-5])", name)
        if match:
            return cls(match[1], int(match[2]))
        if name not in ("clean", *perturbation_names()):
            raise RobenchError(
                f"a condition is 'clean' or like 'fog-3' or, of sequences, like 'tilt', got {name!r}"
            )
        return cls(name, 0)


CLEAN = Condition("clean", 0)


@dataclass(frozen=True)
class Chunk:
    """Images ``start`` to ``stop`` of a condition: the unit of work, and of what an interruption can cost."""

    condition: Condition
    start: int
    stop: int

    def __str__(self) -> str:
        return f"{self.start}-{self.stop}"


def chunks_of(condition: Condition, count: int, size: int) -> tuple[Chunk, ...]:
    """Cut the ``count`` images of a condition into chunks of ``size``, the last one smaller."""
    starts = range(0, count, size)
    return tuple(Chunk(condition, start, min(start + size, count)) for start in starts)
