"""The whole report: what is written, that it is the same every time, and that the page loads nothing."""

import csv
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from reports import run_parts
from reports.report import write_report
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import score
from tests.reports.conftest import SPECIAL
from tests.reports.synthetic import INFO, write_run

LOADING = {"src", "srcset", "data", "poster", "action", "background"}


class Elements(HTMLParser):
    """Collects (tag, attributes) and the nesting of a page."""

    VOID = ("meta", "link", "img", "br", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page(report) -> str:
    return (report / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def elements(page) -> Elements:
    parser = Elements()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_every_file_is_there(report):
    stems = {path.stem for path in (report / "figures").iterdir()}
    assert stems == {
        "summary",
        "error-by-severity",
        "calibration-by-severity",
        "risk-coverage-clean",
        "risk-coverage-corrupted",
        "against-published",
        "corruptions",
        *(
            f"{kind}-{run}"
            for kind in ("heat-map", "reliability")
            for run in ("01-standard", "02-augmix", "03-cutout-b-x-b-y-z")
        ),
    }
    for stem in stems - {"corruptions"}:
        for suffix in ("png", "svg", "csv"):
            assert (report / "figures" / f"{stem}.{suffix}").stat().st_size > 0
    assert (report / "report.md").exists()


def test_the_same_runs_give_the_same_bytes(runs, report, tmp_path):
    again = write_report(runs, tmp_path / "again").parent
    first = {path.relative_to(report): path for path in report.rglob("*") if path.is_file()}
    second = {path.relative_to(again): path for path in again.rglob("*") if path.is_file()}
    assert first.keys() == second.keys()
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name


def test_the_page_loads_nothing(page, elements):
    for tag, attributes in elements.found:
        assert tag not in ("link", "iframe", "object", "embed", "image", "base"), tag
        loads = {attributes[name] for name in LOADING & attributes.keys()}
        assert all(each.startswith("data:image/") for each in loads), (tag, attributes)
        for name in ("href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))
    assert "default-src 'none'" in page


def test_the_page_is_small(page):
    assert len(page.encode()) < 2_000_000


def test_ids_are_unique_and_references_lead_somewhere(page, elements):
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for _, a in elements.found if a.get("href")}
    wanted |= {target[1:] for target in re.findall(r"url\(([^)]*)\)", page)}
    assert wanted <= set(ids)


def test_names_are_escaped(page, elements, report):
    assert SPECIAL not in page
    assert SPECIAL in elements.text
    assert not any(tag == "b" for tag, _ in elements.found)
    markdown = (report / "report.md").read_text(encoding="utf-8")
    assert "<b>" not in markdown
    assert r"\| \*y\* \$z\$" in markdown


def test_tables_are_accessible(elements):
    tags = [tag for tag, _ in elements.found]
    assert tags.count("caption") == tags.count("table") > 5
    for tag, attributes in elements.found:
        if tag == "th":
            assert attributes["scope"] in ("col", "row", "colgroup", "rowgroup")
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]


def test_csv_holds_every_score_at_full_precision(runs, report):
    with (report / "report.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    expected = pd.concat([score(open_run(path)).table for path in runs], ignore_index=True)
    assert list(dict.fromkeys(row["run"] for row in written)) == ["standard", "augmix", SPECIAL]
    assert [float(row["value"]) for row in written] == list(expected["value"])


def test_provenance_and_command_are_there(elements, report):
    for text in (elements.text, (report / "report.md").read_text(encoding="utf-8")):
        assert "ab" * 32 in text
        assert "robench eval --model 'checkpoints/a model.pt' --suite cifar-10-c" in text


def test_an_unfinished_run_refuses_its_means(runs, tmp_path):
    some = ["clean", *(f"fog-{severity}" for severity in range(1, 6)), "snow-1"]
    partial = write_run(tmp_path / "partial", "partial", conditions=some)
    text = write_report([partial, runs[0]], tmp_path / "out").with_suffix(".md").read_text()
    assert "## Refused scores" in text
    assert "| partial | mean at severity 1 | 13 of 15 corruptions missing" in text
    assert "mean\\_uce" in text
    assert "risk against coverage on corrupted images, worst classes under corruption" in text


def test_a_run_with_clean_images_only(tmp_path):
    run = write_run(tmp_path / "run", conditions=["clean"])
    page = write_report([run], tmp_path / "out")
    assert "Error by corruption" not in page.read_text(encoding="utf-8")
    assert [path.name for path in sorted((tmp_path / "out/figures").glob("*.png"))] == [
        "reliability-01-standard.png",
        "risk-coverage-clean.png",
    ]


def test_mixed_runs_are_marked_and_none_is_best(runs, tmp_path):
    other = write_run(tmp_path / "digits", "digits", suite="digits-c")
    page = write_report([runs[0], other], tmp_path / "out", mixed=True).read_text(encoding="utf-8")
    assert "Not one protocol" in page
    assert "differ in their suite" in page
    assert "(best)" not in page


def test_many_runs(tmp_path):
    names = [f"ResNeXt-29 trained with method {number}" for number in range(8)]
    few = [name for name in INFO["conditions"] if name.startswith(("clean", "fog"))]
    paths = [
        write_run(tmp_path / str(number), name, records_seed=number, conditions=few)
        for number, name in enumerate(names)
    ]
    page = write_report(paths, tmp_path / "out").read_text(encoding="utf-8")
    assert page.count('<details class="run">') == 8  # folded, so that the page stays short
    assert all(name in page for name in names)


def test_runs_of_many_have_no_figures_of_their_own(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(run_parts, "DRAWN_RUNS", 1)
    page = write_report(runs[:2], tmp_path / "out", formats=("html", "markdown"))
    stems = {path.stem for path in (tmp_path / "out" / "figures").iterdir()}
    assert "summary" in stems
    assert not any(stem.startswith(("heat-map", "reliability")) for stem in stems)
    for text in (page.read_text(encoding="utf-8"), page.with_suffix(".md").read_text()):
        assert text.count(run_parts.NOT_DRAWN) == 2


def test_an_output_folder_that_cannot_be_written(runs, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "figures").write_text("")
    for out in (tmp_path / "file" / "report", tmp_path / "out"):
        with pytest.raises(RobenchError, match="cannot write"):
            write_report(runs, out)
