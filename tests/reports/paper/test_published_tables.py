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
    "augmix": [f"augmix_table{number}" for number in range(1, 5)],
    "ipmix": ["ipmix_networks", "ipmix_methods"],
}


def texts(paper: str) -> dict[str, str]:
    """Return the tables in every format, without the drawings, the commands and the version."""
    article, rows = paper_article(paper, [])
    rows = rows.drop(columns=["command", "reason"])
    made = {name: write(article) for name, write in DOCUMENTS.items()}
    sections = re.findall(r'<section id="section-[0-3]">.*?</section>', made["html"], re.DOTALL)
    made["html"] = "\n".join(sections) + "\n"
    made["csv"] = rows.to_csv(index=False, lineterminator="\n")
    made["json"] = json_text({"title": article.title, "rows": json_rows(rows)})
    return {name: text.replace(VERSION, "VERSION") for name, text in made.items()}


@pytest.fixture(scope="module", params=TABLES)
def paper(request):
    return request.param


@pytest.fixture(scope="module")
def written(paper):
    return texts(paper)


def printed(paper: str) -> list[str]:
    """Return every number of a paper's tables as the paper prints it, row by row."""
    numbers = []
    for name in TABLES[paper]:
        for row in published.load(name).to_dict("records"):
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
def test_the_text_is_the_golden_one(paper, written, name):
    expected = (GOLDEN / f"{paper}.{SUFFIXES[name]}").read_text(encoding="utf-8")
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
def test_every_cell_is_the_papers(paper, written, name, cells):
    found = [cell for cell in cells(written[name]) if re.fullmatch(r"\d+(\.\d)?", cell)]
    assert found == printed(paper)


def test_the_files_of_numbers_hold_them_unrounded(paper, written):
    rows = list(csv.DictReader(io.StringIO(written["csv"])))
    known = [float(row["published"]) for row in rows if row["published"]]
    assert known == [float(each) for each in printed(paper)]
    objects = [row["published"] for row in json.loads(written["json"])["rows"]]
    assert [each for each in objects if each is not None] == known
    assert all(row["measured"] == "" for row in rows)


def test_the_augmix_papers_best_are_bold():
    bold = re.findall(r"\\best (\S+)", texts("augmix")["latex"])
    table = published.load("augmix_table1").set_index(["dataset", "architecture"])
    assert bold[:10] == [f"{value:.1f}" for value in table.min(axis=1)]
    assert bold[-2:] == ["11.2", "35.9"]


def test_ipmix_is_the_best_of_its_methods():
    section = paper_article("ipmix", [])[0].sections[1]
    (grid,) = section.grids
    assert [cell.best for cell in grid.rows[-1]] == [True, True]
    assert grid.names[-1] == "IPMix"
    assert not any(cell.best for row in grid.rows[:-1] for cell in row)


def test_two_sources_of_ipmixs_numbers_agree():
    """The transcription and the authors' figure both hold WideResNet-28-10 on CIFAR-100."""
    networks = published.load("ipmix_networks").set_index(["dataset", "architecture"])
    methods = published.load("ipmix_methods").set_index("method")
    both = ["clean_error", "mean_corruption_error"]
    assert list(networks.loc[("cifar-100", "wrn-28-10"), both]) == list(methods.loc["ipmix", both])


def test_what_is_not_known_is_said():
    article, _ = paper_article("ipmix", [])
    (left_out,) = [note for note in article.sections[-1].notes if note.startswith("Compared in")]
    assert "ImageNet; Anomaly detection" in left_out
    assert {each.heading for each in article.sections[:-1]} == {
        "Safety measures on CIFAR",
        "Accuracy and robustness of every method",
    }


def test_a_paper_without_published_tables_is_refused():
    with pytest.raises(RobenchError, match="no table of 'pixmix' is in baselines/published"):
        paper_article("pixmix", [])


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for title in TABLES:
        for each, text in texts(title).items():
            (GOLDEN / f"{title}.{SUFFIXES[each]}").write_text(text, encoding="utf-8")
