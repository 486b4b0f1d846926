"""Any folder of pictures with a sub-folder per class, corrupted on the fly by the 15 corruptions of the benchmark.

Squares of one size are corrupted as they are; pictures of several sizes are first framed as those of the benchmark
whose constants are used. No published figure belongs to such a folder, so errors are unnormalised.
"""

from dataclasses import replace

import numpy as np

from corruptions import BENCHMARK, EXTRA, SEVERITIES, preset_for
from robench.datasets import Source
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder
from robench.datasets.own_folder import picture_sizes
from robench.suites.suite import AUTO_PRESET, Suite

SUITES = {
    "folder": Suite(
        name="folder",
        summary="your own pictures in class folders: 15 corruptions x 5 severities, on the fly",
        dataset="folder",
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset=AUTO_PRESET,
    )
}


def framed(source: Source, preset: str | None) -> tuple[Source, str]:
    """Return the source as a preset frames it, and the preset: the one nearest to the pictures' size when None.

    Of pictures of several sizes, the median of the shorter sides is their size. Squares of one size stay as they are.
    """
    if not isinstance(source, ImageFolder):
        raise TypeError(f"{source.name} is not a folder of pictures")
    if isinstance(source.framing, AsStored):
        side_px = source.framing.side_px
        return source, preset or preset_for(side_px, side_px)
    side_px = int(np.median(picture_sizes(source).min(1)))
    chosen = preset or preset_for(side_px, side_px)
    return replace(source, framing=framing_of(chosen)), chosen
