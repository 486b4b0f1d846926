"""Is this the same corruption, drawn anew? A paired test on what the corruption did to each image.

The stored and the fresh images show the same clean images, so the difference of their summaries is symmetric about
zero when both come from one distribution, whatever the images show. Statistical significance alone would fail a
file for a hundredth of a level, which no classifier sees, so a difference must also be larger than ``MARGIN``:
half of what truncating instead of rounding would do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

SUMMARIES = ("mean", "mean absolute", "deviation", "horizontal roughness", "vertical roughness")
ALPHA = 0.001
MARGIN = 0.25  # levels of 255
# Fresh draws for the test: any seed but the one that the file may have been made with.
OTHER_SEED = 1 << 63
# A file that is equal in so much of the sample was made by this version, and then every image has to be equal.
MOSTLY = 0.5
MOST_EXACT = 50  # differences of which all ways to give them signs are counted
FEWEST = 12  # differences without which no significance can be reached


@dataclass(frozen=True)
class Comparison:
    """The outcome for one file: the corrected p-value, the largest significant shift, and where it was.

    ``shift`` is in levels of 255, signed; where nothing is significant it is the largest shift of all.
    """

    p_value: float
    shift: float
    summary: str
    block: int

    @property
    def is_same(self) -> bool:
        """Can the file be the same corruption?"""
        return self.p_value >= ALPHA or abs(self.shift) <= MARGIN


def summaries(images: NDArray[np.uint8], clean: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return what a corruption did to each image, float64 (N, 5), in the order of ``SUMMARIES``."""
    stored = images.astype(np.float32)
    residual = stored - clean
    axes = (1, 2, 3)
    columns = (
        residual.mean(axes),
        np.abs(residual).mean(axes),
        residual.std(axes),
        np.abs(np.diff(stored, axis=2)).mean(axes),
        np.abs(np.diff(stored, axis=1)).mean(axes),
    )
    return np.stack(columns, axis=1).astype(np.float64)


def compare(
    stored: dict[int, NDArray[np.float64]], fresh: dict[int, NDArray[np.float64]]
) -> Comparison:
    """Compare block by block (severity or frame) the summaries, float64 (N, 5) each, of the same N clean images."""
    tests = len(stored) * len(SUMMARIES)
    found = []
    for block, values in stored.items():
        differences = values - fresh[block]
        for column, name in enumerate(SUMMARIES):
            p_value = min(1.0, tests * _signed_rank(differences[:, column]))
            shift = float(differences[:, column].mean())
            found.append(Comparison(p_value, shift, name, block))
    return max(found, key=lambda each: (not each.is_same, each.p_value < ALPHA, abs(each.shift)))


def _signed_rank(differences: NDArray[np.float64]) -> float:
    # Rounding to a thousandth of a level keeps float noise from counting as a difference.
    moved = differences[np.abs(differences) > 1e-3]
    if len(moved) < FEWEST:
        return 1.0
    if len(moved) <= MOST_EXACT:
        return _exact(moved)
    return float(stats.wilcoxon(moved, method="approx").pvalue)


def _exact(differences: NDArray[np.float64]) -> float:
    """Return the test's p-value from all ways to give signs to the ranks; equal differences share theirs.

    The normal approximation cannot call twenty differences significant after the correction, not even if all are large
    and of one sign.
    """
    ranks = np.rint(2 * stats.rankdata(np.abs(differences))).astype(np.int64)
    ways = np.zeros(ranks.sum() + 1)
    ways[0] = 1
    for rank in ranks:
        ways[rank:] = ways[rank:] + ways[:-rank]
    positive = ranks[differences > 0].sum()
    tail = min(ways[: positive + 1].sum(), ways[positive:].sum())
    return float(min(1.0, 2 * tail / ways.sum()))
