"""A quantity against severity, one line per run, with its interval as a band."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.names import shortened
from reports.style import band_opacity, look

SEVERITIES = range(6)


def error_against_severity(data: pd.DataFrame, axes: Axes, runs: Sequence[str] = ()) -> Axes:
    """Draw the mean error over the corruptions at each severity; ``data`` as from ``reports.tables.by_severity``."""
    return against_severity(data, axes, "error", "Mean error over the corruptions", runs)


def calibration_against_severity(data: pd.DataFrame, axes: Axes, runs: Sequence[str] = ()) -> Axes:
    """Draw the mean RMS calibration error at each severity; ``data`` as from ``reports.tables.by_severity``."""
    label = "RMS calibration error"
    return against_severity(data, axes, "rms_calibration_error", label, runs)


def against_severity(
    data: pd.DataFrame, axes: Axes, quantity: str, label: str, runs: Sequence[str] = ()
) -> Axes:
    """Draw column ``quantity`` of ``data``, a fraction, in percent against column ``severity``, a line per ``run``.

    The band spans the columns ``<quantity>_low`` and ``<quantity>_high`` where there are such. A missing severity
    leaves a gap. The lines are labelled; the legend is the figure's. ``runs`` are all of the report's, whose looks go
    by their order; those of ``data`` when empty.
    """
    names = list(runs) or list(data["run"].unique())
    for name, part in data.groupby("run", sort=False):
        style = look(names.index(str(name)))
        line = part.set_index("severity").reindex(SEVERITIES)
        axes.plot(
            line.index,
            line[quantity],
            color=style.colour,
            marker=style.marker,
            linestyle=style.dash,
            label=shortened(str(name), 28),
        )
        if f"{quantity}_low" in line:
            low, high = line[f"{quantity}_low"], line[f"{quantity}_high"]
            axes.fill_between(
                line.index,
                low,
                high,
                color=style.colour,
                alpha=band_opacity(len(names)),
                linewidth=0,
            )
    axes.set_xticks(SEVERITIES, ["clean", "1", "2", "3", "4", "5"])
    axes.set_xlabel("Severity")
    axes.set_ylabel(f"{label} (%)")
    read_in_percent(axes.yaxis)
    axes.set_ylim(bottom=0)
    return axes
