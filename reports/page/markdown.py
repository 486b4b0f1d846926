"""The report as GitHub Markdown, its figures beside it."""

import re

from reports.content import CAUTIONS_HEADING, Content
from reports.grid import Cell, Grid
from reports.run_parts import NOT_DRAWN, Illustration, RunPart
from reports.sheet import SHEET_STEM
from robench.version import VERSION

FIGURES = "figures"


def markdown_document(content: Content) -> str:
    """Return the whole report; pictures are ``figures/<stem>.png``."""
    blocks = [f"# {escaped(content.title)}"]
    blocks += [escaped(words) for words in (content.facts, content.lead) if words]
    if content.mixed:
        blocks.append(f"> **Not one protocol.** {escaped(content.mixed)}")
    if content.cautions:
        said = "\n".join(f"> - {escaped(each)}" for each in content.cautions)
        blocks.append(f"> **{CAUTIONS_HEADING}:**\n>\n{said}")
    blocks += ["## Summary", table(content.summary)]
    if content.overview:
        drawing = content.overview
        blocks.append(picture(drawing.stem, drawing.alt, drawing.title))
    if content.sheet and content.sheet.examples:
        said = (
            f"Every corruption at every severity. The picture is {content.sheet.examples.credit}."
        )
        blocks += [
            "## Every corruption and severity",
            image(SHEET_STEM, "Contact sheet"),
            escaped(said),
        ]
    if content.by_corruption:
        blocks += ["## Error by corruption", *map(table, content.by_corruption)]
    if content.by_sequence:
        blocks += ["## Perturbation sequences", *map(table, content.by_sequence)]
    if content.severity:
        blocks += ["## Severity", *map(illustration, content.severity)]
    if content.published:
        blocks += ["## Beside published models", illustration(content.published)]
    blocks += ["## Can the confidence be trusted?", table(content.probabilities)]
    blocks += map(illustration, content.risk)
    if content.worst_classes:
        blocks += ["## Worst classes", table(content.worst_classes)]
    if content.changed:
        blocks += ["## Images that changed", *map(table, content.changed)]
    if content.detection:
        blocks += ["## Anomaly detection", *map(table, content.detection)]
    if content.attacks:
        blocks += ["## Under attack", table(content.attacks)]
    blocks.append("## Run by run")
    for run in content.runs:
        blocks.append(f"### {escaped(run.name)}")
        blocks += [] if run.drawn else [NOT_DRAWN]
        blocks += [picture(each.stem, each.alt, each.title) for each in run.drawings]
    if content.refused:
        blocks += ["## Refused scores", table(content.refused)]
    blocks += ["## How to read the numbers", "\n".join(f"- {escaped(n)}" for n in content.notes)]
    blocks += ["## Provenance", *map(provenance, content.runs)]
    blocks.append(f"Written by robench {VERSION}. The same runs give the same report.")
    return "\n\n".join(blocks) + "\n"


def escaped(words: object) -> str:
    """Return text in one line with every character escaped that Markdown or HTML could take for markup."""
    line = " ".join(str(words).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#$@!])", r"\\\1", line)


def table(grid: Grid) -> str:
    """Return a grid with its caption; the best of a column is bold."""
    headings = [
        escaped(grid.corner),
        *(escaped(heading(grid, i)) for i in range(len(grid.columns))),
    ]
    rules = ["---", *("---" if column.unit == "text" else "---:" for column in grid.columns)]
    rows = [
        [escaped(name), *map(cell, cells)]
        for name, cells in zip(grid.names, grid.rows, strict=True)
    ]
    drawn = "\n".join(f"| {' | '.join(row)} |" for row in (headings, rules, *rows))
    return f"{escaped(grid.caption)}\n\n{drawn}"


def heading(grid: Grid, position: int) -> str:
    """Return a column's heading, led by its group where the group's other columns do not make that clear."""
    column = grid.columns[position]
    if not column.group or column.group == "all":
        return column.heading
    return f"{column.group}: {column.heading}"


def cell(cell: Cell) -> str:
    """Return one cell with its interval."""
    shown = f"**{escaped(cell.text)}**" if cell.best else escaped(cell.text)
    shown += escaped(cell.mark)
    return f"{shown} ({cell.interval})" if cell.interval else shown


def illustration(each: Illustration) -> str:
    """Return a picture with its caption."""
    return picture(each.drawing.stem, each.drawing.alt, each.drawing.title)


def picture(stem: str, alt: str, title: str) -> str:
    """Return an image with its caption and a link to its numbers."""
    return (
        f"{image(stem, alt)}\n\n"
        f"{escaped(title)} ([SVG]({FIGURES}/{stem}.svg), [numbers]({FIGURES}/{stem}.csv))."
    )


def image(stem: str, alt: str) -> str:
    """Return a picture alone."""
    return f"![{escaped(alt)}]({FIGURES}/{stem}.png)"


def provenance(run: RunPart) -> str:
    """Return where one run came from and the command that repeats it."""
    entries = "\n".join(
        f"- {escaped(label)}: {escaped(text)}" for label, text in run.provenance.items()
    )
    command = "This run was started from Python; no command was recorded."
    if run.command:
        command = f"To reproduce:\n\n{fenced(run.command)}"
    return f"### {escaped(run.name)}\n\n{entries}\n\n{command}"


def fenced(line: str) -> str:
    """Return a block of shell code; a fence longer than any run of backticks inside cannot be closed from within."""
    longest = max((len(ticks) for ticks in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{line}\n{fence}"
