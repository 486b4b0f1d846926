"""What ``robench compare`` prints: differences to the first run with intervals and p-values."""

import math
from collections.abc import Sequence

import pandas as pd

from reports.names import in_benchmark_order
from robench.comparison import Comparison, Verdict
from robench.comparison.gate import unit_of
from robench.scoring.suite_scores import EFFECTIVE

SIGNIFICANT = 0.05
UNCORRECTED = "differences of percents in points; p of a paired bootstrap, not corrected for the number of scores"
PUBLISHED = "taken as exact, of the published files; the interval is that of the run, and no test is possible"


def comparison_text(comparison: Comparison) -> str:
    """Return all of a comparison as text; fractions in percent, differences in percentage points."""
    parts = []
    for name in (*comparison.names[1:], *comparison.published):
        table = comparison.differences[comparison.differences["run"] == name]
        title = f"{name} against {comparison.names[0]} ({_images(table)})"
        if name in comparison.published:
            title += f"\n{PUBLISHED}"
        parts += ["", title, "", _whole_suite(table), *_by_corruption(table), *_by_condition(table)]
        parts += _images_that_differ(comparison.images[comparison.images["run"] == name])
    return "\n".join(parts)


def line_text(comparison: Comparison) -> str:
    """Return the line of effective robustness, and each run's place above or below it or why it has none."""
    assert comparison.line is not None
    rows = []
    for name, scores in comparison.scores.items():
        found = scores.table[scores.table["metric"] == EFFECTIVE].to_dict("records")
        if found:
            value, low, high = (found[0][key] for key in ("value", "low", "high"))
            span = _span(EFFECTIVE, low, high, signed=True)
            rows.append((name, _number(EFFECTIVE, value, signed=True), span))
        else:
            rows.append((name, "-", scores.refused[EFFECTIVE]))
    head = ["effective robustness, points", "above the line", "95% interval"]
    return f"line: {comparison.line.sentence()}\n\n{_grid(head, rows)}"


def seeds_text(table: pd.DataFrame) -> str:
    """Return the scores of the whole suite over seeds as text."""
    whole = table[(table["corruption"] == "all") | (table["severity"] == 0)]
    rows = []
    for row in whole.to_dict("records"):
        metric = str(row["metric"])
        rows.append(
            (
                _label(row),
                _value(metric, row["mean"]),
                _span(metric, row["low"], row["high"]),
                _value(metric, row["seed_std"]),
                _span(metric, row["lowest"], row["highest"]),
            )
        )
    runs = int(whole["runs"].iloc[0])
    head = [
        "score",
        f"mean of {runs} runs",
        "95% over images",
        "std over runs",
        "lowest to highest",
    ]
    return _grid(head, rows)


def verdict_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a line per verdict that did not fail; those that did are errors and are printed as such."""
    return [f"ok: {verdict.sentence}" for verdict in verdicts if not verdict.failed]


def _images(table: pd.DataFrame) -> str:
    if table.empty:
        return "nothing in common"
    count = int(table["n"].iloc[0])
    return f"{count:,} image{'' if count == 1 else 's'}"


def _whole_suite(table: pd.DataFrame) -> str:
    """Return the scores of the clean images and of the whole suite."""
    chosen = table[(table["corruption"] == "all") | (table["severity"] == 0)]
    rows = [(_label(row), *_cells(row)) for row in chosen.to_dict("records")]
    head = ["score", "first", "this", "difference", "95% interval", "p"]
    return f"{_grid(head, rows)}\n{UNCORRECTED}"


def _by_corruption(table: pd.DataFrame) -> list[str]:
    chosen = table[(table["metric"] == "uce") & (table["corruption"] != "all")].set_index(
        "corruption", drop=False
    )
    order = in_benchmark_order(chosen.index)
    rows = [(name, *_cells(chosen.loc[name].to_dict())) for name in order]
    head = ["error over severities", "first", "this", "difference", "95% interval", "p"]
    return ["", _grid(head, rows)] if rows else []


def _by_condition(table: pd.DataFrame) -> list[str]:
    tested = table[table["test"] == "mcnemar"]
    if tested.empty:
        return []
    real = tested[tested["p_holm"] < SIGNIFICANT]
    better = int((real["difference"] < 0).sum())
    return [
        "",
        f"error by condition: {len(real)} of {len(tested)} differ (McNemar, Holm-corrected p < {SIGNIFICANT:g}): "
        f"{better} lower, {len(real) - better} higher",
    ]


def _images_that_differ(images: pd.DataFrame) -> list[str]:
    if images.empty:
        return []
    rows = [
        (str(row["index"]), str(row["label"]), str(row["baseline_wrong"]), str(row["wrong"]))
        for row in images.to_dict("records")
    ]
    head = [
        "images that differ most",
        "label",
        f"first wrong in (of {images['conditions'].iloc[0]})",
        "this wrong in",
    ]
    return ["", _grid(head, rows)]


def _label(row: dict) -> str:
    return f"{row['metric']} (clean)" if row["severity"] == 0 else str(row["metric"])


def _cells(row: dict) -> tuple[str, ...]:
    metric = str(row["metric"])
    return (
        _value(metric, row["baseline_value"]),
        _value(metric, row["value"]),
        _number(metric, row["difference"], signed=True),
        _span(metric, row["low"], row["high"], signed=True),
        _p(row["p"]),
    )


def _value(metric: str, value: float) -> str:
    return _number(metric, value) + ("%" if unit_of(metric) is None else "")


def _span(metric: str, low: float, high: float, *, signed: bool = False) -> str:
    if math.isnan(low):
        return "-"
    return f"{_number(metric, low, signed=signed)} to {_number(metric, high, signed=signed)}"


def _number(metric: str, value: float, *, signed: bool = False) -> str:
    scale, decimals = (100, 2) if unit_of(metric) is None else (1, 4)
    return f"{scale * value:{'+' if signed else ''}.{decimals}f}"


def _p(value: float) -> str:
    if math.isnan(value):
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns, the first to the left and the others to the right."""
    widths = [max(len(row[number]) for row in (head, *rows)) for number in range(len(head))]
    lines = []
    for first, *others in (head, *rows):
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)
