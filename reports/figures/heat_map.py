"""A heat map of one run: error by corruption and severity."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from reports.grid import MISSING
from reports.names import corruption_title, family
from reports.style import HEAT_MAP_COLOURS, MUTED, PAPER


def heat_map(data: pd.DataFrame, axes: Axes, highest: float = 1.0) -> Axes:
    """Draw errors as shades with the percentage in each cell; the families are set apart.

    ``data`` is corruption x severity as from ``reports.tables.by_condition``, in fractions; NaN cells stay empty.
    ``highest`` is the error of the end of the colour scale: the same for all runs that are compared.
    """
    colours = matplotlib.colormaps[HEAT_MAP_COLOURS].reversed()
    scale = Normalize(0, highest)
    cells = np.ma.masked_invalid(data.to_numpy(float))
    axes.pcolormesh(cells, cmap=colours, norm=scale, edgecolors=PAPER, linewidth=1)
    for (row, column), value in np.ndenumerate(data.to_numpy(float)):
        shade = colours(scale(value))[:3]
        axes.text(
            column + 0.5,
            row + 0.5,
            MISSING if np.isnan(value) else f"{100 * value:.1f}",
            ha="center",
            va="center",
            fontsize=8.5,
            color=MUTED if np.isnan(value) else number_colour(shade),
        )
    axes.set_xticks(np.arange(data.shape[1]) + 0.5, [str(severity) for severity in data.columns])
    axes.set_yticks(np.arange(len(data)) + 0.5, [corruption_title(str(n)) for n in data.index])
    axes.set_xlabel("Severity; numbers are the error (%)")
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    separate_families(data, axes)
    return axes


def number_colour(shade: tuple[float, float, float]) -> str:
    """Return black or white, whichever reads better on a shade of sRGB in [0, 1] (WCAG 2.2 relative luminance)."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in shade]
    luminance = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def separate_families(data: pd.DataFrame, axes: Axes) -> None:
    """Draw a gap between families and name each at the right edge."""
    groups = [family(str(name)) for name in data.index]
    starts = [row for row in range(len(groups)) if row == 0 or groups[row] != groups[row - 1]]
    for start, end in zip(starts, [*starts[1:], len(groups)], strict=True):
        if start:
            axes.axhline(start, color=PAPER, linewidth=5)
        axes.text(
            data.shape[1] + 0.12,
            (start + end) / 2,
            groups[start],
            rotation=270,
            va="center",
            color=MUTED,
            fontsize=8.5,
        )
