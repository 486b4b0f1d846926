"""Axes that hold fractions and read in percent."""

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter


def read_in_percent(axis: Axis) -> None:
    """Label an axis of fractions in percent, with as many decimals as a tick needs: 0.125 reads 12.5, 0.3 reads 30."""
    axis.set_major_formatter(FuncFormatter(lambda fraction, _: f"{round(100 * fraction, 6):g}"))
