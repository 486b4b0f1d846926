"""Any folder of pictures with a sub-folder per class, corrupted on the fly by the 15 corruptions of the benchmark.

Squares of one size are corrupted as they are; pictures of several sizes are first framed as those of the benchmark
whose constants are used. No published figure belongs to such a folder, so errors are unnormalised.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corruptions import BENCHMARK, EXTRA, SEVERITIES, preset_for
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import CentreCrop, Framing, Squash, framing_of, framing_of_record
from robench.datasets.image_folder import ImageFolder, photographs
from robench.datasets.own_folder import open_own_folder, picture_sizes
from robench.suites.suite import AUTO_PRESET, Suite

if TYPE_CHECKING:
    from robench.suites.benchmark import Benchmark

NAME = "folder"
SUITES = {
    NAME: Suite(
        name=NAME,
        summary="your own pictures in class folders: 15 corruptions x 5 severities, on the fly",
        dataset=NAME,
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset=AUTO_PRESET,
    )
}


def open_framed(
    data_dir: str | Path | None,
    preset: str | None,
    size_px: int | None,
    classes: tuple[str, ...] | None,
) -> tuple[ImageFolder, str]:
    """Open the folder as a preset frames its pictures; return it and the preset.

    Args:
        data_dir: the folder.
        preset: whose constants and framing; when None, that of ``size_px`` or, when that is None, the one nearest to
            the pictures' size. Of pictures of several sizes, the median of the shorter sides is their size.
        size_px: the side of the squares that the network is shown; when None, squares of one size stay as they are,
            and other pictures get the preset's own size.
        classes: in the order of the network's outputs; see ``open_own_folder``.

    Raises:
        RobenchError: as ``open_own_folder``, and for a size outside 16 to 4096.
    """
    source = open_own_folder("test", None if data_dir is None else Path(data_dir), classes)
    stored = source.framing.side_px if isinstance(source.framing, AsStored) else None
    if stored and size_px in (None, stored):
        return source, preset or preset_for(stored, stored)
    side_px = size_px or int(np.median(picture_sizes(source).min(1)))
    chosen = preset or preset_for(side_px, side_px)
    return replace(source, framing=framing_of(chosen, size_px)), chosen


def framing_sentence(source: ImageFolder) -> str:
    """Return in words at which size the pictures reach the network, and how they get it."""
    framing = source.framing
    if isinstance(framing, AsStored):
        return f"as stored at {framing.side_px} px"
    if isinstance(framing, CentreCrop):
        return f"resized to {framing.resize_px} px and cropped to {framing.side_px} px"
    if isinstance(framing, Squash) and framing.fraction < 1:
        return f"the central {framing.fraction:.1%} of both sides resized to {framing.side_px} px"
    return f"resized to {framing.side_px} px"


def framing_for(
    training: Mapping[str, Any] | None, input_size_px: tuple[int, int] | None
) -> Framing | None:
    """Return how a model is to be shown pictures: as in its training's tests, or at the only size it takes, or None."""
    if training is not None and (found := framing_of_record(training.get("framing"))):
        return found
    if input_size_px is None or input_size_px[0] != input_size_px[1]:
        return None
    side_px = input_size_px[0]
    return framing_of(preset_for(side_px, side_px), side_px)


def framing_in_use(benchmark: "Benchmark") -> Framing | None:
    """Return how a benchmark's pictures are shown."""
    return benchmark.full.framing if isinstance(benchmark.full, ImageFolder) else None


def reframed(benchmark: "Benchmark", framing: Framing) -> "Benchmark":
    """Return the benchmark with its pictures shown another way, and the constants that go with their new size.

    Where the model was tested on stored squares, pictures of other sizes are made squares of that size.
    """
    preset = preset_for(framing.side_px, framing.side_px)
    if isinstance(framing, AsStored):
        framing = framing_of(preset, framing.side_px)
    full = replace(photographs(benchmark.full), framing=framing)
    return replace(benchmark, full=full, suite=replace(benchmark.suite, preset=preset))
