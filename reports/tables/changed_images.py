"""The images that two runs differ on most: right under one in conditions in which the other is wrong."""

import numpy as np
import pandas as pd

COLUMNS = ["index", "label", "wrong", "other_wrong", "conditions", "prediction", "other_prediction"]
KEYS = ["index", "corruption", "severity"]


def changed_images(evidence: pd.DataFrame, other: pd.DataFrame, count: int = 6) -> pd.DataFrame:
    """Return the ``count`` images that the other run gets right more often by most, and as many that it gets wrong.

    The columns are ``COLUMNS``: in how many of the ``conditions`` that both runs have each is wrong, and what each says
    most often in those (the lowest class number of several). Sorted from the largest gain of the other run to its
    largest loss; of equal differences the lower image number counts more. Images on which both are wrong equally often
    are left out. Both are ``reports.evidence`` of runs on the same images.
    """
    chosen = [*KEYS, "label", "wrong", "prediction"]
    names = {"wrong": "other_wrong", "prediction": "other_prediction"}
    second = other[[*KEYS, "wrong", "prediction"]].rename(columns=names)
    plain = [part.astype({"corruption": "str"}) for part in (evidence[chosen], second)]
    both = plain[0].merge(plain[1], on=KEYS, validate="one_to_one")
    per_image = both.groupby("index").agg(
        label=("label", "first"),
        wrong=("wrong", "sum"),
        other_wrong=("other_wrong", "sum"),
        conditions=("wrong", "size"),
    )
    gain = (per_image["wrong"] - per_image["other_wrong"]).to_numpy()
    order = np.lexsort((per_image.index, -gain))
    better = [place for place in order[:count] if gain[place] > 0]
    losses = np.lexsort((per_image.index, gain))
    worse = [place for place in losses[:count] if gain[place] < 0][::-1]
    found = per_image.iloc[[*better, *worse]].astype({"wrong": int, "other_wrong": int})
    shown = both[both["index"].isin(found.index)].groupby("index")
    for column in ("prediction", "other_prediction"):
        found[column] = shown[column].agg(lambda said: said.mode().min())
    return found.reset_index()[COLUMNS]
