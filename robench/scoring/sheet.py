"""The tidy table that scores are gathered in."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.intervals import mean_interval

COLUMNS = ("model", "suite", "corruption", "severity", "metric", "value", "low", "high", "n")
ALL = "all"  # the corruption of a score that belongs to the whole suite

PerImage = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The scores of one run.

    Attributes:
        table: tidy, the columns of ``COLUMNS``; fractions; ``low`` and ``high`` bound a 95% interval or are NaN;
            ``severity`` is 0 for clean images and missing for a mean over severities; ``n`` counts images.
        refused: score -> why it is not in the table.
    """

    table: pd.DataFrame
    refused: dict[str, str]


@dataclass
class Sheet:
    """Scores being gathered."""

    model: str
    suite: str
    count: int = 0
    rows: list[tuple[object, ...]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        corruption: str,
        severity: int | None,
        metric: str,
        value: float,
        interval: tuple[float, float] = (np.nan, np.nan),
    ) -> None:
        """Add a row; fractions, and a 95% interval where there is one."""
        head = (self.model, self.suite, corruption, severity, metric)
        self.rows.append((*head, value, *interval, self.count))

    def add_mean(self, corruption: str, metric: str, per_image: PerImage) -> None:
        """Add a mean over severities from its value per image, with the interval over images."""
        self.add(corruption, None, metric, float(per_image.mean()), mean_interval(per_image))

    def scores(self) -> Scores:
        """Return what was gathered."""
        table = pd.DataFrame(self.rows, columns=list(COLUMNS)).astype({"severity": "Int64"})
        return Scores(table, self.refused)
