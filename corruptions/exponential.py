"""The exponential function of the C library, which is what numpy called when the benchmark was made.

numpy's own has another last bit for up to a quarter of its values, and which ones depends on its
version and on the processor. Truncation to uint8 can turn such a bit into a level.
"""

import math

import numpy as np
from numpy.typing import NDArray


def exponential(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return e to the power of each of ``values``, float64 (M,)."""
    return np.array([math.exp(value) for value in values])
