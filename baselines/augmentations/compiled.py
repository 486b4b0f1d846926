"""How kernels are compiled, and what they work on.

No kernel holds the interpreter lock. Numba's cache of a compiled caller does not notice a change of its callee
in another file: after a change run ``make clean-kernels``.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Planes = NDArray[np.uint8]
Tables = NDArray[np.uint8]
Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

compiled = numba.njit(nogil=True, cache=True)
# For what is done for a few pixels: a call that hands over arrays costs as much.
inlined = numba.njit(nogil=True, cache=True, forceinline=True)
