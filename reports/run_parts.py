"""What a report says about each run alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports import columns, drawings
from reports.figures.drawing import Drawing
from reports.grid import Grid, grid
from reports.results import Results
from reports.tables.provenance import command_line, provenance

# With more, runs have no figures of their own: the page would grow too large to open, and drawing takes 2 s a run.
DRAWN_RUNS = 24
NOT_DRAWN = "Among so many runs it has no figures of its own; a report of it alone has them."


@dataclass(frozen=True)
class Illustration:
    """A drawing and the table of its numbers."""

    drawing: Drawing
    numbers: Grid


@dataclass(frozen=True)
class HeatMap:
    """Errors by corruption and severity: the drawing, what it draws, and the error at which its colours end."""

    drawing: Drawing
    table: pd.DataFrame
    highest: float


@dataclass(frozen=True)
class RunPart:
    """What a report says about one run alone."""

    name: str
    heat_map: HeatMap | None
    reliability: Illustration | None
    provenance: pd.Series
    command: str | None
    drawn: bool

    @property
    def drawings(self) -> list[Drawing]:
        """The drawings of this run; none where it is one of too many."""
        if not self.drawn:
            return []
        return [each.drawing for each in (self.heat_map, self.reliability) if each]


def run_parts(
    results: Results,
    conditions: Sequence[pd.DataFrame],
    reliabilities: Sequence[pd.DataFrame],
    highest: float,
) -> tuple[RunPart, ...]:
    """Return what is said about each run; ``conditions`` and ``reliabilities`` hold a table of each run."""
    return tuple(
        RunPart(
            name,
            _heat_map(position, name, conditions[position], highest),
            _reliability(position, name, reliabilities[position]),
            provenance(run.info, len(run.conditions())),
            command_line(run.info),
            len(results.names) <= DRAWN_RUNS,
        )
        for position, (name, run) in enumerate(zip(results.names, results.runs, strict=True))
    )


def _heat_map(position: int, name: str, table: pd.DataFrame, highest: float) -> HeatMap | None:
    if not table.size:
        return None
    return HeatMap(drawings.heat_map_drawing(position, name, table, highest), table, highest)


def _reliability(position: int, name: str, table: pd.DataFrame) -> Illustration | None:
    if table.empty:
        return None
    labels = [
        f"{images}, {100 * low:.1f} to {100 * high:.1f}%"
        for images, low, high in zip(
            table["images"], table["bin_low"], table["bin_high"], strict=True
        )
    ]
    written = table.set_axis(labels).rename(
        columns={"low": "accuracy_low", "high": "accuracy_high"}
    )
    numbers = grid(written, columns.reliability_columns(), f"Reliability of {name}", "Confidence")
    return Illustration(drawings.reliability_drawing(position, name, table), numbers)
