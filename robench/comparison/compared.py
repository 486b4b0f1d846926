"""Every score of each run against the first one's, and the images that make the difference.

Differences are paired: both runs are scored on the same resamples of the images, so what makes an image hard for both
cancels. The error of a condition is tested by McNemar's exact test, and these p-values are corrected by Holm's method
for the number of conditions; every other score has a paired bootstrap p-value, which is not corrected.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.published_models import beside, split
from robench.comparison.line import line_through, with_effective_robustness
from robench.comparison.same_images import common_conditions, opened, sorted_records
from robench.errors import RobenchError
from robench.metrics.bootstrap import RESAMPLES, interval, p_value
from robench.metrics.effective_robustness import Line
from robench.metrics.error import wrong
from robench.metrics.significance import holm, mcnemar
from robench.published_results import PREFIX
from robench.records import Run
from robench.scoring import Scores, score
from robench.scoring.suite_scores import bounds_of
from robench.suites import Condition

KEYS = ["corruption", "severity", "metric"]
COLUMNS = [
    "run", "baseline", *KEYS, "value", "baseline_value", "difference", "low", "high", "p", "p_holm", "test", "n"
]  # fmt: skip

IMAGE_COLUMNS = ["run", "index", "label", "wrong", "baseline_wrong", "conditions"]

Pairs = dict[Condition, tuple[NDArray[np.float64], NDArray[np.float64]]]


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found.

    Attributes:
        names: one per run, no two alike; the first is the baseline.
        differences: the columns of ``COLUMNS``, a row per score that a run and the baseline both have; ``difference``
            is value minus baseline_value with a 95% interval; ``p_holm`` is there where ``test`` is "mcnemar".
        images: columns run, index, label, wrong, baseline_wrong, conditions: the images on which a run is wrong in most
            conditions more, or fewer, than the baseline.
        scores: name -> the run's own scores.
        line: that effective robustness is measured from, where one was asked for.
        published: names of published models, which stand in ``differences`` as runs do: their ``test`` is "none",
            and the interval is that of the baseline, because a published number is taken as exact.
    """

    names: tuple[str, ...]
    differences: pd.DataFrame
    images: pd.DataFrame
    scores: dict[str, Scores]
    line: Line | None = None
    published: tuple[str, ...] = ()


def compare(
    paths: Sequence[str | Path],
    *,
    across_protocols: bool = False,
    resamples: int = RESAMPLES,
    images: int = 10,
    also: Sequence[str] = (),
    line: Sequence[str | Path] = (),
    tell: Callable[[], object] = lambda: None,
) -> Comparison:
    """Compare evaluated runs with the first of them.

    Args:
        paths: run directories, a run's first; a single one has nothing to differ from. Published models,
            ``published:NAME``, may be among them.
        across_protocols: accept runs that differ in suite, preset, seed or data; they must hold the same images.
        resamples: of the bootstrap.
        images: how many of the images that differ most to name.
        also: metrics on request to be compared too, see ``robench.scoring.on_request``.
        line: three or more runs of conventionally trained models, from whose line effective robustness is measured.
        tell: is called after each run of ``paths`` is scored.

    Raises:
        RobenchError: for no path and runs that ``opened`` refuses.
    """
    if not paths:
        raise RobenchError("nothing to compare: name at least one run")
    if str(paths[0]).startswith(PREFIX):
        raise RobenchError(
            f"the first to compare must be a run, got {paths[0]}; name the run first"
        )
    if resamples < 100:
        raise RobenchError(f"--resamples must be at least 100, got {resamples}")
    if images < 0:
        raise RobenchError(f"--images must be 0 or more, got {images}")
    folders, published = split(paths)
    runs, names = opened(folders, across_protocols)
    known = beside(published, [runs[0].info], across_protocols)
    through = line_through(line, runs[0], across_protocols) if line else None
    scores = {}
    for name, run in zip(names, runs, strict=True):
        scores[name] = score(run, resamples, also)
        tell()
    if through is not None:
        scores = {name: with_effective_robustness(each, through) for name, each in scores.items()}
    tables, differing = [], []
    for run, name in zip(runs[1:], names[1:], strict=True):
        records, pairs = _wrong_pairs(runs[0], run)
        table = _tested(_differences(scores[names[0]], scores[name]), pairs)
        tables.append(table.assign(run=name, baseline=names[0]))
        differing.append(_most_different(records, pairs, images).assign(run=name))
    for model in published:
        table = _from_published(scores[names[0]], known[known["run"] == model])
        tables.append(table.assign(run=model, baseline=names[0]))
    return Comparison(
        tuple(names),
        _joined(tables, COLUMNS),
        _joined(differing, IMAGE_COLUMNS),
        scores,
        through,
        tuple(published),
    )


