"""An article as one HTML file that asks for nothing."""

from reports.article import Article, Command, Section
from reports.figures.drawing import inline_svg
from reports.page.document import page
from reports.page.element import element, lines, text
from reports.page.html import figure, folded, table

UNFOLDED_COMMANDS = 4


def html_article(article: Article) -> str:
    """Return the whole page."""
    links = [
        element("li", element("a", text(section.heading), href=f"#section-{number}"))
        for number, section in enumerate(article.sections)
    ]
    nav = element("nav", element("ul", lines(links)), aria_label="Contents")
    facts = element("p", text(article.facts), class_="facts")
    header = element("header", lines([element("h1", text(article.title)), facts, nav]))
    parts = [
        element("section", _section(each), id=f"section-{number}")
        for number, each in enumerate(article.sections)
    ]
    return page(article.title, lines([header, element("main", lines(parts))]))


def _section(section: Section) -> str:
    figures = [
        element("div", figure(inline_svg(each), each.title, each.alt)) for each in section.drawings
    ]
    return lines(
        [
            element("h2", text(section.heading)),
            *(element("p", text(words)) for words in section.paragraphs),
            *(table(each, sortable=not each.grouped) for each in section.grids),
            element("div", lines(figures), class_="figures") if figures else "",
            element("ul", lines(element("li", text(each)) for each in section.notes))
            if section.notes
            else "",
            _commands(section.commands),
            *(_code(each) for each in section.code),
        ]
    )


def _commands(commands: tuple[Command, ...]) -> str:
    if not commands:
        return ""
    entries = [
        element("p", text(f"[{each.number}] {each.purpose}" + _why(each)))
        + (_code(each.line) if each.line else "")
        for each in commands
    ]
    return folded(
        f"What would fill the {len(commands)} gaps"
        if len(commands) > 1
        else "What would fill the gap",
        lines(entries),
        is_open=len(commands) <= UNFOLDED_COMMANDS,
    )


def _why(command: Command) -> str:
    return "" if command.line else f": {command.reason}"


def _code(line: str) -> str:
    return element("pre", element("code", text(line)), tabindex="0")
