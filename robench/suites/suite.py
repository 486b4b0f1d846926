"""What a benchmark is: a dataset, conditions in the paper's order, constants and a normaliser."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from robench.errors import RobenchError
from robench.registry import unknown_name
from robench.suites.condition import CLEAN, Condition

if TYPE_CHECKING:
    from torch import Tensor

AUTO_PRESET = "auto"


@dataclass(frozen=True)
class Suite:
    """A frozen description of a benchmark: corrupted images, or a test set of another kind.

    A suite without corruptions has one condition, ``clean``: its test set as it is.

    Attributes:
        name: as on the command line, such as ``"cifar-10-c"``.
        summary: one line for ``robench list``.
        dataset: the clean dataset, a name of ``robench.datasets``.
        corruptions: in the order of the paper's tables; the mean is over exactly these.
        severities: 1 to 5; none without corruptions, and of sequences.
        preset: whose severity constants corrupt the clean images; ``"auto"`` goes by their size.
        folder: the official layout's folder below the data directory, or None where there is none.
        clean_folder: where the clean counterparts of the official images lie below the data directory, where they are
            not the dataset's test set.
        normaliser: a table of ``baselines.published`` that CE and mCE divide by; None leaves errors unnormalised.
        tree_side_px: where the official folder is a tree of JPEG files, their side; they are evaluated as stored, and
            images corrupted on the fly go through such a file too. None where it holds arrays.
        folder_only: its corruptions cannot be made here, so that only the official folder is evaluated.
        classes_used: the classes whose logits count, numbers in the dataset's classes; None for all.
        reference: the suite whose images are inside of the model's classes, where this suite's are outside: it then
            has no labels, only anomaly scores against the reference.
        sequences: its corruptions are perturbation sequences, which make a short video of every image.
        extra: more corruptions or sequences that can be asked for by name; no mean is over them.
        baseline: the network whose flip probabilities and top-5 distances the headline divides by. They are published
            nowhere, so that they come from a run of the user's own.
    """

    name: str
    summary: str
    dataset: str
    corruptions: tuple[str, ...]
    severities: tuple[int, ...]
    preset: str
    folder: str | None = None
    clean_folder: str | None = None
    normaliser: str | None = None
    tree_side_px: int | None = None
    folder_only: bool = False
    classes_used: tuple[int, ...] | None = None
    reference: str | None = None
    sequences: bool = False
    extra: tuple[str, ...] = ()
    baseline: str | None = None

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """Return every condition that a run can have, the extra ones last."""
        return self.conditions(self.corruptions + self.extra)

    def conditions(
        self,
        corruptions: tuple[str, ...] | None = None,
        severities: tuple[int, ...] | None = None,
    ) -> tuple[Condition, ...]:
        """Return the clean condition and the chosen others, all but the extra ones by default, in the suite's order.

        Raises RobenchError for a corruption or severity that is not part of the suite.
        """
        if not self.corruptions and (corruptions or severities):
            raise RobenchError(f"{self.name} has no corruptions or severities to choose from")
        if self.sequences and severities:
            raise RobenchError(
                f"{self.name} has sequences, which have no severities; the stronger ones have names "
                "of their own, such as gaussian_noise_2"
            )
        known = self.corruptions + self.extra
        for corruption in corruptions or ():
            if corruption not in known:
                kind = "sequence" if self.sequences else "corruption"
                raise RobenchError(unknown_name(f"{self.name} {kind}", corruption, known))
        for severity in severities or ():
            if severity not in self.severities:
                raise RobenchError(
                    f"{self.name}: severity must be {self.severities[0]} to {self.severities[-1]}, "
                    f'got {severity} (the clean images are always evaluated, as condition "clean")'
                )
        chosen = [name for name in known if name in (corruptions or self.corruptions)]
        levels = [
            severity for severity in self.severities if not severities or severity in severities
        ]
        if self.sequences:
            levels = [0]
        return (CLEAN, *(Condition(corruption, level) for corruption in chosen for level in levels))

    def of_classes_used(self, logits: "Tensor") -> "Tensor":
        """Return logits (N, K) with minus infinity for the classes that do not count, so that the softmax skips them.

        Class numbers, in records too, stay those of the dataset.
        """
        if self.classes_used is None:
            return logits
        used = list(self.classes_used)
        masked = logits.new_full(logits.shape, -float("inf"))
        masked[:, used] = logits[:, used]
        return masked
