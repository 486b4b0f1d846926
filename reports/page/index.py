"""The index of a report as one HTML file that asks for nothing: a card for each page behind it."""

import math
from collections.abc import Sequence

from reports import style
from reports.grid import MISSING, as_text
from reports.index import Index, IndexLink, IndexPage, IndexRow, TrainingRow
from reports.page.document import notice, page, resource
from reports.page.element import element, lines, text

SHOWN_RUNS = 8  # of a page; the others are counted
WIDTH_PX, HEIGHT_PX, MARGIN_PX = 132, 16, 5  # of a run's picture
DOTS = "Best first. Filled dots are the number beside them with its 95% interval, hollow ones the clean error."
CURVE_PX = 30  # height of a training's


def index_html(index: Index) -> str:
    """Return the whole page."""
    cards = [
        *map(_card, index.pages),
        _trainings(index.trainings, index.training_href) if index.trainings else "",
        _links(index.links),
    ]
    body = [
        element("h1", text(index.title)),
        element("p", text(index.facts), class_="facts"),
        element("p", DOTS, class_="facts") if index.pages else "",
        notice("Not shown", index.left_out),
    ]
    main = [element("div", lines(cards), class_="cards"), _commands(index.commands)]
    colours = max([len(each.rows) for each in index.pages] + [len(index.trainings)], default=0)
    whole = lines([element("header", lines(body)), element("main", lines(main))])
    return page(index.title, whole, colours, resource("index.css"))


def _card(shown: IndexPage) -> str:
    rows = shown.rows[:SHOWN_RUNS]
    highest = _end_of_scale(shown.rows)
    texts = [as_text(row.value, "percent") for row in shown.rows]
    best = texts[0] if len(texts) > 1 and texts[0] != MISSING else None
    clean = [] if shown.heading.startswith("Clean") else ["Clean error (%)"]
    head = ["Run", f"0 to {100 * highest:.0f}%", shown.heading or "Error (%)", *clean, "Date"]
    body = []
    for row, value in zip(rows, texts, strict=False):
        number = element("strong", value) if value == best else value
        interval = _interval(row)
        cells = [
            element("th", _name(row.name, row.position, row.unfinished), scope="row"),
            element("td", _bar(row, highest, shown), class_="bar"),
            element("td", number + interval, class_="number"),
        ]
        if clean:
            cells.append(element("td", as_text(row.clean, "percent"), class_="number"))
        cells.append(element("td", text(row.date), class_="number date"))
        body.append(element("tr", "".join(cells)))
    link = element("a", text(shown.suite), href=shown.href)
    more = len(shown.rows) - len(rows)
    rest = element("p", element("a", f"and {more} more", href=shown.href)) if more > 0 else ""
    caption = f"{shown.suite}: {shown.protocol}"
    return element(
        "section",
        element("h2", link)
        + element("p", text(shown.protocol), class_="facts")
        + _table(caption, head, body)
        + rest,
        class_="card",
    )


def _table(caption: str, head: Sequence[str], body: Sequence[str]) -> str:
    kinds = ["", "bar", *["number"] * (len(head) - 3), "number date"]
    cells = [
        element("th", text(each), scope="col", class_=kind or None)
        for each, kind in zip(head, kinds, strict=True)
    ]
    inner = element("caption", text(caption), class_="unseen")
    inner += element("thead", element("tr", "".join(cells), class_="headings"))
    inner += element("tbody", lines(body))
    table = element("table", inner)
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _name(name: str, position: int, below: str) -> str:
    swatch = element("span", class_=f"swatch run-{position}", aria_hidden="true")
    return swatch + text(name) + (element("span", text(below), class_="interval") if below else "")


def _interval(row: IndexRow) -> str:
    if math.isnan(row.low) or math.isnan(row.high):
        return ""
    ends = f"{as_text(row.low, 'percent')} to {as_text(row.high, 'percent')}"
    return element("span", ends, class_="interval")


def _end_of_scale(rows: Sequence[IndexRow]) -> float:
    """Return where the pictures' axis ends: the highest number, rounded up to a tenth."""
    found = [each for row in rows for each in (row.value, row.high, row.clean)]
    highest = max((each for each in found if not math.isnan(each)), default=1.0)
    return max(0.1, math.ceil(round(10 * highest, 9)) / 10)


