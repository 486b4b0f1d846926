"""How figures look: sizes, colours and the one look each run keeps in every figure.

The six hues were searched for the largest smallest difference: any two of them differ by at least 25 (CIE 1976) for
normal vision and for the three dichromacies as simulated by Machado et al. 2009, and each has a contrast of at
least 3:1 to its paper (WCAG 2.2, 1.4.11). From the seventh run on the hues repeat with another marker and another
dash, so a run never depends on its colour alone.
"""

from dataclasses import dataclass
from typing import Any

HUES = ("#29499b", "#fe5d04", "#00a966", "#c17ab4", "#764600", "#7f86ff")
HUES_ON_DARK = ("#686af0", "#d86229", "#32bb88", "#e579d4", "#e1ed45", "#c2fff4")
MARKERS = ("o", "s", "^", "D")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))

# Figures are drawn in these colours; on the page each becomes a variable of the light or the dark
# theme. None is pure black or white, which the numbers on a heat map use and keep.
INK = "#1f2328"
MUTED = "#59636e"
GRID = "#d9dee3"
PAPER = "#fefefe"
ON_DARK = {"ink": "#e6e9ec", "muted": "#9aa4ae", "grid": "#343b43", "paper": "#14171c"}

WIDTH_IN = 5.4
HEIGHT_IN = 3.4
ROW_IN = 0.2
LEGEND_COLUMNS = 2
RESOLUTION_DPI = 200
HEAT_MAP_COLOURS = "cividis"

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9.5,
    "text.parse_math": False,  # a dollar in a model's name is a dollar
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.7,
    "lines.markersize": 4.8,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "robench",  # the ids in an SVG are random without it
}


@dataclass(frozen=True)
class Look:
    """How one run is drawn wherever it appears."""

    colour: str
    marker: str
    dash: Any


def look(position: int) -> Look:
    """Return the look of the run at ``position``, from 0 in the order given; the first 24 all differ."""
    lap = position // len(HUES) % len(MARKERS)
    return Look(HUES[position % len(HUES)], MARKERS[lap], DASHES[lap])


def band_opacity(run_count: int) -> float:
    """Return how opaque an interval's band is among the bands of so many runs: the lines must stay visible."""
    return min(0.2, 0.6 / max(1, run_count))


def theme_variables() -> dict[str, str]:
    """Return drawn colour -> CSS variable of the page, for figures that follow the reader's theme."""
    variables = {INK: "--ink", MUTED: "--muted", GRID: "--grid", PAPER: "--paper"}
    return variables | {hue: f"--run-{number}" for number, hue in enumerate(HUES)}


def theme(dark: bool) -> dict[str, str]:
    """Return CSS variable -> colour of the light or the dark theme."""
    if not dark:
        return {variable: colour for colour, variable in theme_variables().items()}
    runs = {f"--run-{number}": hue for number, hue in enumerate(HUES_ON_DARK)}
    return {f"--{name}": colour for name, colour in ON_DARK.items()} | runs


def legend_rows(run_count: int) -> int:
    """Return how many rows a figure's legend of ``run_count`` runs takes."""
    return -(-run_count // LEGEND_COLUMNS)
