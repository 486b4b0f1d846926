"""A report before it is HTML, Markdown or LaTeX: headings, sentences, figures, tables, commands."""

from dataclasses import dataclass

from reports.figures.drawing import Drawing
from reports.grid import Grid


@dataclass(frozen=True)
class Command:
    """A command for a POSIX shell, or why there is none; tables refer to its ``number``; ``purpose``: what it fills."""

    number: int
    purpose: str
    line: str | None
    reason: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in this order."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    notes: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    code: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """A whole report; ``facts`` is the line below its title."""

    title: str
    facts: str
    sections: tuple[Section, ...]

    @property
    def drawings(self) -> list[Drawing]:
        """Every drawing of the report."""
        return [drawing for section in self.sections for drawing in section.drawings]
