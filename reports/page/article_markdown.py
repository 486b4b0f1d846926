"""An article as GitHub Markdown, its figures beside it."""

from reports.article import Article, Command, Section
from reports.page.markdown import escaped, fenced, picture, table
from robench.version import VERSION


def markdown_article(article: Article) -> str:
    """Return the whole report; pictures are ``figures/<stem>.png``."""
    blocks = [f"# {escaped(article.title)}", escaped(article.facts)]
    for section in article.sections:
        blocks += _section(section)
    blocks.append(f"Written by robench {VERSION}. The same input gives the same report.")
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> list[str]:
    blocks = [f"## {escaped(section.heading)}", *map(escaped, section.paragraphs)]
    blocks += map(table, section.grids)
    blocks += [picture(each.stem, each.alt, each.title) for each in section.drawings]
    if section.notes:
        blocks.append("\n".join(f"- {escaped(each)}" for each in section.notes))
    for command in section.commands:
        blocks += _command(command)
    return blocks + [fenced(each) for each in section.code]


def _command(command: Command) -> list[str]:
    words = escaped(f"[{command.number}] {command.purpose}")
    if command.line is None:
        return [f"{words}: {escaped(command.reason)}"]
    return [words, fenced(command.line)]
