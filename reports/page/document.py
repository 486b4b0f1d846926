"""The report as one HTML file that asks for nothing: style, script and figures are inside."""

from collections.abc import Sequence
from importlib.resources import files

from reports import style
from reports.content import CAUTIONS_HEADING, Content
from reports.figures.drawing import inline_svg
from reports.grid import Grid
from reports.page.element import element, lines, text
from reports.page.heat_table import heat_table, sheet_tables
from reports.page.html import figure, folded, table
from reports.run_parts import NOT_DRAWN, Illustration, RunPart
from robench.version import VERSION

Sections = dict[str, tuple[str, str]]  # anchor -> heading, HTML
UNFOLDED_REASONS = 8
UNFOLDED_RUNS = 3  # with more, each run's own figures wait to be unfolded
# The browser itself then refuses whatever would leave the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def html_document(content: Content) -> str:
    """Return the whole page."""
    parts = sections(content)
    body = lines([page_header(content, parts), page_main(parts)])
    return page(content.title, body, len(content.summary.rows))


def page(title: str, body: str, run_count: int = 0, css: str = "") -> str:
    """Return a page of HTML: the head with the style, ``body``, which is HTML already, the footer and the script.

    ``css`` follows the common rules.
    """
    head = lines(
        [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f'<meta name="generator" content="robench {VERSION}">',
            element("title", text(title)),
            element("style", stylesheet(run_count) + css),
        ]
    )
    whole = lines([body, page_footer()])
    script = element("script", resource("page.js"))
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{whole}\n{script}\n</body>\n</html>\n'


def resource(name: str) -> str:
    """Return a text file that lies beside this module."""
    return files("reports.page").joinpath(name).read_text(encoding="utf-8")


def stylesheet(run_count: int) -> str:
    """Return the page's CSS: the two themes, a swatch per run, the rules."""
    light, dark = (
        "".join(f"{variable}: {colour}; " for variable, colour in style.theme(dark).items())
        for dark in (False, True)
    )
    # Printing keeps the light theme whatever the reader's screen prefers.
    themes = f":root {{ {light}}}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}"
    swatches = lines(
        f".swatch.run-{n} {{ background: var(--run-{n % len(style.HUES)}); }} "
        f".edged.run-{n} {{ border-color: var(--run-{n % len(style.HUES)}); }}"
        for n in range(run_count)
    )
    return lines(["", themes, swatches, resource("page.css")])


def page_header(content: Content, parts: Sections) -> str:
    """Return title, facts, the result in a sentence, what to mind before quoting it, and the contents."""
    return element(
        "header",
        lines(
            [
                element("h1", text(content.title)),
                element("p", text(content.facts), class_="facts") if content.facts else "",
                element("p", text(content.lead), class_="lead") if content.lead else "",
                notice("Not one protocol", [content.mixed] if content.mixed else []),
                notice(CAUTIONS_HEADING, list(map(str, content.cautions))),
                element("nav", contents(parts), aria_label="Contents"),
            ]
        ),
    )


def notice(title: str, sentences: Sequence[str]) -> str:
    """Return sentences that must not be overlooked; "" for none."""
    if not sentences:
        return ""
    words = "".join(element("p", text(each)) for each in sentences)
    return element("div", element("strong", text(title)) + words, class_="notice", role="note")


