"""Runs among published models: mean corruption error against clean error."""

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.names import shortened
from reports.style import MUTED, PAPER, look

ENDS = ("low", "high")


def among_published(data: pd.DataFrame, axes: Axes) -> Axes:
    """Draw a hollow grey dot per published model and a filled one with its intervals per run, in percent.

    ``data`` has columns ``model``, ``clean_error``, ``mean_corruption_error``, their ``_low`` and ``_high``, and
    ``published`` (bool); the runs stand in their order. On the dotted line corruptions would cost nothing.
    """
    published, runs = data[data["published"]], data[~data["published"]]
    axes.plot(
        published["clean_error"],
        published["mean_corruption_error"],
        linestyle="none",
        marker="o",
        color=MUTED,
        markerfacecolor=PAPER,
        label=f"{len(published)} published models",
    )
    for position, (_, row) in enumerate(runs.iterrows()):
        style = look(position)
        x, y = row["clean_error"], row["mean_corruption_error"]
        across, up = (
            [row[f"{quantity}_{end}"] for end in ENDS]
            for quantity in ("clean_error", "mean_corruption_error")
        )
        axes.plot(across, [y, y], color=style.colour, linewidth=1.2)
        axes.plot([x, x], up, color=style.colour, linewidth=1.2)
        axes.plot(
            [x],
            [y],
            linestyle="none",
            marker=style.marker,
            markersize=7,
            color=style.colour,
            label=shortened(str(row["model"]), 28),
        )
    end = 1.05 * float(data["clean_error"].max())
    axes.plot([0, end], [0, end], color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
    axes.set_xlim(0, end)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("Clean error (%)")
    axes.set_ylabel("Mean corruption error (%)")
    read_in_percent(axes.xaxis)
    read_in_percent(axes.yaxis)
    return axes
