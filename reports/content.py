"""What a report says, before it is HTML or Markdown: sentences, tables and drawings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from reports import columns, drawings, grids, notes
from reports.cautions import Caution, cautions
from reports.figures.drawing import Drawing
from reports.grid import Grid, grid
from reports.measured import Measured, measure, of_run
from reports.published_part import published_part
from reports.results import Results
from reports.run_parts import Illustration, RunPart, run_parts
from reports.sheet import Sheet
from reports.tables.by_condition import by_condition
from reports.tables.lookup import per_run
from reports.tables.summary import summary
from reports.test_images import TestImages, example_pictures, open_test_images

CAUTIONS_HEADING = "Before you quote these numbers"


@dataclass(frozen=True)
class Content:
    """A whole report; ``facts`` and ``lead`` are None for mixed runs, ``mixed`` is None for comparable ones.

    Every format shows all ``cautions`` under ``CAUTIONS_HEADING``, in their order.
    """

    title: str
    facts: str | None
    lead: str | None
    mixed: str | None
    cautions: tuple[Caution, ...]
    summary: Grid
    overview: Drawing | None
    sheet: Sheet | None
    by_corruption: tuple[Grid, ...]
    by_sequence: tuple[Grid, ...]
    severity: tuple[Illustration, ...]
    published: Illustration | None
    probabilities: Grid
    risk: tuple[Illustration, ...]
    worst_classes: Grid | None
    changed: tuple[Grid, ...]
    detection: tuple[Grid, ...]
    attacks: Grid | None
    refused: Grid | None
    notes: tuple[str, ...]
    runs: tuple[RunPart, ...]

    @property
    def drawings(self) -> list[Drawing]:
        """Every drawing of the report."""
        shown = (*self.severity, *((self.published,) if self.published else ()), *self.risk)
        illustrated = [each.drawing for each in shown]
        alone = [drawing for run in self.runs for drawing in run.drawings]
        return ([self.overview] if self.overview else []) + illustrated + alone


def compose(
    results: Results, attacked: Sequence[Path] = (), data_dir: Path | None = None
) -> Content:
    """Compute everything a report on these results says; reads every record once.

    ``data_dir`` holds the runs' data, whose images are then shown. Raises RobenchError when it holds other images.
    """
    mark = not results.mixed
    table = summary(results.scores)
    fields = {
        key: each + ["published"] * len(results.published) for key, each in results.mixed.items()
    }
    summary_grid = grid(
        table.assign(**fields),
        columns.summary_columns(table, results.mixed),
        "The numbers to quote; 95% intervals below them",
        mark_best=mark,
    )
    measured = measure(results)
    images = None
    if "suite" not in results.mixed:
        images = open_test_images(results.infos[0], measured.labels, data_dir)
    conditions = [by_condition(of_run(results.scores, name)) for name in results.names]
    highest = drawings.shared_scale(conditions)
    overview = len(table) > 1 and table["mean_corruption_error"].notna().any()
    return Content(
        title=notes.title(results),
        facts=None if results.mixed else notes.facts(results),
        lead=notes.lead(results, table),
        mixed=notes.mixed_notice(results),
        cautions=cautions(results),
        summary=summary_grid,
        overview=drawings.summary_drawing(table) if overview else None,
        sheet=sheet(results, measured, conditions, highest, images),
        by_corruption=grids.corruption_grids(results, mark),
        by_sequence=grids.sequence_grids(results, mark),
        severity=severity_illustrations(measured.severity, (*results.names, *results.published)),
        published=published_part(results, table.loc[list(results.names)]),
        probabilities=grids.probability_grid(results, mark),
        risk=risk_illustrations(measured.risk, results.names),
        worst_classes=grids.worst_class_grid(results.names, measured.worst, images),
        changed=tuple(
            grids.changed_grid(results.names[0], name, each, images)
            for name, each in measured.changed.items()
        ),
        detection=grids.detection_grids(results),
        attacks=grids.attack_grid(attacked),
        refused=grids.refused_grid(measured.refused),
        notes=tuple(notes.reading_notes(results, summary_grid.marks_best)),
        runs=run_parts(results, conditions, measured.reliabilities, highest),
    )


def sheet(
    results: Results,
    measured: Measured,
    conditions: Sequence[pd.DataFrame],
    highest: float,
    images: TestImages | None,
) -> Sheet | None:
    """Return the sheet of errors and pictures; None where no corruption was measured, and of several suites."""
    found = [table for table in conditions if table.size]
    if not found or "suite" in results.mixed:
        return None
    clean = per_run(results.scores, "clean", "error")["value"].astype(float)
    clean = clean.loc[list(results.names)]
    made = Sheet(results.names, tuple(conditions), tuple(clean), highest, None)
    shown = [each for row in made.rows().values() for each in row]
    examples = example_pictures(results.infos[0], shown, images)
    return replace(made, examples=examples)


def severity_illustrations(table: pd.DataFrame, runs: Sequence[str]) -> tuple[Illustration, ...]:
    """Return error and calibration against severity with their numbers; none if no severity is complete."""
    if not (table["severity"] > 0).any():
        return ()
    made = []
    for drawing in drawings.severity_drawings(table, runs):
        quantity = drawing.data.columns[2]
        wide = pd.DataFrame(index=pd.Index(table["run"].unique(), name="run"))
        for severity in range(6):
            at = drawing.data[drawing.data["severity"] == severity].set_index("run")
            for column in at.columns:
                if column.startswith(quantity):
                    wide[column.replace(quantity, f"{quantity}_{severity}")] = at[column]
        numbers = grid(wide, columns.severity_columns(quantity), f"{drawing.title} (%)")
        made.append(Illustration(drawing, numbers))
    return tuple(made)


def risk_illustrations(table: pd.DataFrame, runs: Sequence[str]) -> tuple[Illustration, ...]:
    """Return the error of the surest predictions, on clean and on corrupted images, with some of the numbers."""
    made = []
    for kind, part in table.groupby("images", sort=False):
        drawing = drawings.risk_drawing(str(kind), part, runs)
        wide = pd.DataFrame(index=pd.Index(part["run"].unique(), name="run"))
        for coverage in columns.COVERAGES:
            near = part[(part["coverage"] - coverage).abs() < 0.01].groupby("run").first()
            for end, name in (("risk", ""), ("low", "_low"), ("high", "_high")):
                wide[f"risk_{coverage:.0%}{name}"] = near[end]
        numbers = grid(wide, columns.risk_columns(), f"{drawing.title} (%)")
        made.append(Illustration(drawing, numbers))
    return tuple(made)
