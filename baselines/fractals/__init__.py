"""Pictures of iterated function systems, to mix photographs with: colourful, filled, no two alike.

A picture is a background of two colours with one to three attractors on it. An attractor is the set
that a few contracting affine maps leave unchanged. Its points are found by applying the maps in random
order (Barnsley's chaos game); a place is the more opaque the more often it is visited, on a logarithmic
scale, in the mixed colours of the maps that led there (Draves & Reckase 2003, "The Fractal Flame
Algorithm").

The maps are drawn by their singular values, which makes nearly every system worth looking at: Anderson
& Farrell 2022, "Improving Fractal Pre-training", section 3. Fractals as training pictures are an idea
of Kataoka et al. 2020, "Pre-training without Natural Images".
"""

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations.threads import in_threads
from baselines.fractals.kernels import LEAST_COVERAGE, PER_PICTURE, draw
from baselines.keyed_uniforms import keyed_uniforms

__all__ = ["fractals"]


def fractals(
    seed: int, indices: NDArray[np.int64], side_px: int, threads: int | None = None
) -> NDArray[np.uint8]:
    """Draw the pictures with the numbers ``indices`` of the endless series that ``seed`` names.

    Args:
        seed: 0 to 2**64 - 1.
        indices: int64 (N,), 0 to 2**32 - 1.
        side_px: height and width in pixels, at least 8.
        threads: how many to use, all cores when omitted; the pictures do not depend on it.

    Returns:
        uint8 (N, side_px, side_px, 3); picture i depends on nothing but seed, indices[i] and side_px.
    """
    pictures = np.empty((len(indices), side_px, side_px, 3), np.uint8)

    def fill(part: slice) -> None:
        remaining, attempt = np.arange(len(indices))[part], 0
        while len(remaining):
            uniforms = keyed_uniforms(seed, "fractal", attempt, indices[remaining], PER_PICTURE)
            covered = np.empty(len(remaining))
            drawn = np.empty((len(remaining), side_px, side_px, 3), np.uint8)
            draw(uniforms, drawn, covered)
            pictures[remaining] = drawn
            remaining, attempt = remaining[covered < LEAST_COVERAGE], attempt + 1

    in_threads(fill, len(indices), threads)
    return pictures
