"""The sheet of a report: every corruption at every severity, what it looks like, and what it costs each run."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from PIL import Image

from reports.contact_sheets import CELL_PX
from reports.figures.contact_sheet import Group, Row, contact_sheet
from reports.names import corruption_title, family, in_benchmark_order
from reports.test_images import Examples
from robench.suites import CLEAN, Condition

SHEET_STEM = "corruptions"  # of the file that shows the pictures alone


@dataclass(frozen=True)
class Sheet:
    """Errors by corruption and severity, and a picture of each condition.

    Attributes:
        names: of the runs.
        tables: a run's errors each, corruption x severity as from ``reports.tables.by_condition``, fractions.
        clean: a run's clean error each, NaN where there is none.
        highest: the error at which the colours end.
        examples: the pictures, or None.
    """

    names: tuple[str, ...]
    tables: tuple[pd.DataFrame, ...]
    clean: tuple[float, ...]
    highest: float
    examples: Examples | None

    @property
    def corruptions(self) -> list[str]:
        """What any run was measured on, in the benchmark's order."""
        return in_benchmark_order(str(name) for table in self.tables for name in table.index)

    def errors(self, condition: Condition) -> list[float]:
        """Return the error of every run under a condition, NaN where it was not measured."""
        if not condition.severity:
            return list(self.clean)
        name, severity = condition.corruption, condition.severity
        cells = [table.reindex([name]).reindex(columns=[severity]) for table in self.tables]
        return [float(cell.to_numpy(float)[0, 0]) for cell in cells]

    def rows(self) -> dict[str, list[Condition]]:
        """Return corruption -> its conditions, those that any run was measured on."""
        made = {}
        for name in self.corruptions:
            levels = [Condition(name, severity) for severity in range(1, 6)]
            made[name] = [each for each in levels if not np.isnan(self.errors(each)).all()]
        return made


def drawn(sheet: Sheet, title: str) -> Image.Image:
    """Return the pictures of a sheet as one, a row per corruption, a column per severity; it must have pictures."""
    if sheet.examples is None:
        raise ValueError("a sheet without pictures cannot be drawn")
    pictures = sheet.examples.pictures
    clean = pictures[CLEAN]
    groups = []
    for heading, names in groupby(sheet.corruptions, family):
        rows = []
        for name in names:
            levels = [Condition(name, severity) for severity in range(1, 6)]
            shown = [pictures.get(each, np.full_like(clean, 255)) for each in levels]
            rows.append(Row(corruption_title(name), np.stack([clean, *shown])))
        groups.append(Group(heading.capitalize(), tuple(rows)))
    columns = ["clean", *(f"severity {severity}" for severity in range(1, 6))]
    enlarge = max(1, round(CELL_PX / max(clean.shape[:2])))
    return contact_sheet(groups, columns, title, sheet.examples.credit, enlarge)
