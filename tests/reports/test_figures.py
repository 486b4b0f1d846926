"""What is drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports.figures.drawing import Drawing, inline_svg
from reports.figures.heat_map import heat_map, number_colour
from reports.figures.reliability import reliability_diagram
from reports.figures.severity import calibration_against_severity, error_against_severity
from reports.figures.summary import clean_and_corrupted
from reports.style import HUES, PAPER, look

NAN = float("nan")
BY_SEVERITY = pd.DataFrame(
    [
        (run, severity, error, error - 0.01, error + 0.01, error / 2, 100)
        for run, errors in (("a", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), ("b", [0.2, 0.3, NAN]))
        for severity, error in enumerate(errors)
        if not np.isnan(error)
    ],
    columns=[
        "run",
        "severity",
        "error",
        "error_low",
        "error_high",
        "rms_calibration_error",
        "n",
    ],
)


@pytest.fixture
def axes():
    return Figure().subplots()


def test_error_against_severity(axes):
    assert error_against_severity(BY_SEVERITY, axes) is axes
    first, second = axes.get_lines()
    assert list(first.get_xdata()) == [0, 1, 2, 3, 4, 5]
    assert list(first.get_ydata()) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    np.testing.assert_equal(second.get_ydata(), [0.2, 0.3, NAN, NAN, NAN, NAN])
    assert [line.get_label() for line in axes.get_lines()] == ["a", "b"]
    assert [line.get_color() for line in axes.get_lines()] == list(HUES[:2])
    assert axes.get_ylabel() == "Mean error over the corruptions (%)"
    assert axes.get_xticklabels()[0].get_text() == "clean"


def test_the_band_is_the_interval(axes):
    error_against_severity(BY_SEVERITY, axes)
    band = axes.collections[0].get_paths()[0].get_extents()
    assert (band.ymin, band.ymax) == pytest.approx((0.09, 0.61))


def test_calibration_has_no_band(axes):
    calibration_against_severity(BY_SEVERITY, axes)
    assert list(axes.get_lines()[0].get_ydata()) == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    assert len(axes.collections) == 0


def test_fractions_read_in_percent(axes):
    error_against_severity(BY_SEVERITY, axes)
    label = axes.yaxis.get_major_formatter()
    assert [label(value, 0) for value in (0.3, 0.125, 0.0)] == ["30", "12.5", "0"]


def test_heat_map(axes):
    data = pd.DataFrame([[0.1, 0.553], [NAN, 0.2]], index=["shot_noise", "fog"], columns=[1, 2])
    heat_map(data, axes, highest=0.6)
    cells = axes.collections[0].get_array()
    np.testing.assert_equal(np.ma.filled(cells, NAN), data.to_numpy())
    texts = [text.get_text() for text in axes.texts]
    assert texts[:4] == ["10.0", "55.3", "—", "20.0"]
    assert texts[4:] == ["noise", "weather"]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["Shot noise", "Fog"]
    assert axes.collections[0].get_clim() == (0, 0.6)
    assert axes.yaxis_inverted()


def test_numbers_stand_out_from_their_shade():
    assert number_colour((1.0, 1.0, 0.6)) == "#000000"
    assert number_colour((0.0, 0.1, 0.3)) == "#ffffff"


def test_reliability_diagram(axes):
    data = pd.DataFrame(
        [
            ("clean", 0.0, 0.5, 0.4, 0.5, 0.3, 0.7, 10),
            ("corrupted", 0.5, 1.0, 0.9, 0.6, 0.5, 0.7, 30),
        ],
        columns=["images", "bin_low", "bin_high", "confidence", "accuracy", "low", "high", "n"],
    )
    reliability_diagram(data, axes)
    diagonal, clean, corrupted = axes.get_lines()
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert (list(clean.get_xdata()), list(clean.get_ydata())) == ([0.4], [0.5])
    assert clean.get_label() == "clean (n = 10)"
    assert corrupted.get_label() == "corrupted (n = 30)"
    bars = axes.collections[0].get_segments()
    assert bars[0][:, 1].tolist() == [0.3, 0.7]


def test_summary_figure(axes):
    row = {"clean_error": 0.05, "clean_error_low": 0.04, "clean_error_high": 0.06}
    row |= {f"mean_corruption_error{end}": 0.2 for end in ("", "_low", "_high")}
    absent = dict.fromkeys(row, NAN)
    clean_and_corrupted(pd.DataFrame([row, absent], index=["a", "b"]), axes)
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots[:2]] == [0.05, 0.2]
    assert [line.get_markerfacecolor() for line in dots[:2]] == [PAPER, HUES[0]]
    assert [text.get_text() for text in axes.texts] == ["20.0"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first run stands on top


def test_twenty_runs_look_different():
    looks = {(style.colour, style.marker) for style in map(look, range(20))}
    assert len(looks) == 20


def test_twenty_runs_have_their_legend(axes):
    data = pd.concat([BY_SEVERITY[:6].assign(run=f"run {n}") for n in range(20)])
    error_against_severity(data, axes)
    assert len(axes.get_legend_handles_labels()[1]) == 20


@pytest.fixture
def drawing():
    data = BY_SEVERITY.assign(run="costs $5 to $6 & <more>")
    data = data.drop_duplicates("severity")
    return Drawing("stem", "title", "alt", data, error_against_severity, legend=True)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_pictures_are_the_same_every_time(drawing, form):
    first = drawing.render(form)
    assert first == drawing.render(form)
    assert b"Matplotlib" not in first.replace(b"Created with matplotlib", b"")
    assert b"dc:date" not in first


def test_the_readers_own_matplotlib_style_changes_nothing(drawing):
    import matplotlib

    before = drawing.render("svg")
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.labelsize": 30}):
        assert drawing.render("svg") == before


def test_dollars_in_a_name_are_not_mathematics(drawing):
    data = drawing.data.assign(run=r"not $\mathematics$")  # matplotlib would refuse to parse it
    assert Drawing("stem", "t", "a", data, drawing.draw, legend=True).render("svg")


def test_inline_svg_follows_the_theme_and_keeps_its_ids_apart(drawing):
    svg = inline_svg(drawing)
    assert svg.startswith("<svg")
    assert "var(--ink)" in svg
    assert "var(--run-0)" in svg
    assert HUES[0] not in svg
    assert "http" not in svg
    assert ' id="stem-' in svg
    assert 'href="#stem-' in svg
    assert "font-family" not in svg  # letters are paths
