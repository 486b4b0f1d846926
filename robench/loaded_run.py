"""A run as DataFrames: ``robench.load_run(path)``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from robench.errors import RobenchError
from robench.records import Run, open_run
from robench.scoring import Scores, score, with_reasons
from robench.scoring.aggregates import aggregates
from robench.scoring.on_request import requested


@dataclass(frozen=True)
class LoadedRun:
    """An evaluated run. What takes long is computed when first asked for.

    Attributes:
        run: the run directory.
        also: metrics on request that the scores hold.
    """

    run: Run
    also: tuple[str, ...] = ()

    @property
    def info(self) -> dict[str, Any]:
        """The content of run.json."""
        return self.run.info

    @cached_property
    def records(self) -> pd.DataFrame:
        """A row per image and finished condition: corruption, severity (0 for clean), then the columns as stored."""
        parts = []
        for condition in self.run.conditions():
            part = self.run.read(condition)
            part.insert(0, "severity", condition.severity)
            part.insert(0, "corruption", condition.corruption)
            parts.append(part)
        return pd.concat(parts, ignore_index=True).astype(
            {"corruption": "category", "severity": "int8"}
        )

    @property
    def scores(self) -> pd.DataFrame:
        """The tidy scores, computed from the records: the columns of ``robench.scoring.COLUMNS``."""
        return self._scored.table

    @property
    def scores_and_reasons(self) -> pd.DataFrame:
        """The content of scores.csv: the scores, and with a ``reason`` what has none."""
        return with_reasons(self._scored, self.run.name, str(self.info["suite"]))

    @property
    def refused(self) -> pd.DataFrame:
        """What has no score: columns score, reason."""
        return pd.DataFrame(list(self._scored.refused.items()), columns=["score", "reason"])

    @cached_property
    def aggregates(self) -> pd.DataFrame:
        """Errors and calibration by family, by severity and pooled; see ``robench.scoring.aggregates``."""
        return aggregates(self.run)

    @cached_property
    def _scored(self) -> Scores:
        return score(self.run, also=self.also)


def load_run(path: str | Path, also: Sequence[str] = ()) -> LoadedRun:
    """Open an evaluated run; ``also`` names metrics on request (see ``robench list metrics``) that its scores hold.

    Raises RobenchError for what is none, for one without a finished condition, and for an unknown metric.
    """
    run = open_run(path)
    if not run.conditions():
        raise RobenchError(f"{path}: no condition of this run is finished")
    return LoadedRun(run, requested(also))
