"""Several quantities of each training method, a row each: dots with intervals, published values as crosses."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.style import HUES, INK, PAPER

MARKS = {"clean": (HUES[0], "o", False), "corrupted": (HUES[1], "s", True)}
SHARE_OF_ROW = 0.24


@dataclass(frozen=True)
class Series:
    """A column of the data, a fraction, how the legend calls it, and whether it is of "clean" or "corrupted" images.

    A ``published`` series has no interval and is drawn as a cross.
    """

    column: str
    label: str
    images: str
    published: bool = False


def method_dots(data: pd.DataFrame, axes: Axes, series: Sequence[Series], label: str) -> Axes:
    """Draw each series at its method's row, with ``<column>_low`` to ``<column>_high`` as a line where there are such.

    ``data`` is a row per method, in fractions; the axis reads in percent and begins at 0. A missing number has no dot.
    """
    measured = [each for each in series if not each.published]
    for each in series:
        colour, marker, filled = MARKS[each.images]
        place = measured.index(each) if each in measured else 0
        shift = SHARE_OF_ROW * (place - (len(measured) - 1) / 2) if not each.published else 0.0
        heights = [row + shift for row in range(len(data))]
        if each.published:
            colour, marker, filled = INK, "x", True
        else:
            low, high = data[f"{each.column}_low"], data[f"{each.column}_high"]
            axes.hlines(heights, low, high, color=colour, linewidth=1.4)
        axes.plot(
            data[each.column],
            heights,
            linestyle="none",
            marker=marker,
            markersize=6.5,
            color=colour,
            markerfacecolor=colour if filled else PAPER,
            label=each.label,
        )
    axes.set_yticks(range(len(data)), [str(name) for name in data.index])
    axes.set_ylim(len(data) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.06)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{label} (%)")
    read_in_percent(axes.xaxis)
    return axes
