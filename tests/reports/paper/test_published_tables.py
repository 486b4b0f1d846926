"""The published tables alone, in every format: cell for cell those of ``baselines.published``, and the same text.

Write the golden texts anew, with the reason in the commit:  python -m tests.reports.paper.test_published_tables
"""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from baselines import published
from reports.formats import DOCUMENTS, json_rows, json_text
from reports.paper.paper import paper_article
from robench.errors import RobenchError
from robench.version import VERSION

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"html": "html", "markdown": "md", "latex": "tex", "csv": "csv", "json": "json"}
TABLES = {
    f"augmix_table{number}": published.load(f"augmix_table{number}") for number in range(1, 5)
}


def texts() -> dict[str, str]:
    """Return the tables in every format, without the drawings, the commands and the version."""
    article, rows = paper_article("augmix", [])
    rows = rows.drop(columns=["command", "reason"])
    made = {name: write(article) for name, write in DOCUMENTS.items()}
    sections = re.findall(r'<section id="section-[0-3]">.*?</section>', made["html"], re.DOTALL)
    made["html"] = "\n".join(sections) + "\n"
    made["csv"] = rows.to_csv(index=False, lineterminator="\n")
    made["json"] = json_text({"title": article.title, "rows": json_rows(rows)})
    return {name: text.replace(VERSION, "VERSION") for name, text in made.items()}


@pytest.fixture(scope="module")
def written():
    return texts()


def printed() -> list[str]:
    """Return every number of the four tables as the paper prints it, row by row."""
    numbers = []
    for name, table in TABLES.items():
        for row in table.to_dict("records"):
            for column, value in row.items():
                if not isinstance(value, str):
                    whole = name in ("augmix_table2", "augmix_table3") and column not in (
                        "clean_error",
                        "mce",
                        "mfr",
                    )
                    numbers.append(f"{value:.{0 if whole else 1}f}")
    return numbers


@pytest.mark.parametrize("name", SUFFIXES)
def test_the_text_is_the_golden_one(written, name):
    expected = (GOLDEN / f"published.{SUFFIXES[name]}").read_text(encoding="utf-8")
    assert written[name] == expected


def cells_of_markdown(text):
    rows = [line.split(" | ")[1:] for line in text.splitlines() if line.startswith("| ")]
    return [cell.strip(" |*") for row in rows for cell in row]


def cells_of_latex(text):
    rows = [line[:-3].split(" & ")[1:] for line in text.splitlines() if line.endswith(r" \\")]
    return [cell.removeprefix(r"\best ") for row in rows for cell in row]


def cells_of_html(text):
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text)
    return [re.sub(r"<span.*?</span>|<[^>]*>", "", cell) for cell in cells]


@pytest.mark.parametrize(
    ("name", "cells"),
    [("markdown", cells_of_markdown), ("latex", cells_of_latex), ("html", cells_of_html)],
)
def test_every_cell_is_the_papers(written, name, cells):
    found = [cell for cell in cells(written[name]) if re.fullmatch(r"\d+(\.\d)?", cell)]
    assert found == printed()


def test_the_files_of_numbers_hold_them_unrounded(written):
    rows = list(csv.DictReader(io.StringIO(written["csv"])))
    assert [float(row["published"]) for row in rows] == [float(each) for each in printed()]
    assert [row["published"] for row in json.loads(written["json"])["rows"]] == [
        float(each) for each in printed()
    ]
    assert all(row["measured"] == "" for row in rows)


def test_the_papers_best_are_bold(written):
    bold = re.findall(r"\\best (\S+)", written["latex"])
    lowest = TABLES["augmix_table1"].set_index(["dataset", "architecture"]).min(axis=1)
    assert bold[:10] == [f"{value:.1f}" for value in lowest]
    assert bold[-2:] == ["11.2", "35.9"]


def test_a_paper_without_published_tables_is_refused():
    with pytest.raises(RobenchError, match="no table of 'ipmix' is in baselines/published"):
        paper_article("ipmix", [])


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each, text in texts().items():
        (GOLDEN / f"published.{SUFFIXES[each]}").write_text(text, encoding="utf-8")
