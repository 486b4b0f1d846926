"""The table that ``robench eval`` prints: errors in percent, a row per corruption, a column per severity."""

import pandas as pd

from robench.scoring import ALL, Scores

# Summary line -> (metric, unit). Fractions are printed in percent, the others as they are.
SUMMARY = {
    "mean corruption error": ("mean_uce", "%"),
    "mCE (AlexNet = 100)": ("mce", "%"),
    "relative mCE (AlexNet = 100)": ("relative_mce", "%"),
    "RMS calibration error, mean": ("rms_calibration_error", "%"),
    "Brier score, mean": ("brier_score", ""),
    "NLL, mean": ("nll", ""),
}


def error_table(scores: Scores) -> str:
    """Return the errors of one run as text: percent with one decimal, and a summary with intervals below."""
    table = scores.table
    errors = table[(table["metric"] == "error") & (table["corruption"] != "clean")]
    grid = errors.pivot(index="corruption", columns="severity", values="value")
    shown = grid.reindex(errors["corruption"].unique()).rename(columns=str)
    means = table[table["metric"] == "uce"].set_index("corruption")["value"]
    shown["mean"] = means.reindex(shown.index)
    shown = shown.rename_axis(None).rename_axis("error (%) at severity", axis=1)
    text = (100 * shown).to_string(float_format="{:.1f}".format, na_rep="-")
    return "\n".join(
        ["", *([text, ""] if len(shown) else []), *_summary(table), *_refusals(scores)]
    )


def _summary(table: pd.DataFrame) -> list[str]:
    clean = table[(table["corruption"] == "clean") & (table["metric"] == "error")]
    lines = [_line("clean error", clean, "%")] if len(clean) else []
    for label, (metric, unit) in SUMMARY.items():
        rows = table[(table["corruption"] == ALL) & (table["metric"] == metric)]
        if len(rows):
            lines.append(_line(label, rows, unit))
    return lines


def _line(label: str, rows: pd.DataFrame, unit: str) -> str:
    scale = 100 if unit else 1
    digits = 2 if unit else 4
    value, low, high = (scale * float(rows[name].iloc[0]) for name in ("value", "low", "high"))
    interval = f"   (95% interval {low:.{digits}f} to {high:.{digits}f})" if low == low else ""
    return f"{label:<29} {value:8.{digits}f}{unit}{interval}"


def _refusals(scores: Scores) -> list[str]:
    """Name the means that are not given, a line per reason; what is missing of single conditions follows from them."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in scores.refused.items():
        if " of " not in name:
            by_reason.setdefault(reason, []).append(name)
    return [f"not given: {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
