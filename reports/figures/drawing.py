"""From an axes function to picture files: PNG and SVG with the drawn data beside them, the same bytes every time."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reports import style
from robench.atomic_file import write_atomically

# What each format records about itself, a date among it.
METADATA = {
    "png": ("Software",),
    "svg": ("Date", "Creator", "Format", "Type"),
    "pdf": ("CreationDate", "Creator", "Producer"),
}


@contextmanager
def drawing_style() -> Iterator[None]:
    """Draw in the report's style alone, whatever matplotlib's defaults are on this machine."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = style.RC  # newer matplotlibs type every key
        matplotlib.rcParams.update(settings)
        yield


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn.

    Attributes:
        stem: the file name without suffix; unique in a report.
        title: what it shows, as a caption.
        alt: what a reader sees in it, for those who do not see it.
        data: exactly what is plotted.
        draw: takes ``data`` and an ``Axes``, draws, returns the ``Axes``.
        size_in: width and height in inches.
        legend: is there a legend of the runs below the axes?
    """

    stem: str
    title: str
    alt: str
    data: pd.DataFrame
    draw: Callable[[pd.DataFrame, Axes], Axes]
    size_in: tuple[float, float] = (style.WIDTH_IN, style.HEIGHT_IN)
    legend: bool = False

    def render(self, file_format: str, transparent: bool = False) -> bytes:
        """Return the picture as "png", "svg" or "pdf"; the same drawing always gives the same bytes."""
        with drawing_style():
            figure = Figure(figsize=self.size_in, layout="constrained")
            FigureCanvasAgg(figure)
            axes = self.draw(self.data, figure.subplots())
            if self.legend:
                figure.legend(
                    *axes.get_legend_handles_labels(),
                    loc="outside lower left",
                    ncols=style.LEGEND_COLUMNS,
                )
            buffer = io.BytesIO()
            # Left to itself matplotlib writes the date and its own version into the file.
            figure.savefig(
                buffer,
                format=file_format,
                dpi=style.RESOLUTION_DPI,
                transparent=transparent,
                metadata=dict.fromkeys(METADATA[file_format]),
            )
        return buffer.getvalue()


def picture_files(drawing: Drawing) -> dict[str, bytes]:
    """Return ``<stem>.png``, ``.svg``, ``.pdf`` and, with the plotted fractions at full precision, ``.csv``."""
    named = not isinstance(drawing.data.index, pd.RangeIndex)
    contents = {form: drawing.render(form) for form in METADATA}
    contents["csv"] = drawing.data.to_csv(index=named, lineterminator="\n").encode()
    return {f"{drawing.stem}.{suffix}": content for suffix, content in contents.items()}


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; raise RobenchError where that is not possible."""
    write_atomically(path, lambda file: file.write(content))


def inline_svg(drawing: Drawing) -> str:
    """Return the figure as an ``<svg>`` element that follows the page's theme and shares no id with another figure."""
    text = drawing.render("svg", transparent=True).decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(
        r'<!--.*?-->|\s+xmlns(:xlink)?="[^"]*"|\s+version="1\.1"', "", text, flags=re.DOTALL
    )
    text = re.sub(r' id="([^"]+)"', rf' id="{drawing.stem}-\1"', text)
    text = re.sub(r'(?:xlink:)?href="#', f'href="#{drawing.stem}-', text)
    text = text.replace("url(#", f"url(#{drawing.stem}-")
    for colour, variable in style.theme_variables().items():
        text = text.replace(colour, f"var({variable})")
    return re.sub(r"\s*\n\s*", "\n", text).strip()
