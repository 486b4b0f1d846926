"""Clean error and mean corruption error of every run, one row each, joined by the price of the corruptions."""

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.names import shortened
from reports.style import MUTED, PAPER, look


def clean_and_corrupted(data: pd.DataFrame, axes: Axes) -> Axes:
    """Draw a hollow dot at the clean error and a filled one at the mean corruption error, with their 95% intervals.

    ``data`` is a row per run as from ``reports.tables.summary``, in fractions; the first run stands on top. A
    missing number has no dot.
    """
    for position, (_, row) in enumerate(data.iterrows()):
        style = look(position)
        clean, corrupted = row["clean_error"], row["mean_corruption_error"]
        axes.plot([clean, corrupted], [position] * 2, color=style.colour, alpha=0.45, zorder=1)
        for quantity, face in (("clean_error", PAPER), ("mean_corruption_error", style.colour)):
            draw_dot(row, quantity, position, style.colour, face, axes)
        if pd.notna(corrupted):
            axes.annotate(
                f"{100 * corrupted:.1f}",
                (row.filter(like="mean_corruption_error").max(), position),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
            )
    axes.set_yticks(range(len(data)), [shortened(str(name), 26) for name in data.index])
    axes.set_ylim(len(data) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.12)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("Error (%):  ○ clean   ● mean over the corruptions")
    read_in_percent(axes.xaxis)
    return axes


def draw_dot(
    row: pd.Series, quantity: str, height: float, colour: str, face: str, axes: Axes
) -> None:
    """Draw one quantity with its interval, both in fractions, at a height of the axes."""
    axes.plot(
        [row[f"{quantity}_low"], row[f"{quantity}_high"]], [height] * 2, color=MUTED, linewidth=1
    )
    axes.plot(
        [row[quantity]], [height], marker="o", markersize=7, color=colour, markerfacecolor=face
    )