def sections(content: Content) -> Sections:
    """Return anchor -> (heading, HTML) of every section that has something to say."""
    overview = content.overview
    drawn = figure(inline_svg(overview), overview.title, overview.alt) if overview else ""
    made = {
        "summary": ("Summary", table(content.summary, looks=True) + drawn),
        "conditions": (
            "Every corruption and severity",
            sheet_tables(content.sheet) if content.sheet else "",
        ),
        "severity": ("Severity", gallery(content.severity)),
        "corruptions": (
            "Error by corruption",
            lines(table(each, looks=True) for each in content.by_corruption),
        ),
        "sequences": (
            "Perturbation sequences",
            lines(table(each, looks=True) for each in content.by_sequence),
        ),
        "published": (
            "Beside published models",
            illustration(content.published) if content.published else "",
        ),
        "probabilities": (
            "Can the confidence be trusted?",
            table(content.probabilities, looks=True) + gallery(content.risk),
        ),
        "classes": (
            "Worst classes",
            table(content.worst_classes, sortable=False) if content.worst_classes else "",
        ),
        "images": ("Images that changed", lines(map(changed_images, content.changed))),
        "detection": ("Anomaly detection", lines(table(each) for each in content.detection)),
        "attacks": ("Under attack", table(content.attacks) if content.attacks else ""),
        "runs": ("Run by run", run_folds(content)),
        "refused": ("Refused scores", refused_scores(content.refused) if content.refused else ""),
        "reading": (
            "How to read the numbers",
            element("ul", lines(element("li", text(note)) for note in content.notes)),
        ),
        "provenance": ("Provenance", lines(provenance(run) for run in content.runs)),
    }
    return {anchor: section for anchor, section in made.items() if section[1]}


def contents(parts: Sections) -> str:
    """Return links to the sections."""
    links = [
        element("li", element("a", text(heading), href=f"#{anchor}"))
        for anchor, (heading, _) in parts.items()
    ]
    return element("ul", lines(links))


def page_main(parts: Sections) -> str:
    """Return the sections."""
    return element(
        "main",
        lines(
            element("section", element("h2", text(heading)) + inner, id=anchor)
            for anchor, (heading, inner) in parts.items()
        ),
    )


def refused_scores(refused: Grid) -> str:
    """Return what has no number and why; a long list, as of a run that has just begun, is folded."""
    count = len(refused.rows)
    return (
        folded(f"{count} reasons", table(refused)) if count > UNFOLDED_REASONS else table(refused)
    )


def gallery(illustrations: tuple[Illustration, ...]) -> str:
    """Return figures side by side where there is room, each with its numbers folded below."""
    made = lines(element("div", illustration(each)) for each in illustrations)
    return element("div", made, class_="figures") if made else ""


def illustration(each: Illustration) -> str:
    """Return a figure with its numbers folded below."""
    shown = figure(inline_svg(each.drawing), each.drawing.title, each.drawing.alt)
    return shown + folded("The numbers", table(each.numbers), kind="numbers")


def changed_images(grid: Grid) -> str:
    """Return the images that two runs differ on, folded: they matter to who looks for a reason."""
    return folded(grid.caption, table(grid))


def run_folds(content: Content) -> str:
    """Return each run's own figures; the errors of a single one already stand below the pictures."""
    runs = content.runs
    is_open = len(runs) <= UNFOLDED_RUNS
    shaded = len(runs) > 1 or content.sheet is None
    return lines(folded(run.name, run_figures(run, shaded), is_open, kind="run") for run in runs)


def run_figures(run: RunPart, shaded: bool) -> str:
    """Return one run's heat map if it is to be shaded, a table, and its reliability diagram if it is drawn."""
    shades = run.heat_map if shaded else None
    errors = ""
    if shades:
        caption = f"Error of {run.name} (%); all runs share the shades"
        errors = heat_table(shades.table, shades.highest, caption)
    shown = illustration(run.reliability) if run.reliability and run.drawn else ""
    if not run.drawn:
        return errors + element("p", NOT_DRAWN)
    both = lines(element("div", each) for each in (errors, shown) if each)
    return element("div", both, class_="figures")


def provenance(run: RunPart) -> str:
    """Return where one run came from and the command that repeats it."""
    entries = lines(
        element("dt", text(label)) + element("dd", text(value))
        for label, value in run.provenance.items()
    )
    command = (
        element("p", "To reproduce:")
        + element("pre", element("code", text(run.command)), tabindex="0")
        if run.command
        else element("p", "This run was started from Python; no command was recorded.")
    )
    return lines(
        [element("h3", text(run.name)), element("dl", entries, class_="provenance"), command]
    )


def page_footer() -> str:
    """Return the footer."""
    return element("footer", f"Written by robench {VERSION}. The same runs give the same report.")
