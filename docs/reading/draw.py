"""Draw the pictures of docs/reading_a_report.md: parts of the report of ``robench demo``, as Chromium shows them.

``python docs/reading/draw.py robench-demo`` writes the report of the demo's runs anew and photographs it. Needs
``chromium`` on the path.
"""

import argparse
import html
import json
import re
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from reports.report import write_report
from robench.demo import METHODS, SUITE

FOLDER = Path(__file__).parent
WIDTH_PX, HEIGHT_PX = 1260, 16_000  # of the window: all of the page at once
MARGIN_PX = 5
# Picture -> the elements of the page that it shows, from the first to the last.
PARTS = {
    "headline": ("header",),
    "summary": ("#summary h2", "#summary figure"),
    "conditions": ("#conditions h2", "#conditions .sheets > :nth-child(2)"),
    "severity": ("#severity h2", "#severity .figures"),
    "corruptions": ("#corruptions h2", "#corruptions .scroll"),
    "confidence": ("#probabilities h2", "#probabilities > .scroll"),
    "risk": ("#probabilities .figures > :last-child figure",),
    "classes": ("#classes h2", "#classes .scroll"),
    "images": ("#images h2", "#images tbody tr:nth-child(3)"),
    "run": ("#runs details:first-of-type table",),
    "reliability": ("#runs details:first-of-type figure",),
    "provenance": ("#provenance h2", "#provenance h3 ~ *"),
}
MEASURE = """<script>addEventListener("load", () => {
  document.querySelectorAll("#images details").forEach((folded) => { folded.open = true; });
  const box = (selector) => {
    const found = document.querySelector(selector);
    if (!found) return null;
    const it = found.getBoundingClientRect();
    return [it.left + scrollX, it.top + scrollY, it.right + scrollX, it.bottom + scrollY];
  };
  const boxes = Object.fromEntries(%s.map((selector) => [selector, box(selector)]));
  document.body.dataset.boxes = JSON.stringify(boxes);
});</script>"""


def main() -> None:
    """Write the report, photograph it, and cut the pictures out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("demo", type=Path, help="what `robench demo` wrote")
    demo = parser.parse_args().demo
    with tempfile.TemporaryDirectory() as temporary:
        page = write_report([demo / method / SUITE for method in METHODS], Path(temporary))
        photograph, boxes = photographed(page)
    for name, selectors in PARTS.items():
        cut = photograph.crop(around([boxes[selector] for selector in selectors]))
        trimmed(cut).save(FOLDER / f"{name}.webp", quality=85, method=6)


def photographed(page: Path) -> tuple[Image.Image, dict[str, list[float]]]:
    """Return the whole page as a picture, and selector -> left, top, right, bottom of every element that is shown."""
    selectors = sorted({each for part in PARTS.values() for each in part})
    script = MEASURE % json.dumps(selectors)
    page.write_text(page.read_text("utf-8").replace("</body>", f"{script}</body>"), "utf-8")
    shot = page.with_suffix(".png")
    document = chromium("--dump-dom", page)
    chromium(f"--screenshot={shot}", page)
    match = re.search(r'data-boxes="([^"]*)"', document)
    if match is None:
        raise RuntimeError("the page's script did not run")
    boxes: dict[str, list[float] | None] = json.loads(html.unescape(match[1]))
    missing = [selector for selector, box in boxes.items() if box is None]
    if missing:
        raise RuntimeError(f"the page has no {', '.join(missing)}")
    return Image.open(shot).convert("RGB"), {key: box for key, box in boxes.items() if box}


def chromium(action: str, page: Path) -> str:
    """Open the page in Chromium without a window; return what it prints."""
    size = f"--window-size={WIDTH_PX},{HEIGHT_PX}"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size]
    command = ["chromium", *flags, "--virtual-time-budget=3000", action, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def around(boxes: list[list[float]]) -> tuple[int, int, int, int]:
    """Return the box around all boxes, with a margin."""
    left, top = (int(min(box[side] for box in boxes)) - MARGIN_PX for side in (0, 1))
    right, bottom = (int(max(box[side] for box in boxes)) + MARGIN_PX for side in (2, 3))
    return max(left, 0), max(top, 0), min(right, WIDTH_PX), min(bottom, HEIGHT_PX)


def trimmed(picture: Image.Image) -> Image.Image:
    """Return a picture without what is empty on its right and below."""
    empty = Image.new("RGB", picture.size, picture.getpixel((picture.width - 1, 0)))
    filled = ImageChops.difference(picture, empty).getbbox()
    assert filled is not None
    right, bottom = (filled[side] + MARGIN_PX for side in (2, 3))
    return picture.crop((0, 0, min(right, picture.width), min(bottom, picture.height)))


if __name__ == "__main__":
    main()
