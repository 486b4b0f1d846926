"""The tidy table that scores are gathered in, each with what its interval comes from."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.metrics.bootstrap import Counts, Draws, interval, mean_draws, resample_counts
from robench.scoring.suite_scores import bounds_of
from robench.stored_scores import COLUMNS

ALL = "all"  # the corruption of a score that belongs to the whole suite
# Enough for ends that another seed moves by 4% of the half-width; more in ``robench compare``.
RESAMPLES = 1000
DECIMALS = 6  # of an interval's ends: far below what resampling tells, above the rounding of sums

PerImage = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The scores of one run.

    Attributes:
        table: tidy, the columns of ``COLUMNS``; fractions; ``low`` and ``high`` bound a 95% interval or are NaN;
            ``severity`` is 0 for clean images and missing for a mean over severities; ``n`` counts images.
        refused: score -> why it is not in the table.
        draws: float64 (rows of the table, resamples): the score on each resample of the images, NaN where there is
        none.
        divided_by: the network whose run, given by the user, ratios such as mFR divide by; None where there are none.
    """

    table: pd.DataFrame
    refused: dict[str, str]
    draws: Draws = field(repr=False, compare=False)
    divided_by: str | None = None


@dataclass
class Sheet:
    """Scores being gathered.

    Attributes:
        model, suite: for the first columns.
        count: images of a condition, the last column.
        labels: (count,) the classes of the images, which the bootstrap stratifies by; None if there are none.
        resamples: of the bootstrap.
        also: metrics that are scored because they were asked for by name.
        rows: corruption, severity, metric, value, interval if not the bootstrap's.
        refused: score -> why it has no row.
        appended: scores of other suites, to follow the rows as they are.
        divided_by: the network of the user's run that ratios divide by.
    """

    model: str
    suite: str
    count: int = 0
    labels: NDArray[np.integer] | None = None
    resamples: int = RESAMPLES
    also: tuple[str, ...] = ()
    rows: list[tuple[str, int | None, str, float, tuple[float, float] | None]] = field(
        default_factory=list
    )
    refused: dict[str, str] = field(default_factory=dict)
    appended: list[Scores] = field(default_factory=list)
    divided_by: str | None = None
    _values: dict[tuple[str, int | None, str], float] = field(default_factory=dict)
    _per_image: dict[int, PerImage] = field(default_factory=dict)
    _draws: dict[int, Draws] = field(default_factory=dict)
    _counts: dict[int, Counts] = field(default_factory=dict)

    def add(
        self,
        corruption: str,
        severity: int | None,
        metric: str,
        value: float,
        interval: tuple[float, float] | None = None,
        *,
        per_image: PerImage | None = None,
        draws: Draws | None = None,
    ) -> None:
        """Add a row: a fraction, and what its interval comes from.

        ``per_image`` is float64 (N,), the values whose mean it is; ``draws`` are those of ``counts``, for what is no
        such mean. With neither and no ``interval`` the row has none.
        """
        row = len(self.rows)
        if per_image is not None:
            self._per_image[row] = per_image
        if draws is not None:
            self._draws[row] = draws
        self._values[corruption, severity, metric] = value
        self.rows.append((corruption, severity, metric, value, interval))

    def value(self, corruption: str, severity: int | None, metric: str) -> float:
        """Return the value of a row that was added."""
        return self._values[corruption, severity, metric]

    def add_mean(self, corruption: str, metric: str, per_image: PerImage) -> None:
        """Add a mean over severities from its value per image."""
        self.add(corruption, None, metric, float(per_image.mean()), per_image=per_image)

    def add_divided(self, metric: str, name: str, divisor: float) -> None:
        """Add a metric that is another one, a mean over images, divided by a number, in every place of that one."""
        for row, (corruption, severity, known, value, _) in enumerate(list(self.rows)):
            if known == metric:
                per_image = self._per_image[row] / divisor
                self.add(corruption, severity, name, value / divisor, per_image=per_image)

    def counts(self, images: int) -> Counts:
        """Return the bootstrap's counts, (resamples, images): the same for all scores of as many images."""
        if images not in self._counts:
            labels = self.labels
            if labels is None or len(labels) != images:
                labels = np.zeros(images, np.int64)
            self._counts[images] = resample_counts(labels, self.resamples)
        return self._counts[images]

    def scores(self) -> Scores:
        """Return what was gathered."""
        draws = self._all_draws()
        rows = []
        for number, (*place, metric, value, known) in enumerate(self.rows):
            low, high = known or rounded(*interval(value, draws[number], bounds_of(metric)))
            rows.append((self.model, self.suite, *place, metric, value, low, high, self.count))
        table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"severity": "Int64"})
        table = pd.concat([table, *(each.table for each in self.appended)], ignore_index=True)
        without = np.full((len(table) - len(rows), self.resamples), np.nan)
        return Scores(table, self.refused, np.concatenate([draws, without]), self.divided_by)

    def _all_draws(self) -> Draws:
        draws = np.full((len(self.rows), self.resamples), np.nan)
        for row, drawn in self._draws.items():
            draws[row] = drawn
        of_length = defaultdict(list)
        for row, values in self._per_image.items():
            of_length[len(values)].append(row)
        for images, members in of_length.items():
            columns = np.stack([self._per_image[row] for row in members], axis=1)
            draws[members] = mean_draws(self.counts(images), columns).T
        return draws


def rounded(low: float, high: float) -> tuple[float, float]:
    """Round an interval outwards, so that it is the same whatever order a machine sums in."""
    scale = 10**DECIMALS
    return float(np.floor(low * scale) / scale), float(np.ceil(high * scale) / scale)
