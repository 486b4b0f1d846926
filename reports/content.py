"""What a report says, before it is HTML or Markdown: sentences, tables and drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reports import columns, drawings, notes
from reports.evidence import read_evidence
from reports.figures.drawing import Drawing
from reports.grid import Column, Grid, grid
from reports.names import corruption_title
from reports.results import Results
from reports.tables.attacks import attacks
from reports.tables.by_condition import by_condition
from reports.tables.by_corruption import by_corruption
from reports.tables.by_sequence import by_sequence
from reports.tables.by_severity import by_severity, missing_severities
from reports.tables.detection import detection
from reports.tables.lookup import has
from reports.tables.probability_scores import probability_scores
from reports.tables.provenance import command_line, provenance
from reports.tables.refused import refused
from reports.tables.reliability import reliability
from reports.tables.summary import summary
from robench import suites
from robench.records import Run


@dataclass(frozen=True)
class Illustration:
    """A drawing and the table of its numbers."""

    drawing: Drawing
    numbers: Grid


@dataclass(frozen=True)
class RunPart:
    """What a report says about one run alone."""

    name: str
    illustrations: tuple[Illustration, ...]
    provenance: pd.Series
    command: str | None


@dataclass(frozen=True)
class Content:
    """A whole report; ``facts`` and ``lead`` are None for mixed runs, ``mixed`` is None for comparable ones."""

    title: str
    facts: str | None
    lead: str | None
    mixed: str | None
    summary: Grid
    overview: Drawing | None
    by_corruption: tuple[Grid, ...]
    by_sequence: tuple[Grid, ...]
    severity: tuple[Illustration, ...]
    probabilities: Grid
    detection: tuple[Grid, ...]
    attacks: Grid | None
    refused: Grid | None
    notes: tuple[str, ...]
    runs: tuple[RunPart, ...]

    @property
    def drawings(self) -> list[Drawing]:
        """Every drawing of the report."""
        illustrated = [*self.severity, *(each for run in self.runs for each in run.illustrations)]
        return ([self.overview] if self.overview else []) + [each.drawing for each in illustrated]


def compose(results: Results, attacked: Sequence[Path] = ()) -> Content:
    """Compute everything a report on these results says; reads every record once."""
    mark = not results.mixed
    table = summary(results.scores)
    summary_grid = grid(
        table.assign(**results.mixed),
        columns.summary_columns(table, results.mixed),
        "The numbers to quote; 95% intervals below them",
        mark_best=mark,
    )
    severity, reliabilities, refusals = measure(results)
    overview = len(table) > 1 and table["mean_corruption_error"].notna().any()
    return Content(
        title=notes.title(results),
        facts=None if results.mixed else notes.facts(results),
        lead=notes.lead(results, table),
        mixed=notes.mixed_notice(results),
        summary=summary_grid,
        overview=drawings.summary_drawing(table) if overview else None,
        by_corruption=corruption_grids(results, mark),
        by_sequence=sequence_grids(results, mark),
        severity=severity_illustrations(severity),
        probabilities=probability_grid(results, mark),
        detection=detection_grids(results),
        attacks=attack_grid(attacked),
        refused=refused_grid(refusals),
        notes=tuple(notes.reading_notes(results, summary_grid.marks_best)),
        runs=run_parts(results, reliabilities),
    )


def measure(results: Results) -> tuple[pd.DataFrame, list[pd.DataFrame], pd.DataFrame]:
    """Return what needs the records: by severity (all runs), reliability (a table per run), and all that is refused.

    One run's records are held at a time.
    """
    severities, reliabilities, refusals = [], [], [results.refused]
    for name, run in zip(results.names, results.runs, strict=True):
        suite = suites.registry()[run.info["suite"]]
        corruptions = suite.corruptions
        evidence = read_evidence(run)
        severity = by_severity(of_run(results, name), evidence, corruptions)
        severities.append(severity[:0] if suite.sequences else severity)
        reliabilities.append(reliability(evidence))
        missing = [(name, *pair) for pair in missing_severities(of_run(results, name), corruptions)]
        refusals.append(pd.DataFrame(missing, columns=results.refused.columns))
    filled = [each for each in severities if len(each)]
    severity = pd.concat(filled, ignore_index=True) if filled else severities[0]
    return severity, reliabilities, pd.concat(refusals, ignore_index=True)


def of_run(results: Results, name: str) -> pd.DataFrame:
    """Return the tidy scores of one run."""
    return results.scores[results.scores["run"] == name]


def corruption_grids(results: Results, mark: bool) -> tuple[Grid, ...]:
    """Return runs x corruptions: the errors, and where a baseline divides them, the corruption errors."""
    captions = {
        "uce": "Error (%) on each corruption, mean over the severities",
        "ce": "Corruption error (%): each error divided by the baseline network's",
    }
    made = []
    for metric, caption in captions.items():
        if has(results.scores, metric):
            table = by_corruption(results.scores, metric)
            made.append(grid(table, columns.corruption_columns(table), caption, mark_best=mark))
    return tuple(made)


def probability_grid(results: Results, mark: bool) -> Grid:
    """Return runs x probability scores, on clean images and, unless all runs are of sequences, on corrupted ones."""
    kinds, words = ["clean"], "On clean images"
    if not all(suites.registry()[info["suite"]].sequences for info in results.infos):
        kinds.append("corrupted")
        words += ", and as the mean over the corrupted conditions"
    return grid(
        probability_scores(results.scores),
        columns.probability_columns(kinds),
        f"{words}; lower is better",
        mark_best=mark,
    )


def sequence_grids(results: Results, mark: bool) -> tuple[Grid, ...]:
    """Return runs x perturbation sequences: flips and distances, and where a baseline divides them, the ratios."""
    captions = {
        "flip_probability": ("Flip probability (%) of each sequence", "percent"),
        "flip_rate": (
            "Flip rate (%): each flip probability divided by the baseline run's",
            "percent",
        ),
        "top5_distance": ("Top-5 distance of each sequence, 0 to 15", "number"),
        "t5d": ("Top-5 distance divided by the baseline run's (%)", "percent"),
    }
    made = []
    for metric, (caption, unit) in captions.items():
        if has(results.scores, metric):
            table = by_sequence(results.scores, metric)
            made.append(grid(table, columns.sequence_columns(table, unit), caption, mark_best=mark))
    return tuple(made)


def attack_grid(folders: Sequence[Path]) -> Grid | None:
    """Return the adversarial errors stored in folders of ``robench attack``, or None if there are none."""
    if not folders:
        return None
    caption = "Error under attack, a lower bound of what the strongest attack would do"
    return grid(attacks(folders), columns.attack_columns(), caption, "Model")


def detection_grids(results: Results) -> tuple[Grid, ...]:
    """Return a table of anomaly detection for every set of outside images; more is better but for FPR95."""
    described = {
        outside.info["suite"]: outside.info["data"]["description"]
        for run in results.runs
        for outside in run.outside()
    }
    return tuple(
        grid(
            table,
            columns.detection_columns(table),
            f"{name} as anomalies, the positives: {described[name]}",
        )
        for name, table in detection(results.anomalies).items()
    )


def severity_illustrations(table: pd.DataFrame) -> tuple[Illustration, ...]:
    """Return error and calibration against severity with their numbers; none if no severity is complete."""
    if not (table["severity"] > 0).any():
        return ()
    made = []
    for drawing in drawings.severity_drawings(table):
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


def refused_grid(refusals: pd.DataFrame) -> Grid | None:
    """Return the refused scores as a table, or None if there are none."""
    if refusals.empty:
        return None
    shown = [Column("score", "Score", "text"), Column("reason", "Why there is no number", "text")]
    return grid(refused(refusals).set_index("run"), shown, "Scores that the records do not allow")


def run_parts(results: Results, reliabilities: list[pd.DataFrame]) -> tuple[RunPart, ...]:
    """Return what is said about each run alone."""
    conditions = [by_condition(of_run(results, name)) for name in results.names]
    highest = drawings.shared_scale(conditions)
    parts = []
    for position, (name, run) in enumerate(zip(results.names, results.runs, strict=True)):
        made = []
        if conditions[position].size:
            made.append(heat_map_illustration(position, name, conditions[position], highest))
        if len(reliabilities[position]):
            made.append(reliability_illustration(position, name, reliabilities[position]))
        parts.append(run_part(name, run, tuple(made)))
    return tuple(parts)


def run_part(name: str, run: Run, illustrations: tuple[Illustration, ...]) -> RunPart:
    """Return one run's part of the report."""
    written = provenance(run.info, len(run.conditions()))
    return RunPart(name, illustrations, written, command_line(run.info))


def heat_map_illustration(
    position: int, name: str, table: pd.DataFrame, highest: float
) -> Illustration:
    """Return one run's heat map with its numbers."""
    written = table.reindex(columns=range(1, 6)).rename(index=corruption_title, columns=str)
    numbers = grid(written, columns.condition_columns(), f"Error of {name} (%)", "Corruption")
    return Illustration(drawings.heat_map_drawing(position, name, table, highest), numbers)


def reliability_illustration(position: int, name: str, table: pd.DataFrame) -> Illustration:
    """Return one run's reliability diagram with its numbers."""
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
