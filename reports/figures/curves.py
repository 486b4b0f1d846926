"""A quantity against the epoch, one line per training run."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reports.figures.percent_axis import read_in_percent
from reports.names import shortened
from reports.style import look

FEW = 20  # epochs: up to here each has a marker


def curve(data: pd.DataFrame, axes: Axes, column: str, label: str, in_percent: bool) -> Axes:
    """Draw ``column`` against ``epoch``, a line per ``run``; with ``in_percent`` a fraction that reads in percent.

    An epoch without the quantity leaves a gap. The error axis begins at 0, that of a loss where the losses do.
    """
    for position, (name, part) in enumerate(data.groupby("run", sort=False)):
        style = look(position)
        axes.plot(
            part["epoch"],
            part[column],
            color=style.colour,
            marker=style.marker if len(part) <= FEW else None,
            linestyle=style.dash,
            label=shortened(str(name), 28),
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Epoch")
    axes.set_ylabel(f"{label} (%)" if in_percent else label)
    if in_percent:
        read_in_percent(axes.yaxis)
        axes.set_ylim(bottom=0)
    return axes
