"""Which figures a report holds, with the words for those who do not see them."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports import style
from reports.figures.against_published import among_published
from reports.figures.drawing import Drawing
from reports.figures.heat_map import heat_map
from reports.figures.reliability import reliability_diagram
from reports.figures.risk_coverage import risk_against_coverage
from reports.figures.severity import calibration_against_severity, error_against_severity
from reports.figures.summary import clean_and_corrupted
from reports.grid import as_text
from reports.names import corruption_title, file_stem


def summary_drawing(table: pd.DataFrame) -> Drawing:
    """Return the overview of clean and corrupted error; ``table`` as from ``reports.tables.summary``."""
    said = [
        f"{name}: {percent(row['clean_error'])} clean, {percent(row['mean_corruption_error'])} corrupted"
        for name, row in table.iterrows()
    ]
    return Drawing(
        "summary",
        "Clean error (hollow) and mean corruption error (filled), with 95% intervals",
        f"Dot plot of errors. {'; '.join(said)}.",
        table,
        clean_and_corrupted,
        (style.WIDTH_IN, 0.8 + 0.3 * len(table)),
    )


def severity_drawings(table: pd.DataFrame, runs: Sequence[str]) -> tuple[Drawing, Drawing]:
    """Return error and calibration against severity; ``table`` is ``by_severity`` of ``runs``, one below another."""
    error = line_drawing(
        "error-by-severity",
        "Error against severity, mean over the corruptions; bands are 95% intervals",
        table[["run", "severity", "error", "error_low", "error_high", "n"]],
        partial(error_against_severity, runs=runs),
    )
    calibration = line_drawing(
        "calibration-by-severity",
        "RMS calibration error against severity, mean over the corruptions (no interval)",
        table[["run", "severity", "rms_calibration_error", "n"]],
        partial(calibration_against_severity, runs=runs),
    )
    return error, calibration


def line_drawing(
    stem: str, title: str, table: pd.DataFrame, draw: Callable[[pd.DataFrame, Axes], Axes]
) -> Drawing:
    """Return a line plot of the third column of ``table`` against severity."""
    quantity = table.columns[2]
    said = []
    for name, part in table.groupby("run", sort=False):
        ends = part.iloc[[0, -1]]
        first, last = (
            f"{percent(v)} at {int(s)}"
            for s, v in zip(ends["severity"], ends[quantity], strict=True)
        )
        said.append(f"{name}: {first}, {last}")
    height = style.HEIGHT_IN + style.ROW_IN * style.legend_rows(table["run"].nunique())
    alt = f"Line plot. {title}. From the lowest to the highest severity (0 is clean): {'; '.join(said)}."
    return Drawing(stem, title, alt, table, draw, (style.WIDTH_IN, height), legend=True)


def risk_drawing(images: str, table: pd.DataFrame, runs: Sequence[str]) -> Drawing:
    """Return risk against coverage of one kind of images; ``table`` as from ``reports.tables.risk_coverage``."""
    said = []
    for name, part in table.groupby("run", sort=False):
        half = part.iloc[(part["coverage"] - 0.5).abs().argmin()]
        said.append(
            f"{name}: {percent(half['risk'])} of the surest half wrong, {percent(part['risk'].iloc[-1])} of all"
        )
    height = style.HEIGHT_IN + style.ROW_IN * style.legend_rows(table["run"].nunique())
    return Drawing(
        f"risk-coverage-{images}",
        f"Error of the surest predictions on {images} images; bands are 95% intervals",
        f"Line plot. {'; '.join(said)}.",
        table.drop(columns="images"),
        partial(risk_against_coverage, runs=runs),
        (style.WIDTH_IN, height),
        legend=True,
    )


def published_drawing(table: pd.DataFrame, differing: str) -> Drawing:
    """Return the runs among published models; ``table`` as ``among_published`` takes it.

    ``differing`` says how their images differ from those of the published models, or is "".
    """
    runs = table[~table["published"]]
    said = [
        f"{row['model']}: {percent(row['clean_error'])} clean, {percent(row['mean_corruption_error'])} corrupted"
        for _, row in runs.iterrows()
    ]
    count = int(table["published"].sum())
    height = 4.2 + style.ROW_IN * style.legend_rows(len(runs) + 1)
    return Drawing(
        "against-published",
        f"Mean corruption error against clean error, beside published models; bars are 95% intervals{differing}",
        f"Scatter plot beside {count} published models. {'; '.join(said)}.",
        table,
        among_published,
        (style.WIDTH_IN, height),
        legend=True,
    )


def heat_map_drawing(position: int, name: str, table: pd.DataFrame, highest: float) -> Drawing:
    """Return one run's heat map of ``by_condition``; ``highest`` is the error at which the colours end."""
    cells = [
        (float(value), f"{corruption_title(str(corruption))} at severity {severity}")
        for corruption, row in table.iterrows()
        for severity, value in row.dropna().items()
    ]
    (low, low_at), (high, high_at) = min(cells), max(cells)
    return Drawing(
        file_stem("heat-map", position, name),
        "Error by corruption and severity; all runs share the colours",
        f"Heat map of the error of {name}: lowest {percent(low)} ({low_at}), highest {percent(high)} ({high_at}).",
        table,
        partial(heat_map, highest=highest),
        (style.WIDTH_IN, 0.7 + 0.26 * len(table)),
    )


def reliability_drawing(position: int, name: str, table: pd.DataFrame) -> Drawing:
    """Return one run's reliability diagram; ``table`` as from ``reports.tables.reliability``."""
    said = []
    for images, part in table.groupby("images", sort=False):
        weights = part["n"]
        confidence = np.average(part["confidence"], weights=weights)
        accuracy = np.average(part["accuracy"], weights=weights)
        said.append(
            f"on {images} images {percent(confidence)} confident and {percent(accuracy)} right"
        )
    return Drawing(
        file_stem("reliability", position, name),
        "Reliability: accuracy against confidence in 15 equal bins; dots grow with their share, bars are 95% intervals",
        f"Reliability diagram of {name}. On average {', '.join(said)}.",
        table,
        reliability_diagram,
        (style.WIDTH_IN, 4.75),
        legend=True,
    )


def shared_scale(tables: Sequence[pd.DataFrame]) -> float:
    """Return the highest error of any run's conditions, rounded up to a tenth: where the heat maps' colours end."""
    highest = max((float(np.nanmax(table)) for table in tables if table.size), default=1.0)
    return max(0.1, float(np.ceil(round(highest * 10, 9)) / 10))


def percent(value: float) -> str:
    """Return a fraction as "12.3%", or "no number"."""
    return "no number" if pd.isna(value) else f"{as_text(value, 'percent')}%"
