"""Risk against coverage, one line per run, with its interval as a band."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.names import shortened
from reports.style import band_opacity, look


def risk_against_coverage(data: pd.DataFrame, axes: Axes, runs: Sequence[str]) -> Axes:
    """Draw the error of the surest predictions against their share, in percent; the legend is the figure's.

    ``data`` is as from ``reports.tables.risk_coverage``, of one kind of images; ``runs`` are all of the report's, whose
    looks go by their order.
    """
    for name, part in data.groupby("run", sort=False):
        style = look(runs.index(str(name)))
        axes.plot(
            part["coverage"],
            part["risk"],
            color=style.colour,
            marker=style.marker,
            markersize=3,
            linestyle=style.dash,
            label=shortened(str(name), 28),
        )
        axes.fill_between(
            part["coverage"],
            part["low"],
            part["high"],
            color=style.colour,
            alpha=band_opacity(len(runs)),
            linewidth=0,
        )
    axes.set_xlabel("Share of predictions that are answered, the surest first (%)")
    axes.set_ylabel("Error among them (%)")
    read_in_percent(axes.xaxis)
    read_in_percent(axes.yaxis)
    axes.set_xlim(0, 1.02)
    # Of few predictions the intervals are so wide that the curves would lie flat below them.
    axes.set_ylim(0, max(0.01, 1.25 * float(data["risk"].max())))
    return axes
