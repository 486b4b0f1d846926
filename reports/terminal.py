"""The table that ``robench eval`` prints: errors in percent, a row per corruption, a column per severity."""

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from reports.protocol import interval_sentence
from reports.tables.detection import detection
from robench.metrics.detection import METRICS_OF_PAIRS, SURENESS
from robench.metrics.perturbation import SEQUENCE_METRICS
from robench.scoring import ALL, Scores, anomaly_rows

NAMED = 3  # scores that are not given, in a line

# Summary line -> (metric, unit). Fractions are printed in percent, the others as they are.
SUMMARY = {
    "mean corruption error": ("mean_uce", "%"),
    "mCE ({baseline} = 100)": ("mce", "%"),
    "relative mCE ({baseline} = 100)": ("relative_mce", "%"),
    "mean flip probability": ("mean_flip_probability", "%"),
    "mFR ({baseline} = 100)": ("mfr", "%"),
    "mT5D ({baseline} = 100)": ("mt5d", "%"),
    "mean top-5 distance": ("mean_top5_distance", ""),
    "mean Zipf distance": ("mean_zipf_distance", ""),
    "RMS calibration error, mean": ("rms_calibration_error", "%"),
    "Brier score, mean": ("brier_score", ""),
    "NLL, mean": ("nll", ""),
}


def error_table(scores: Scores, info: Mapping[str, Any]) -> str:
    """Return the errors of one run as text: percent with one decimal, and a summary with intervals below.

    ``info`` is the content of its run.json.
    """
    parts = []
    for shown, decimals in _grids(scores.table):
        form = f"{{:.{decimals}f}}".format
        parts += [shown.to_string(float_format=form, na_rep="-"), ""]
    part = interval_sentence(info)
    return "\n".join(["", *parts, *_summary(scores), *([part] if part else []), *_refusals(scores)])


def error_table_html(
    scores: Scores, info: Mapping[str, Any], title: str, notes: Sequence[str]
) -> str:
    """Return the same as HTML for a notebook, with a title above and notes below."""
    parts = [f"<p><b>{html.escape(title)}</b></p>"]
    for shown, decimals in _grids(scores.table):
        parts.append(shown.to_html(float_format=f"{{:.{decimals}f}}".format, na_rep="-", border=0))
    rows = "".join(
        f"<tr><td>{html.escape(label)}</td><td>{_number(float(row['value'].iloc[0]), unit)}</td>"
        f"<td>{html.escape(_interval(row, unit))}</td></tr>"
        for label, row, unit in _summary_rows(scores)
    )
    parts.append(f"<table>{rows}</table>")
    part = interval_sentence(info)
    said = [*([part] if part else []), *_refusals(scores), *notes]
    below = "<br>".join(map(html.escape, said))
    return "\n".join([*parts, f"<p><small>{below}</small></p>"])


def _grids(table: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, int]]:
    """Yield the errors in percent and the values of sequences, as far as there are any, with how many decimals."""
    errors = table[(table["metric"] == "error") & (table["corruption"] != "clean")]
    grid = errors.pivot(index="corruption", columns="severity", values="value")
    shown = grid.reindex(errors["corruption"].unique()).rename(columns=str)
    means = table[table["metric"] == "uce"].set_index("corruption")["value"]
    shown["mean"] = means.reindex(shown.index)
    if len(shown):
        yield 100 * shown.rename_axis(None).rename_axis("error (%) at severity", axis=1), 1
    values = table[table["metric"].isin(SEQUENCE_METRICS)]
    if values.empty:
        return
    shown = values.pivot(index="corruption", columns="metric", values="value")
    shown = shown.reindex(values["corruption"].unique())[list(SEQUENCE_METRICS)]
    shown["flip_probability"] *= 100
    headings = ["flip probability (%)", "top-5 distance", "Zipf distance"]
    yield shown.set_axis(headings, axis=1).rename_axis(None), 2


def detection_table(scores: Scores) -> str:
    """Return anomaly detection as text: percent with 95% intervals, a table for every set of outside images."""
    parts = []
    for outside, table in detection(anomaly_rows(scores.table).assign(run="")).items():
        values = table.iloc[0]
        rows = {
            score: {
                metric.upper(): _cell(values, f"{metric}_{score}") for metric in METRICS_OF_PAIRS
            }
            for score in SURENESS
        }
        text = pd.DataFrame(rows).T.rename_axis("%", axis=1).to_string()
        count = int(values["images"])
        parts += [
            "",
            f"{outside} as anomalies, the positives; {count:,} images on both sides",
            text,
        ]
    return "\n".join([*parts, *_refusals(scores)])


def _cell(values: "pd.Series[float]", key: str) -> str:
    value, low, high = (values[f"{key}{end}"] for end in ("", "_low", "_high"))
    shown = f"{100 * value:.1f}"
    return shown if pd.isna(low) else f"{shown} ({100 * low:.1f} to {100 * high:.1f})"


def comparison(scores: dict[str, Scores]) -> str:
    """Return the summaries of several runs side by side as text, in percent unless a metric has no unit."""
    columns = {name: _summary_values(each) for name, each in scores.items()}
    return "\n" + pd.DataFrame(columns).to_string()


def _summary_values(scores: Scores) -> "pd.Series[str]":
    return pd.Series(
        {
            label: _number(float(rows["value"].iloc[0]), unit)
            for label, rows, unit in _summary_rows(scores)
        }
    )


def _summary(scores: Scores) -> list[str]:
    return [_line(label, rows, unit) for label, rows, unit in _summary_rows(scores)]


def _summary_rows(scores: Scores) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Yield (label, the one row, unit) of every number of the summary that there is."""
    table = scores.table
    clean = table[(table["corruption"] == "clean") & (table["metric"] == "error")]
    if len(clean):
        yield "clean error", clean, "%"
    for label, (metric, unit) in SUMMARY.items():
        rows = table[(table["corruption"] == ALL) & (table["metric"] == metric)]
        if len(rows):
            yield label.format(baseline=scores.divided_by or "AlexNet"), rows, unit


def _line(label: str, rows: pd.DataFrame, unit: str) -> str:
    interval = _interval(rows, unit)
    return f"{label:<29} {_number(float(rows['value'].iloc[0]), unit):>9}" + (
        f"   ({interval})" if interval else ""
    )


def _interval(rows: pd.DataFrame, unit: str) -> str:
    low, high = (float(rows[name].iloc[0]) for name in ("low", "high"))
    return "" if math.isnan(low) else f"95% interval {_number(low, unit)} to {_number(high, unit)}"


def _number(value: float, unit: str) -> str:
    return f"{100 * value:.2f}%" if unit else f"{value:.4f}"


def _refusals(scores: Scores) -> list[str]:
    """Name the means that are not given, a line per reason; what is missing of single conditions follows from them."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in scores.refused.items():
        if " of " not in name:
            by_reason.setdefault(reason, []).append(name)
    return [f"not given: {_shortened(names)}: {reason}" for reason, names in by_reason.items()]


def _shortened(names: list[str]) -> str:
    """Return the names, or the first few and how many more."""
    if len(names) <= NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} others"
