"""95% intervals for means over images, and the bounds of scores, beyond which no interval reaches."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054  # the standard normal's 97.5% quantile


class Bounds(NamedTuple):
    """Between what a score lies, whatever the images: infinite where nothing bounds it."""

    lowest: float = float("-inf")
    highest: float = float("inf")

    def of_differences(self) -> "Bounds":
        """Return the bounds of a difference of two such scores."""
        return Bounds(self.lowest - self.highest, self.highest - self.lowest)


UNBOUNDED = Bounds()
FRACTION = Bounds(0.0, 1.0)
NEVER_NEGATIVE = Bounds(0.0)


def wilson_interval(wrong_count: float, count: int) -> tuple[float, float]:
    """Return the 95% interval of a proportion, exact at 0 and 1 where the normal one collapses.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    share = wrong_count / count
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    # At the ends the two terms are equal, but for their last digits: a score must not lie outside its interval.
    low = 0.0 if wrong_count == 0 else max(0.0, centre - half)
    high = 1.0 if wrong_count == count else min(1.0, centre + half)
    return float(low), float(high)


def mean_interval(per_image: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95% normal interval of the mean of float64 (N,) values, one per image; NaN for a single image.

    A mean over conditions is the mean over images of each image's own mean over the conditions. Taken from those, the
    interval accounts for the conditions sharing their images, which intervals per condition cannot.
    """
    if len(per_image) < 2:
        return float("nan"), float("nan")
    mean = float(per_image.mean())
    half = float(Z * per_image.std(ddof=1) / np.sqrt(len(per_image)))
    return mean - half, mean + half