def _joined(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]


def _differences(first: Scores, second: Scores) -> pd.DataFrame:
    """Return a row per score that both have, in the order of the first."""
    sides = [scores.table.assign(row=np.arange(len(scores.table))) for scores in (first, second)]
    pairs = sides[0].merge(sides[1], on=KEYS, how="inner", suffixes=("_first", ""))
    rows = []
    for pair in pairs.itertuples():
        difference = float(str(pair.value)) - float(str(pair.value_first))
        draws = second.draws[int(str(pair.row))] - first.draws[int(str(pair.row_first))]
        bounds = bounds_of(str(pair.metric)).of_differences()
        ends = interval(difference, draws, bounds)
        rows.append((difference, *ends, p_value(difference, draws)))
    found = pd.DataFrame(rows, columns=["difference", "low", "high", "p"])
    pairs = pairs.rename(columns={"value_first": "baseline_value"})
    kept = pairs[[*KEYS, "value", "baseline_value", "n"]]
    return pd.concat([kept, found], axis=1).assign(p_holm=np.nan, test="bootstrap")


def _from_published(first: Scores, published: pd.DataFrame) -> pd.DataFrame:
    """Return the published numbers against the first run's: exact, so that the interval is that of the run alone."""
    ends = first.table.rename(columns={"value": "baseline_value"})
    pairs = ends.merge(published[[*KEYS, "value"]], on=KEYS, how="inner")
    return pd.DataFrame(
        {
            **{key: pairs[key] for key in [*KEYS, "value", "baseline_value", "n"]},
            "difference": pairs["value"] - pairs["baseline_value"],
            "low": pairs["value"] - pairs["high"],
            "high": pairs["value"] - pairs["low"],
            "p": np.nan,
            "p_holm": np.nan,
            "test": "none",
        }
    )


def _tested(table: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Put McNemar's p-values, and Holm's correction of them, at the errors of single conditions."""
    single = (table["metric"] == "error") & table["severity"].notna()
    rows, p_values = [], []
    for row in table[single].itertuples():
        condition = Condition(str(row.corruption), int(str(row.severity)))
        if condition in pairs:
            rows.append(row.Index)
            p_values.append(mcnemar(*pairs[condition]))
    table.loc[rows, "p"] = p_values
    table.loc[rows, "p_holm"] = holm(p_values)
    table.loc[rows, "test"] = "mcnemar"
    return table


def _most_different(records: pd.DataFrame, pairs: Pairs, count: int) -> pd.DataFrame:
    """Return the images with the largest difference in the number of conditions that each run gets wrong."""
    if not pairs:
        return pd.DataFrame(columns=IMAGE_COLUMNS)
    baseline_wrong, wrong_ = (
        np.sum([pair[side] for pair in pairs.values()], axis=0) for side in (0, 1)
    )
    table = records[["index", "label"]].assign(
        wrong=wrong_.astype(int), baseline_wrong=baseline_wrong.astype(int), conditions=len(pairs)
    )
    gap = (table["wrong"] - table["baseline_wrong"]).abs()
    order = np.lexsort((table["index"], -gap))[:count]
    return table.iloc[order][gap.iloc[order] > 0].reset_index(drop=True)


def _wrong_pairs(first: Run, second: Run) -> tuple[pd.DataFrame, Pairs]:
    """Return the images, and per condition that both have where either is wrong, the first run first."""
    common = common_conditions(first, second)
    pairs = {
        condition: (
            wrong(sorted_records(first, condition)),
            wrong(sorted_records(second, condition)),
        )
        for condition in common
        if not condition.is_sequence
    }
    return sorted_records(first, common[0]), pairs