def _bar(row: IndexRow, highest: float, shown: IndexPage) -> str:
    """Return a run's headline number as a filled dot with its interval; a hollow one is the clean error."""
    if math.isnan(row.value):
        return ""
    colour = f"var(--run-{row.position % len(style.HUES)})"
    middle = HEIGHT_PX / 2

    def at(value: float) -> str:
        return f"{MARGIN_PX + (WIDTH_PX - 2 * MARGIN_PX) * value / highest:.1f}"

    begins = row.clean if shown.adds_to_clean and not math.isnan(row.clean) else 0.0
    shapes = [
        _line(at(0), at(highest), middle, "var(--grid)", 1),
        _line(at(begins), at(row.value), middle, colour, 2),
    ]
    if not math.isnan(row.low) and not math.isnan(row.high):
        shapes.append(_line(at(row.low), at(row.high), middle, colour, 6, opacity="0.35"))
    if begins:
        hollow = {"fill": "var(--paper)", "stroke": colour, "stroke_width": "1.5"}
        shapes.append(element("circle", cx=at(begins), cy=f"{middle:g}", r="3.2", **hollow))
    shapes.append(element("circle", cx=at(row.value), cy=f"{middle:g}", r="3.7", fill=colour))
    said = f"{row.name}: {shown.heading} {as_text(row.value, 'percent')}"
    return _svg("".join(shapes), HEIGHT_PX, said)


def _line(
    start: str, end: str, height: float, colour: str, width: float, opacity: str | None = None
) -> str:
    y = f"{height:g}"
    return element(
        "line", x1=start, x2=end, y1=y, y2=y, stroke=colour, stroke_width=f"{width:g}", opacity=opacity
    )  # fmt: skip


def _svg(inner: str, height: int, said: str) -> str:
    return element(
        "svg", inner, viewBox=f"0 0 {WIDTH_PX} {height}", width=str(WIDTH_PX), height=str(height),
        role="img", aria_label=said,
    )  # fmt: skip


def _trainings(rows: Sequence[TrainingRow], href: str) -> str:
    errors = [each for row in rows for each in row.errors if not math.isnan(each)]
    highest = max(0.1, math.ceil(round(10 * max(errors, default=1.0), 9)) / 10)
    body = []
    for row in rows[:SHOWN_RUNS]:
        last = row.errors[-1] if row.errors else math.nan
        cells = [
            element("th", _name(row.name, row.position, row.what), scope="row"),
            element("td", _curve(row, highest), class_="bar"),
            element("td", as_text(last, "percent"), class_="number"),
            element("td", text(row.epochs), class_="number"),
            element("td", text(row.date), class_="number date"),
        ]
        body.append(element("tr", "".join(cells)))
    more = len(rows) - SHOWN_RUNS
    rest = element("p", element("a", f"and {more} more", href=href)) if more > 0 else ""
    head = ["Run", f"0 to {100 * highest:.0f}%", "Clean test error (%)", "Epochs", "Date"]
    title = element("h2", element("a", "Training", href=href))
    words = element("p", "Curves of loss and error, and the recipes", class_="facts")
    return element(
        "section", title + words + _table("Training runs", head, body) + rest, class_="card"
    )


def _curve(row: TrainingRow, highest: float) -> str:
    """Return the test error after each epoch as a small curve from 0 to ``highest``."""
    last = max(1, len(row.errors) - 1)
    points = [
        f"{MARGIN_PX + (WIDTH_PX - 2 * MARGIN_PX) * number / last:.1f},"
        f"{2 + (CURVE_PX - 4) * (1 - error / highest):.1f}"
        for number, error in enumerate(row.errors)
        if not math.isnan(error)
    ]
    colour = f"var(--run-{row.position % len(style.HUES)})"
    line = element(
        "polyline", points=" ".join(points), fill="none", stroke=colour, stroke_width="1.6"
    )
    base = _line(f"{MARGIN_PX}", f"{WIDTH_PX - MARGIN_PX}", CURVE_PX - 2, "var(--grid)", 1)
    return _svg(base + line, CURVE_PX, f"{row.name}: test error after each epoch")


def _links(links: Sequence[IndexLink]) -> str:
    made = [
        element("dt", element("a", text(each.title), href=each.href))
        + element("dd", text(" ".join([f"{each.facts}.", *each.notes])))
        for each in links
    ]
    if not made:
        return ""
    return element("section", element("h2", "Tables") + element("dl", lines(made)), class_="card")


def _commands(commands: Sequence[tuple[str, str]]) -> str:
    made = [
        element("dt", text(purpose)) + element("dd", element("pre", element("code", text(line)), tabindex="0"))
        for purpose, line in commands
    ]  # fmt: skip
    if not made:
        return ""
    heading = element("h2", "What to type next")
    return element("section", heading + element("dl", lines(made), class_="next"), class_="next")
