"""The reference's own random numbers, behind the methods of ``KeyedRandom``.

``sample`` and ``apply`` can so be tested together against pixels that the reference made: it draws
from numpy's global ``RandomState``, freshly seeded for every image, in an order that ``sample``
has to keep.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ReferenceDraws:
    """Replays one numpy generator per image.

    Args:
        seeds: N seeds, one per image.
        generator: ``np.random.RandomState``, or ``np.random.default_rng`` for impulse noise, which
            the reference leaves to scikit-image.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        generator: Callable[
            [int], np.random.RandomState | np.random.Generator
        ] = np.random.RandomState,
    ) -> None:
        self._generators = [generator(int(seed)) for seed in seeds]

    def normal(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.array([r.normal(size=shape) for r in self._generators])

    def uniform(
        self, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0
    ) -> NDArray[np.float64]:
        return np.array([r.uniform(low, high, size=shape) for r in self._generators])

    def integers(
        self, shape: tuple[int, ...], low: ArrayLike, high: ArrayLike
    ) -> NDArray[np.int64]:
        count = len(self._generators)
        bounds = zip(np.broadcast_to(low, count), np.broadcast_to(high, count), strict=True)
        return np.array(
            [
                r.randint(a, b, size=shape)
                for r, (a, b) in zip(self._generators, bounds, strict=True)
            ]
        )

    def poisson(self, levels: NDArray[np.uint8], rates: NDArray[np.float64]) -> NDArray[np.int32]:
        pairs = zip(self._generators, levels, strict=True)
        return np.array([r.poisson(rates[level]) for r, level in pairs], np.int32)
