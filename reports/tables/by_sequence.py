"""Runs x perturbation sequences: flip probability, top-5 distance and what a baseline makes of them."""

import pandas as pd

from reports.tables.lookup import per_run, run_order
from robench import suites

# metric of a sequence -> metric of the whole suite
MEANS = {
    "flip_probability": "mean_flip_probability",
    "flip_rate": "mfr",
    "top5_distance": "mean_top5_distance",
    "t5d": "mt5d",
}


def by_sequence(scores: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return a row per run of a -P suite: a column per sequence, ``mean``, then the sequences that no mean is over.

    Flip probabilities and ratios are fractions, top-5 distances lie in [0, 15]. ``metric`` is one of ``MEANS``; where a
    run lacks sequences, the numbers they would belong to are NaN.
    """
    chosen = scores[scores["metric"].isin([metric, MEANS[metric]])]
    table = pd.DataFrame(index=run_order(chosen))
    described = [suites.registry()[name] for name in chosen["suite"].unique()]
    own = dict.fromkeys(name for suite in described for name in suite.corruptions)
    extra = dict.fromkeys(name for suite in described for name in suite.extra if name not in own)
    measured = set(chosen["corruption"])
    for name in (*own, "all", *extra):
        if name in measured or name == "all":
            values = per_run(chosen, name, MEANS[metric] if name == "all" else metric)["value"]
            table["mean" if name == "all" else name] = values.astype(float)
    return table
