"""A reliability diagram of one run: accuracy against confidence, on clean and on corrupted images."""

import pandas as pd
from matplotlib.axes import Axes

from reports.figures.percent_axis import read_in_percent
from reports.style import HUES, MUTED

LOOKS = {"clean": (HUES[0], "o", "-"), "corrupted": (HUES[1], "s", (0, (5, 2)))}


def reliability_diagram(data: pd.DataFrame, axes: Axes) -> Axes:
    """Draw accuracy with its 95% interval against mean confidence, in percent, a line for clean and one for corrupted.

    ``data`` is as from ``reports.tables.reliability``. The diagonal is perfect calibration; below it the model is
    overconfident. A bin's dot grows with the share of the predictions that fall into it.
    """
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (2, 2)), label="calibrated")
    for images, part in data.groupby("images", sort=False):
        colour, marker, dash = LOOKS[str(images)]
        count = part["n"].sum()
        label = f"{images} (n = {count:,})"
        axes.plot(
            part["confidence"],
            part["accuracy"],
            color=colour,
            linestyle=dash,
            marker=marker,
            markersize=3.5,
            linewidth=1.2,
            label=label,
        )
        axes.vlines(part["confidence"], part["low"], part["high"], color=colour, linewidth=1)
        sizes = 10 + 160 * part["n"] / count
        axes.scatter(part["confidence"], part["accuracy"], s=sizes, color=colour, marker=marker)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("Confidence (%)")
    axes.set_ylabel("Accuracy (%)")
    read_in_percent(axes.xaxis)
    read_in_percent(axes.yaxis)
    return axes
