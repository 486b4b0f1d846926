"""The formats a report can be written in, and how an article and its tidy rows become files."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from reports.article import Article
from reports.figures.drawing import write_bytes, write_drawing
from reports.folder import make_folder
from reports.page.article_html import html_article
from reports.page.article_markdown import markdown_article
from reports.page.latex import latex_article
from reports.page.markdown import FIGURES
from robench.errors import RobenchError
from robench.version import VERSION

SUFFIXES = {"html": "html", "markdown": "md", "latex": "tex", "csv": "csv", "json": "json"}
DOCUMENTS: dict[str, Callable[[Article], str]] = {
    "html": html_article,
    "markdown": markdown_article,
    "latex": latex_article,
}


def check_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats that were asked for, all when none was, each once; raise RobenchError for an unknown one."""
    chosen = tuple(dict.fromkeys(formats)) or tuple(SUFFIXES)
    for name in chosen:
        if name not in SUFFIXES:
            raise RobenchError(f"no format {name!r}; known: {', '.join(SUFFIXES)}")
    return chosen


def write_article(
    article: Article, rows: pd.DataFrame, out: Path, name: str, formats: Sequence[str]
) -> Path:
    """Write ``out/<name>.<suffix>`` in each format, and the figures beside them; return the first one's path.

    ``rows`` are the tidy numbers, unrounded, of the CSV and JSON. The same article always gives the same bytes. Raises
    RobenchError for an unknown format and a folder that cannot be written.
    """
    chosen = check_formats(formats)
    make_folder(out / FIGURES if article.drawings else out)
    for drawing in article.drawings:
        write_drawing(drawing, out / FIGURES)
    paths = []
    for each in chosen:
        paths.append(out / f"{name}.{SUFFIXES[each]}")
        write_bytes(paths[-1], _text(each, article, rows).encode())
    return paths[0]


def _text(name: str, article: Article, rows: pd.DataFrame) -> str:
    if name == "csv":
        return rows.to_csv(index=False, lineterminator="\n")
    if name == "json":
        return json_text({"title": article.title, "facts": article.facts, "rows": json_rows(rows)})
    return DOCUMENTS[name](article)


def json_text(content: dict[str, object]) -> str:
    """Return JSON with the version that wrote it, readable by people; numbers are unrounded."""
    whole = {"robench": VERSION, **content}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def json_rows(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Return a table as a list of objects; what is missing is null."""
    plain = rows.astype(object).replace({np.nan: None})
    return plain.where(rows.notna(), None).to_dict("records")  # type: ignore[return-value]
