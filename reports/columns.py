"""Which columns each table shows, and what stands above them."""

from collections.abc import Sequence

import pandas as pd

from reports.grid import Column
from reports.names import corruption_heading, corruption_title, family

CALIBRATION_MEANING = "RMS gap between confidence and accuracy, mean over the corrupted conditions"
DIVIDED_MEANING = "relative to those of the baseline run, which are 100"
RELATIVE_MEANING = "relative to the baseline network's error, which is 100"


def summary_columns(table: pd.DataFrame, mixed: dict[str, list[str]]) -> list[Column]:
    """Return the columns of ``reports.tables.summary``, after one for each field in which mixed runs differ.

    Where sequences were measured and no corruptions, the columns of corruptions are left out.
    """
    shown = [
        Column("clean_error", "Clean error (%)", meaning="error on the images as they are"),
        Column(
            "mean_corruption_error",
            "Mean corruption error (%)",
            meaning="error averaged over the corruptions and severities, unnormalised",
        ),
        Column("mce", "mCE (%)", meaning=f"mean corruption error {RELATIVE_MEANING}"),
        Column("relative_mce", "Relative mCE (%)", meaning=f"error added, {RELATIVE_MEANING}"),
        Column(
            "mean_flip_probability",
            "Mean flip probability (%)",
            meaning="share of compared frames whose predictions differ, mean over the sequences",
        ),
        Column("mfr", "mFR (%)", meaning=f"mean flip rate: flip probabilities {DIVIDED_MEANING}"),
        Column(
            "mean_top5_distance",
            "Mean top-5 distance",
            "number",
            meaning="how far the first five classes move between compared frames, 0 to 15",
        ),
        Column("mt5d", "mT5D (%)", meaning=f"top-5 distances {DIVIDED_MEANING}"),
        Column("rms_calibration_error", "RMS calibration error (%)", meaning=CALIBRATION_MEANING),
        Column("images", "Images", "count", meaning="images per condition"),
    ]
    differing = [Column(name, name.capitalize(), "text") for name in mixed]
    of_corruptions = ("mean_corruption_error", "rms_calibration_error")
    left_out = of_corruptions if "mean_flip_probability" in table else ()
    return differing + [
        column
        for column in shown
        if column.key in table and not (column.key in left_out and table[column.key].isna().all())
    ]


def sequence_columns(table: pd.DataFrame, unit: str) -> list[Column]:
    """Return the columns of ``reports.tables.by_sequence``."""
    return [Column(name, corruption_title(name), unit) for name in table.columns]


def corruption_columns(table: pd.DataFrame) -> list[Column]:
    """Return the columns of ``reports.tables.by_corruption``, the corruptions under their families."""
    ends = ("clean", "mean", "rms_calibration_error")
    corruptions = [
        Column(name, corruption_heading(name), group=family(name), meaning=corruption_title(name))
        for name in table.columns
        if name not in ends
    ]
    return [
        Column("clean", "Clean", meaning="clean error"),
        *corruptions,
        Column("mean", "Mean", group="all", meaning="mean over the suite's corruptions"),
        Column("rms_calibration_error", "RMS cal.", group="all", meaning=CALIBRATION_MEANING),
    ]


def probability_columns(kinds: Sequence[str] = ("clean", "corrupted")) -> list[Column]:
    """Return the columns of ``reports.tables.probability_scores``, of these kinds of images."""
    metrics = {
        "rms_calibration_error": ("RMS calibration error (%)", "percent"),
        "rms_calibration_error_reference": ("as published code has it (%)", "percent"),
        "brier_score": ("Brier score", "number"),
        "nll": ("Negative log-likelihood (nats)", "number"),
    }
    return [
        Column(f"{metric}_{images}", images, unit, group=title)
        for metric, (title, unit) in metrics.items()
        for images in kinds
    ]


def attack_columns() -> list[Column]:
    """Return the columns of ``reports.tables.attacks``."""
    return [
        Column("how", "Attack", "text"),
        Column(
            "clean_error", "Clean error (%)", meaning="error of the same images without an attack"
        ),
        Column("adversarial_error", "Adversarial error (%)", meaning="images wrong before count"),
        Column(
            "without_gradient", "Without gradient", "count", meaning="images it could not attack"
        ),
        Column("images", "Images", "count"),
    ]


SURENESS_TITLES = {
    "max_softmax": "maximum softmax",
    "max_logit": "maximum logit",
    "energy": "energy",
}


def detection_columns(table: pd.DataFrame) -> list[Column]:
    """Return the columns of ``reports.tables.detection``, the metrics under their anomaly scores."""
    shown = [
        Column(f"{metric}_{score}", f"{metric.upper()} (%)", group=title)
        for score, title in SURENESS_TITLES.items()
        for metric in ("auroc", "aupr", "fpr95")
    ]
    return [
        *(column for column in shown if column.key in table),
        Column("images", "Images", "count"),
    ]


def class_columns(corrupted: bool) -> list[Column]:
    """Return the columns of ``reports.tables.worst_classes``, with those of corrupted images if there are any."""
    number, images = Column("class", "Class", "text"), Column("images", "Images", "count")
    if not corrupted:
        return [number, Column("error", "Error (%)"), images]
    return [
        number,
        Column("clean_error", "Clean error (%)"),
        Column("error", "Corrupted (%)", meaning="mean over the corrupted conditions"),
        Column("hardest", "Worst under", "text"),
        Column("corruption_error", "Error there (%)", meaning="mean over its severities"),
        images,
    ]


COVERAGES = (0.2, 0.5, 0.8, 1.0)


def risk_columns() -> list[Column]:
    """Return the columns of the error of the surest predictions, by their share."""
    return [Column(f"risk_{share:.0%}", f"surest {share:.0%}") for share in COVERAGES]


def severity_columns(quantity: str) -> list[Column]:
    """Return the columns of a quantity laid out runs x severities 0 to 5."""
    titles = ["clean", *(f"severity {severity}" for severity in range(1, 6))]
    return [Column(f"{quantity}_{severity}", title) for severity, title in enumerate(titles)]


def condition_columns() -> list[Column]:
    """Return the columns of ``reports.tables.by_condition`` written as text keys."""
    return [Column(str(severity), f"severity {severity}") for severity in range(1, 6)]


def reliability_columns() -> list[Column]:
    """Return the columns of ``reports.tables.reliability``."""
    return [
        Column("confidence", "Mean confidence (%)"),
        Column("accuracy", "Accuracy (%)", meaning="with its 95% interval"),
        Column("n", "Predictions", "count"),
    ]
