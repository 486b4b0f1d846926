"""A paper's table as it is laid out: rows, columns, what each cell is of, and what was published there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from reports.grid import MISSING
from reports.paper.variants import Trained

Key = tuple[str, str]  # row, column
CLEAN = ("clean", "error")
DATASETS = {"cifar-10-c": ("CIFAR-10-C", "cifar-10"), "cifar-100-c": ("CIFAR-100-C", "cifar-100")}
RESNET50 = "torchvision:resnet50"


@dataclass(frozen=True)
class Slot:
    """What a cell holds: of which network, from a run of which suite, and which row of its tidy scores.

    ``outside`` is the set of outside images that a score of anomaly detection is of, or "" for all that were shown.
    An ``own`` slot is of a row that the paper does not have.
    """

    trained: Trained
    suite: str
    corruption: str
    metric: str
    outside: str = ""
    own: bool = False


@dataclass(frozen=True)
class Heading:
    """What stands over a column, under a group if it has one; ``decimals`` are those of the paper."""

    text: str
    group: str = ""
    decimals: int = 1
    higher_is_better: bool = False


@dataclass(frozen=True)
class PaperTable:
    """One table of a paper.

    Attributes:
        name: of the file in ``baselines.published``; of a table that is not in any, a name of its own.
        part: tells two tables of one name apart, or "".
        heading: what the paper calls it.
        title: as a caption.
        corner: over the rows' names.
        rows: key -> name; columns: key -> heading.
        slots: what fills a cell; a mean over rows has none.
        published: in percent, as printed.
        best_in: do the numbers compete in a "row" or a "column"?
        means: row -> the rows it is the mean of.
        own: rows that the paper does not have -> what they share with the rows their numbers compete with.
        unknown: stands for a published number that is not there.
    """

    name: str
    part: str
    heading: str
    title: str
    corner: str
    rows: Mapping[str, str]
    columns: Mapping[str, Heading]
    slots: Mapping[Key, Slot]
    published: Mapping[Key, float]
    best_in: str = "column"
    means: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    unknown: str = MISSING

    @property
    def of_networks(self) -> bool:
        """Are the rows networks and the columns methods?"""
        return self.best_in == "row"


def printed_cells(printed: pd.DataFrame) -> dict[Key, float]:
    """Return row, column -> number of a published table whose index names the rows."""
    return {
        (str(row), str(column)): float(value)
        for row, values in printed.to_dict("index").items()
        for column, value in values.items()
    }
