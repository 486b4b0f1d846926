"""The pieces of the page: escaping, and what marks a best cell."""

import pandas as pd

from reports.grid import Column, grid
from reports.page import html, markdown

NASTY = '<script>alert("&")</script>'
COLUMNS = [Column("x", "X", group="<g>", meaning='"why"'), Column("w", "Words", "text")]


def nasty_grid():
    frame = pd.DataFrame({"x": [0.2, 0.1], "w": [NASTY, "a|b"]}, index=[NASTY, "plain"])
    return grid(frame, COLUMNS, f"caption {NASTY}", mark_best=True)


def test_html_escapes_text_and_attributes():
    made = html.table(nasty_grid(), looks=True)
    assert "<script>" not in made
    assert "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;" in made
    assert 'title="&quot;why&quot;"' in made
    assert "&lt;g&gt;" in made


def test_the_best_is_marked_for_eyes_and_ears():
    made = html.table(nasty_grid())
    assert '<strong>10.0</strong><span class="unseen"> (best)</span>' in made
    assert made.count("(best)") == 1


def test_cells_carry_the_number_to_sort_by():
    assert 'data-value="0.1"' in html.table(nasty_grid())


def test_attributes_that_are_off_are_left_out():
    assert html.element("p", class_=None, open=False, hidden=True) == "<p hidden></p>"


def test_markdown_escapes():
    made = markdown.table(nasty_grid())
    assert "<script>" not in made
    assert r"a\|b" in made
    assert "**10.0**" in made
    assert len({line.count(" | ") for line in made.splitlines() if line.startswith("|")}) == 1


def test_markdown_keeps_a_name_on_its_line():
    assert markdown.escaped("a\nb # `c` [d](e)") == r"a b \# \`c\` \[d\](e)"
