"""One method trained with several seeds: the spread over trainings, apart from that over images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from robench.comparison.same_images import opened
from robench.errors import RobenchError
from robench.metrics.bootstrap import RESAMPLES, interval
from robench.scoring import score

KEYS = ["corruption", "severity", "metric"]
COLUMNS = [*KEYS, "mean", "low", "high", "seed_std", "lowest", "highest", "runs", "n"]


def over_seeds(
    paths: Sequence[str | Path], *, across_protocols: bool = False, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """Return the mean of every score over runs, and two spreads that are not to be mixed.

    ``low`` and ``high`` are the 95% interval of that mean over images, the trained networks held fixed. ``seed_std``
    is the standard deviation over the runs (with runs - 1), the images held fixed; ``lowest`` and ``highest`` are
    theirs. Columns: ``COLUMNS``. Only scores that every run has are given.

    Raises RobenchError for fewer than two runs, and for runs that do not compare (see ``robench.comparison.compare``).
    """
    if len(paths) < 2:
        raise RobenchError(f"a spread over seeds needs two runs or more, got {len(paths)}")
    runs, _ = opened(paths, across_protocols)
    scores = [score(run, resamples) for run in runs]
    keyed = [
        each.table.assign(row=np.arange(len(each.table))).set_index(KEYS, drop=False)
        for each in scores
    ]
    rows = []
    for key, first in keyed[0].iterrows():
        if not all(key in table.index for table in keyed[1:]):
            continue
        found = [table.loc[[key]].iloc[0] for table in keyed]
        values = np.array([row["value"] for row in found])
        draws = np.mean(
            [each.draws[row["row"]] for each, row in zip(scores, found, strict=True)], axis=0
        )
        mean = float(values.mean())
        ends = interval(mean, draws)
        spread = (values.std(ddof=1), values.min(), values.max(), len(runs), first["n"])
        rows.append((*(first[name] for name in KEYS), mean, *ends, *spread))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"severity": "Int64"})
