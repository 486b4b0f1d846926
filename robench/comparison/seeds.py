"""One method trained with several seeds: the spread over trainings, apart from that over images."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from robench.comparison.same_images import opened
from robench.errors import RobenchError
from robench.metrics.bootstrap import RESAMPLES, interval
from robench.scoring import score
from robench.scoring.suite_scores import bounds_of

KEYS = ["corruption", "severity", "metric"]
COLUMNS = [*KEYS, "mean", "low", "high", "seed_std", "lowest", "highest", "runs", "n"]


def over_seeds(
    paths: Sequence[str | Path],
    *,
    across_protocols: bool = False,
    resamples: int = RESAMPLES,
    also: Sequence[str] = (),
    tell: Callable[[], object] = lambda: None,
) -> pd.DataFrame:
    """Return the mean of every score over runs, and two spreads that are not to be mixed.

    ``low`` and ``high`` are the 95% interval of that mean over images, the trained networks held fixed. ``seed_std``
    is the standard deviation over the runs (with runs - 1), the images held fixed; ``lowest`` and ``highest`` are
    theirs. Columns: ``COLUMNS``. Only scores that every run has are given, metrics on request named in ``also`` too.
    ``tell`` is called after each run.

    Raises RobenchError for fewer than two runs, and for runs that do not compare (see ``robench.comparison.compare``).
    """
    if len(paths) < 2:
        raise RobenchError(f"a spread over seeds needs two runs or more, got {len(paths)}")
    runs, _ = opened(paths, across_protocols)
    scores = []
    for run in runs:
        scores.append(score(run, resamples, also))
        tell()
    common = scores[0].table[[*KEYS, "n"]].assign(row_0=np.arange(len(scores[0].table)))
    for number, each in enumerate(scores[1:], start=1):
        rows_of = each.table[KEYS].assign(**{f"row_{number}": np.arange(len(each.table))})
        common = common.merge(rows_of, on=KEYS, how="inner")
    rows = []
    for entry in common.to_dict("records"):
        places = [entry[f"row_{number}"] for number in range(len(scores))]
        pairs = list(zip(scores, places, strict=True))
        values = np.array([each.table["value"].iloc[place] for each, place in pairs])
        draws = np.mean([each.draws[place] for each, place in pairs], axis=0)
        mean, bounds = float(values.mean()), bounds_of(entry["metric"])
        spread = (values.std(ddof=1), values.min(), values.max(), len(runs), entry["n"])
        rows.append(
            (*(entry[name] for name in KEYS), mean, *interval(mean, draws, bounds), *spread)
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"severity": "Int64"})
