"""How an article and its tidy rows become files, in the formats that a report can be written in."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from reports.article import Article
from reports.figures.drawing import picture_files
from reports.folder import SUFFIXES, ReportFolder, check_formats, report_folder
from reports.page.article_html import html_article
from reports.page.article_markdown import markdown_article
from reports.page.latex import latex_article
from reports.page.markdown import FIGURES
from robench.version import VERSION

DOCUMENTS: dict[str, Callable[[Article], str]] = {
    "html": html_article,
    "markdown": markdown_article,
    "latex": latex_article,
}


def write_article(
    article: Article, rows: pd.DataFrame, out: Path, name: str, formats: Sequence[str]
) -> Path:
    """Write ``out/<name>.<suffix>`` in each format, and the figures beside them; return the first one's path.

    ``rows`` are the tidy numbers, unrounded, of the CSV and JSON. The same article always gives the same bytes. Raises
    RobenchError for an unknown format and a folder that cannot be written.
    """
    chosen = check_formats(formats)
    with report_folder(out, name) as folder:
        return put_article(article, rows, folder, name, chosen)


def put_article(
    article: Article, rows: pd.DataFrame, folder: ReportFolder, name: str, formats: Sequence[str]
) -> Path:
    """Write an article into a folder that is open; see ``write_article``."""
    for drawing in article.drawings:
        for file, content in picture_files(drawing).items():
            folder.write(f"{FIGURES}/{file}", content)
    paths = [
        folder.write(f"{name}.{SUFFIXES[each]}", _text(each, article, rows).encode())
        for each in formats
    ]
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
