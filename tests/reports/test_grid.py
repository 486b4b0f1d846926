"""How numbers read: rounding, intervals, the mark on the best."""

import pandas as pd
import pytest

from reports.grid import MISSING, Column, as_text, grid

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.1234, "percent", "12.3"),
        (0.125 / 100, "percent", "0.1"),
        (0.99951, "percent", "100.0"),
        (1.234, "percent", "123.4"),
        (0.41236, "number", "0.412"),
        (10000.0, "count", "10,000"),
        (NAN, "percent", MISSING),
        (NAN, "count", MISSING),
    ],
)
def test_numbers_read(value, unit, text):
    assert as_text(value, unit) == text


def table(values, mark_best=True, **more):
    names = [f"run {number}" for number in range(len(values))]
    frame = pd.DataFrame({"x": values, **more}, index=names)
    return grid(frame, [Column("x", "X")], "caption", mark_best=mark_best)


def best(values) -> list[bool]:
    return [row[0].best for row in table(values).rows]


def test_the_lowest_is_best():
    assert best([0.3, 0.1, NAN, 0.2]) == [False, True, False, False]


def test_what_reads_the_same_is_equally_good():
    assert best([0.1004, 0.0996, 0.101]) == [True, True, False]


def test_one_number_is_not_the_best_of_anything():
    assert best([0.1]) == [False]
    assert best([0.1, NAN]) == [False, False]
    assert best([NAN, NAN]) == [False, False]


def test_nothing_is_marked_unless_asked():
    assert not table([0.1, 0.2], mark_best=False).marks_best


def test_intervals():
    rows = table([0.1, 0.2], x_low=[0.09, NAN], x_high=[0.113, NAN]).rows
    assert [row[0].interval for row in rows] == ["9.0 to 11.3", ""]


def test_sorting_uses_the_unrounded_number():
    assert table([0.12345, 0.2]).rows[0][0].value == 0.12345
