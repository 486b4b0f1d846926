"""The pieces of the page: escaping, and what marks a best cell."""

import re

import pandas as pd

from reports.grid import Cell, Column, Grid, grid
from reports.page import html, latex, markdown

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


def test_rows_of_one_name_are_one_group_that_is_not_sorted():
    rows = ((Cell("1"),), (Cell("2"),), (Cell("3"),))
    shown = Grid("c", "x", (Column("k", "k", "text"),), ("a", "a", "b"), rows, grouped=True)
    written = html.table(shown, sortable=False)
    assert 'class="grouped"' in written
    assert written.count("<tbody>") == 2
    assert '<th scope="rowgroup" rowspan="2">a</th>' in written
    assert written.count('<th scope="rowgroup"') == 2


def test_latex_escapes_names_and_aligns_numbers():
    frame = pd.DataFrame({"x": [0.2, 0.1]}, index=[r"a_1 & 50% #2 $x^2$ {~} \input", "plain"])
    made = latex.table(grid(frame, [Column("x", "X")], "caption", mark_best=True))
    name = r"a\_1 \& 50\% \#2 \$x\textasciicircum{}2\$ \{\textasciitilde{}\} \textbackslash{}input"
    assert f"{name} & 20.0" in made
    assert r"plain & \best 10.0" in made
    assert "S[table-format=2.1]" in made


def test_latex_breaks_the_lines_of_long_texts_and_sets_marks_beside_numbers():
    words = "a sentence that is far too long for a column of a page, " * 6
    cells = (Cell(words), Cell("11.2", mark="\N{DAGGER}"), Cell(words))
    columns = (Column("a", "A", "text"), Column("b", "B"), Column("c", "C", "text"))
    made = latex.table(Grid("caption", "Run", columns, ("one",), (cells,)))
    widths = [int(each) for each in re.findall(r"p\{(\d+)mm\}", made)]
    assert len(widths) == 2
    assert sum(widths) < latex.LINE_MM
    assert r"11.2 {\rlap{\textsuperscript{\textdagger{}}}}" in made
    assert "S[table-format=2.1]" in made
    short = Grid("caption", "Run", columns[1:2], ("one",), (cells[1:2],))
    assert "mm}" not in latex.table(short)
