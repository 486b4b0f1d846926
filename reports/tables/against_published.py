"""Clean and mean corruption error of published models, for runs of the same suite to stand among."""

import pandas as pd

from robench.published_results import DOUBLE_CROP, PREFIX, published_scores

COLUMNS = ["model", "clean_error", "mean_corruption_error", "protocol"]
# (corruption, metric) of the tidy scores -> column
QUANTITIES = {("clean", "error"): "clean_error", ("all", "mean_uce"): "mean_corruption_error"}


def published_points(suite: str) -> pd.DataFrame:
    """Return the published models of which both errors are known on a suite, by name: ``COLUMNS``, fractions.

    ``protocol`` says what they were measured on where that is not the whole official test set. Models measured with a
    double crop are left out: their corrupted images are not those of the suite.
    """
    scores = published_scores()
    known = scores[(scores["suite"] == suite) & (scores["protocol"] != DOUBLE_CROP)]
    keys = ["model", "protocol"]
    parts = []
    for (corruption, metric), column in QUANTITIES.items():
        chosen = known[(known["corruption"] == corruption) & (known["metric"] == metric)]
        parts.append(chosen.set_index(keys)["value"].rename(column))
    both = pd.concat(parts, axis=1, join="inner").reset_index().sort_values(keys)
    both["model"] = both["model"].str.removeprefix(PREFIX)
    return both[COLUMNS].reset_index(drop=True)
