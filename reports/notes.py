"""The sentences of a report."""

import pandas as pd

from reports import published_models
from reports.grid import MISSING, as_text
from reports.results import Results
from reports.tables.lookup import has
from robench import suites
from robench.scoring.baseline import kept

HEADLINE = "mean_corruption_error"


def title(results: Results) -> str:
    """Return the report's title."""
    names = list(dict.fromkeys(info["suite"] for info in results.infos))
    what = results.names[0] if len(results.names) == 1 else f"{len(results.names)} classifiers"
    return f"Robustness of {what} on {' and '.join(names)}"


def facts(results: Results) -> str:
    """Return in a line what was measured; only for runs that share their protocol."""
    info = results.infos[0]
    suite = suites.registry()[info["suite"]]
    limit = info["data"]["limit"]
    part = "" if limit is None else " (a part of the test set)"
    conditions = "one condition, no corruptions"
    if suite.sequences:
        conditions = f"{len(suite.corruptions)} perturbation sequences"
    elif suite.corruptions:
        conditions = f"{len(suite.corruptions)} corruptions at {len(suite.severities)} severities"
    return (
        f"{conditions} · "
        f"{info['data']['images']:,} images each{part} · preset {info['preset']}, seed {info['seed']}"
    )


def lead(results: Results, table: pd.DataFrame) -> str | None:
    """Return the sentence that gives the result; None where runs are mixed or the suite's mean does not exist.

    ``table`` is the summary. The interval is that of the best run alone: two runs are compared by the reader.
    """
    quantity = "mean_flip_probability" if "mean_flip_probability" in table else HEADLINE
    known = table.loc[list(results.names), quantity].dropna()
    if results.mixed or known.empty:
        return None
    name = known.idxmin()
    row = table[table.index == name].astype(float).iloc[0]
    value = as_text(row[quantity], "percent")
    low, high = (as_text(row[f"{quantity}_{end}"], "percent") for end in ("low", "high"))
    figure = f"{value}%" + (f" (95% interval {low} to {high})" if low != MISSING else "")
    clean = as_text(row["clean_error"], "percent")
    title = quantity.replace("_", " ")
    sentence = f"{name}: {title} {figure}"
    if len(results.names) > 1:
        sentence = f"Lowest {title}: {name}, {figure}"
    return sentence + ("." if clean == MISSING else f"; clean error {clean}%.")


def mixed_notice(results: Results) -> str | None:
    """Return the warning of a report on runs that were not measured alike; None for comparable ones."""
    if not results.mixed:
        return None
    return (
        f"These runs differ in their {', '.join(results.mixed)}. Their numbers do not measure the same thing, "
        "so none is marked as best."
    )


ALWAYS = (
    "Errors are shares of images whose top-1 prediction is wrong, in percent. Percentages are rounded "
    "to one decimal, Brier scores and log-likelihoods to three; the CSV files keep fractions at full "
    "precision.",
    "A mean of which any condition is missing is refused, not taken over the rest.",
    "Intervals are 95% over the test images, which all conditions share. They do not tell how a model "
    "trained again with another seed would vary.",
    "RMS calibration error: root mean square gap between confidence and accuracy over bins of 100 "
    "images of similar confidence. It cannot reach zero: a perfectly calibrated model scores about "
    "2.4% on 10,000 images, and more on fewer. The column of the published code leaves out the most "
    "confident bin, as that code does.",
)
CORRUPTIONS = (
    "The mean corruption error averages the error over all corruptions and severities of the suite, "
    "each with equal weight, unnormalised."
)
NORMALISED = (
    "CE and mCE divide a model's error on each corruption by the baseline network's; the baseline "
    "scores 100%. Relative mCE does the same with the error added to the clean error."
)
SEQUENCES = (
    "Flip probability: the share of compared frames of a sequence whose top-1 predictions differ, averaged over "
    "a video, then over videos. Noise is compared with the first frame, which is clean, the others with the frame "
    "before. Top-5 distance: how far the first five classes move in the order of the other frame. The means are "
    "over the suite's own ten sequences, unnormalised."
)
SPATTER = (
    "Spatter of CIFAR: about 6% of the frames of the published file are black, because its script divides 0 by 0. "
    "They are evaluated as stored; sequences made on the fly have the clean image there. The provenance says which "
    "was used: the two give different flip probabilities."
)
VIDEOS = (
    "The videos of a -P suite are compressed, which changes predictions; sequences made on the fly are not. The "
    "provenance says which was used: the two do not compare."
)
DIVIDED = (
    "mFR and mT5D are means of ratios to the run of {}, which is taken as exact. A paper's are "
    "relative to AlexNet."
)
DETECTION = (
    "Anomaly detection: the outside images are the positives, as in Outlier Exposure and ImageNet-O. "
    "AUROC is the share of pairs in which the model is less sure of the anomaly. AUPR of a score that "
    "knows nothing is the share of anomalies, so it compares on the same images only. FPR95 is the "
    "share of inside images refused where 95% of the anomalies are found; less of it is better. "
    "Intervals resample each side by itself."
)
SCORES_ALONE = (
    "{} is given as its scores without the records of single images: what needs these is not shown of it (the "
    "reliability diagram, risk against coverage, the worst classes, changed images, the intervals of the means at one "
    "severity)."
)
BEST = (
    "The lowest number of each column is bold and underlined, with any that reads the same. That "
    "marks the order, not significance: look at the intervals."
)


def reading_notes(results: Results, marks_best: bool) -> list[str]:
    """Return what a reader must know to read the numbers."""
    notes = [*ALWAYS]
    pairs = zip(results.names, results.runs, strict=True)
    notes += published_models.notes(results.published, results.infos)
    notes += [SCORES_ALONE.format(name) for name, run in pairs if not run.keeps_records]
    if not all(suites.registry()[info["suite"]].sequences for info in results.infos):
        notes.append(CORRUPTIONS)
    if has(results.scores, "ce"):
        notes.append(NORMALISED)
    notes += sequence_notes(results)
    if len(results.anomalies):
        notes.append(DETECTION)
    if marks_best:
        notes.append(BEST)
    return notes


def sequence_notes(results: Results) -> list[str]:
    """Return what a reader must know of perturbation sequences; nothing where none were measured."""
    if not has(results.scores, "flip_probability"):
        return []
    used = [suites.registry()[info["suite"]] for info in results.infos]
    measured = set(results.scores["corruption"])
    notes = [SEQUENCES]
    if "spatter" in measured and any(suite.preset == "cifar" and suite.folder for suite in used):
        notes.append(SPATTER)
    if any(suite.sequences and suite.tree_side_px for suite in used):
        notes.append(VIDEOS)
    divisors = [each.name for each in map(kept, results.runs) if each is not None]
    return notes + [DIVIDED.format(name) for name in dict.fromkeys(divisors)]
