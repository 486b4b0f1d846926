"""HTML elements as escaped strings."""

import html
from collections.abc import Iterable


def element(tag: str, content: str = "", **attributes: str | bool | None) -> str:
    """Return ``<tag ...>content</tag>``; the content is HTML already, attribute values are escaped here.

    A trailing underscore of an attribute's name is dropped (``class_``) and inner ones become hyphens; True writes
    the bare name, False and None leave it out.
    """
    written = []
    for name, value in attributes.items():
        name = name.rstrip("_").replace("_", "-")
        if value is True:
            written.append(f" {name}")
        elif value not in (None, False):
            written.append(f' {name}="{html.escape(str(value))}"')
    return f"<{tag}{''.join(written)}>{content}</{tag}>"


def text(content: object) -> str:
    """Return text with HTML's specials escaped."""
    return html.escape(str(content))


def lines(parts: Iterable[str]) -> str:
    """Join elements, one a line."""
    return "\n".join(part for part in parts if part)
