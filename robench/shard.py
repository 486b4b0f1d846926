"""One part of a job that several processes or machines share."""

import re
from dataclasses import dataclass
from typing import Self

from robench.errors import RobenchError


@dataclass(frozen=True)
class Shard:
    """Part ``number``, from 1, of ``count``; the parts of a range are disjoint, cover it and differ by at most one."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard written as ``"3/16"``; raise RobenchError for anything else."""
        match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise RobenchError(f"--shard takes a part like 3/16 (1/16 to 16/16), got {text!r}")
        return cls(int(match[1]), int(match[2]))

    @property
    def file_name(self) -> str:
        """The shard as part of a path: ``03-of-16``."""
        return f"{self.number:0{len(str(self.count))}}-of-{self.count}"

    def part(self, length: int) -> range:
        """Return which of ``length`` things in a row belong to this shard."""
        return range(
            length * (self.number - 1) // self.count,
            length * self.number // self.count,
        )


WHOLE = Shard(1, 1)
