"""The pictures of a page: test images where they are at hand, else a photograph that shows what corruptions do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.contact_sheets import specimen
from robench import suites
from robench.datasets import ArraySource
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import Benchmark, open_benchmark
from robench.suites.suite import Suite

EMBEDDED = ("digits",)  # datasets that come with a library
PHOTOGRAPH = "china.jpg"
CREDIT = "a photograph by danielbuechele (CC BY 2.0) that comes with scikit-learn"


@dataclass(frozen=True)
class TestImages:
    """The images that runs were evaluated on, opened again.

    Attributes:
        benchmark: as the runs had it.
        classes: the class names in the order of the labels.
        first: the number of the first image that was evaluated.
    """

    __test__ = False  # pytest takes the name for a test

    benchmark: Benchmark
    classes: tuple[str, ...]
    first: int = 0

    def picture(self, index: int, condition: Condition = CLEAN) -> NDArray[np.uint8]:
        """Return the image of that number in the full dataset under a condition, uint8 (H, W, 3)."""
        at = np.flatnonzero(self.benchmark.full.indices == index)
        return replace(self.benchmark, positions=at).source(condition).read(0, 1)[0]


@dataclass(frozen=True)
class Examples:
    """One picture, clean and under conditions, uint8 (H, W, 3) each; ``credit`` says which picture it is."""

    credit: str
    pictures: Mapping[Condition, NDArray[np.uint8]]


def open_test_images(
    info: Mapping[str, Any], labels: pd.Series, data_dir: Path | None
) -> TestImages | None:
    """Open the images of a run, from the content of its run.json; None where no ``data_dir`` is given and it takes one.

    ``labels`` are the run's by image number; without them, of a run without records, nothing would tell whether the
    images are the run's, and the answer is None. Raises RobenchError when the data is missing or holds other images.
    """
    suite = suites.registry()[info["suite"]]
    if labels.empty or (data_dir is None and suite.dataset not in EMBEDDED):
        return None
    benchmark = open_benchmark(
        _as_evaluated(suite, info), data_dir, mode=_mode(suite, info), seed=info["seed"]
    )
    known = pd.Series(benchmark.full.labels, benchmark.full.indices).reindex(labels.index)
    if suite.reference is None and not np.array_equal(known, labels):
        raise RobenchError(
            f"{data_dir or suite.dataset} holds other images than the runs were evaluated on "
            f"({info['data']['description']}); give --data-dir the folder they were evaluated with, or none"
        )
    return TestImages(benchmark, benchmark.full.classes, int(labels.index.min()))


def example_pictures(
    info: Mapping[str, Any], conditions: list[Condition], images: TestImages | None
) -> Examples | None:
    """Return a picture under each of the conditions: the first test image where images are at hand, else a photograph.

    The photograph has the size of the suite's images and the constants and the seed of the run. None for corruptions
    that cannot be made here.
    """
    suite = suites.registry()[info["suite"]]
    if images is None and suite.folder_only:
        return None
    shown = images or _photograph(suite, info)
    credit = f"test image {images.first}" if images else CREDIT
    pictures = {each: shown.picture(shown.first, each) for each in (CLEAN, *conditions)}
    return Examples(credit, pictures)


def _as_evaluated(suite: Suite, info: Mapping[str, Any]) -> Suite:
    return replace(suite, preset=info["preset"]) if suite.dataset != "folder" else suite


def _mode(suite: Suite, info: Mapping[str, Any]) -> str:
    if not suite.corruptions or suite.folder is None:
        return "auto"
    return "on-the-fly" if " on the fly (" in info["data"]["description"] else "folder"


def _photograph(suite: Suite, info: Mapping[str, Any]) -> TestImages:
    with as_file(files("sklearn.datasets.images") / PHOTOGRAPH) as path:
        pixels = specimen(path, info["preset"]).pixels
    source = ArraySource("photograph", CREDIT, ("",), pixels, np.zeros(1, int), np.zeros(1, int))
    used = replace(suite, preset=info["preset"])
    return TestImages(Benchmark(used, source, np.zeros(1, int), None, info["seed"]), ("",))
