"""From a computed intensity on the scale of 0 to 255 back to a stored pixel.

As everywhere in the benchmarks, the fraction is cut off, not rounded.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def to_level(intensity):  # type: ignore[no-untyped-def]
    """Return the uint8 of a float ``intensity``, clipped to 0 to 255 and truncated."""
    return np.uint8(min(max(intensity, 0.0), 255.0))
