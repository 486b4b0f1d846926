"""The page as a browser shows it: it complains of nothing, asks for nothing, sorts, prints, and can be read by all."""

import base64
import importlib.util
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reports.overview import write_overview
from tests.reports.browser import Browser, executable

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium is installed")
ERRORS = """
[...document.querySelectorAll("#summary tbody tr")].map(row => Number(row.cells[2].dataset.value))
"""
HEADING = 'document.querySelectorAll("#summary .headings button")[2]'


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture
def page(browser, report) -> Browser:
    """The report of three runs, opened afresh."""
    browser.look()
    browser.open(report / "report.html")
    return browser


def test_it_complains_of_nothing_and_asks_for_nothing(page, report):
    assert page.complaints == []
    outside = [each for each in page.requests if not each.startswith("data:image/")]
    assert outside == [(report / "report.html").as_uri()]


def test_a_complaint_and_a_request_would_be_noticed(browser, tmp_path):
    made = tmp_path / "bad.html"
    made.write_text('<img src="missing.png"><script>console.error("no"); nothing()</script>')
    browser.open(made)
    assert len(browser.complaints) >= 2
    assert any(each.endswith("missing.png") for each in browser.requests)


def test_every_picture_is_shown(page):
    shown = page.run("[...document.images].map(each => each.naturalWidth)")
    assert len(shown) == 76
    assert set(shown) == {32}


def test_a_click_sorts_and_another_turns_the_order(page):
    page.run(f'{HEADING}.scrollIntoView({{block: "center"}})')
    box = page.run(f"{HEADING}.getBoundingClientRect().toJSON()")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.click(*middle)
    ascending = page.run(ERRORS)
    assert ascending == sorted(ascending)
    assert page.run(f"{HEADING}.parentElement.ariaSort") == "ascending"
    page.click(*middle)
    assert page.run(ERRORS) == ascending[::-1]
    assert page.run(f"{HEADING}.parentElement.ariaSort") == "descending"


@pytest.mark.parametrize("key", ["Enter", " "])
def test_the_keyboard_sorts(page, key):
    page.run(f"{HEADING}.focus()")
    page.press(key)
    found = page.run(ERRORS)
    assert found == sorted(found)
    assert page.run(f"{HEADING}.parentElement.ariaSort") == "ascending"


def test_tab_reaches_links_tables_and_headings(page):
    reached = []
    for _ in range(20):
        page.press("Tab")
        reached.append(page.run("document.activeElement.closest('a, .scroll, button').tagName"))
    assert set(reached) >= {"A", "DIV", "BUTTON"}


@pytest.fixture(scope="module", params=["report", "index"])
def shown(request, report, runs, tmp_path_factory) -> Path:
    """The report of three runs, and the index of everything, with a training and what cannot be shown."""
    if request.param == "report":
        return report / "report.html"
    root = tmp_path_factory.mktemp("index")
    shutil.copytree(runs[0].parent, root / "runs")
    shutil.copytree(ROOT / "results/trained/augmix-0", root / "runs/a-training")
    (root / "runs/broken").mkdir()
    (root / "runs/broken/run.json").write_text("{")
    return write_overview([root / "runs"], root / "report", formats=("html",)).page


@pytest.mark.parametrize("width_px", [390, 768, 1280])
def test_the_page_does_not_scroll_sideways(browser, shown, width_px):
    browser.look(width_px=width_px)
    browser.open(shown)
    assert browser.complaints == []
    assert browser.run("document.documentElement.scrollWidth") <= width_px


def test_it_reads_without_scripts(browser, report):
    browser.look()
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(report / "report.html")
    picture = browser.send("Page.captureScreenshot", format="png")["data"]
    browser.send("Emulation.setScriptExecutionDisabled", value=False)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("L"))
    assert (pixels < 128).mean() > 0.005  # there is something to read


def test_it_prints_unfolded_and_light(page):
    pdf = base64.b64decode(page.send("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 50_000
    assert page.run('document.querySelectorAll("details:not(.numbers):not([open])").length') == 0
    page.look(dark=True, media="print")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(254, 254, 254)"


@pytest.mark.parametrize(("dark", "width_px"), [(False, 1280), (True, 1280), (False, 390)])
def test_axe_finds_nothing_serious(browser, shown, dark, width_px):
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core-python is not installed")
    browser.look(dark=dark, width_px=width_px)
    browser.open(shown)
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; }); 0")
    browser.run(Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8") + "; 0")
    told = browser.run("axe.run().then(found => found.violations)")
    serious = [
        (each["id"], each["impact"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in told
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
