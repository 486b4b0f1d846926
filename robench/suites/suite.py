"""What a benchmark is: a dataset, conditions in the paper's order, constants and a normaliser."""

from dataclasses import dataclass

from robench.errors import RobenchError
from robench.registry import unknown_name
from robench.suites.condition import CLEAN, Condition


@dataclass(frozen=True)
class Suite:
    """A frozen description of a -C benchmark.

    Attributes:
        name: as on the command line, such as ``"cifar-10-c"``.
        summary: one line for ``robench list``.
        dataset: the clean dataset, a name of ``robench.datasets``.
        corruptions: in the order of the paper's tables; the mean is over exactly these.
        severities: 1 to 5.
        preset: whose severity constants corrupt the clean images.
        folder: the official layout's folder below the data directory, or None where there is none.
        normaliser: a table of ``baselines.published`` that CE and mCE divide by; None leaves errors unnormalised.
    """

    name: str
    summary: str
    dataset: str
    corruptions: tuple[str, ...]
    severities: tuple[int, ...]
    preset: str
    folder: str | None = None
    normaliser: str | None = None

    def conditions(
        self,
        corruptions: tuple[str, ...] | None = None,
        severities: tuple[int, ...] | None = None,
    ) -> tuple[Condition, ...]:
        """Return the clean condition and the chosen others, all by default, in the suite's order.

        Raises RobenchError for a corruption or severity that is not part of the suite.
        """
        for corruption in corruptions or ():
            if corruption not in self.corruptions:
                raise RobenchError(
                    unknown_name(f"{self.name} corruption", corruption, self.corruptions)
                )
        for severity in severities or ():
            if severity not in self.severities:
                raise RobenchError(
                    f"{self.name}: severity must be {self.severities[0]} to {self.severities[-1]}, "
                    f'got {severity} (the clean images are always evaluated, as condition "clean")'
                )
        chosen = [name for name in self.corruptions if not corruptions or name in corruptions]
        levels = [
            severity for severity in self.severities if not severities or severity in severities
        ]
        return (CLEAN, *(Condition(corruption, level) for corruption in chosen for level in levels))
