"""Parts of a test set that others have published numbers on.

``robustbench-5k``: what RobustBench evaluates by default: the first 5,000 test images of CIFAR-10 and CIFAR-100, and
of ImageNet the 5,000 validation images that it drew once and lists (not the first ones: those would be of 100 classes).
Source: Croce et al. 2021, RobustBench; its imagenet_test_image_ids.txt.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.arguments import argument
from robench.datasets import Source
from robench.datasets.image_folder import ImageFolder
from robench.errors import RobenchError
from robench.registry import Registry

ROBUSTBENCH_COUNT = 5000
ROBUSTBENCH_IMAGENET = Path(__file__).parent / "robustbench_imagenet.txt"
VALIDATION_FILE = re.compile(r"ILSVRC2012_val_(\d{8})\.\w+")


def robustbench_positions(source: Source) -> NDArray[np.int64]:
    """Return which images of a whole test set RobustBench evaluates, int64 (5000,), sorted.

    Raises RobenchError for a dataset that it does not evaluate, and when images are missing.
    """
    if source.name in ("cifar-10", "cifar-100"):
        if len(source.labels) < ROBUSTBENCH_COUNT:
            raise RobenchError(
                f"{argument('subset', 'robustbench-5k')} needs 5,000 images, "
                f"{source.description} has {len(source.labels)}"
            )
        return np.arange(ROBUSTBENCH_COUNT)
    if source.name != "imagenet" or not isinstance(source, ImageFolder):
        raise RobenchError(
            f"{argument('subset', 'robustbench-5k')} is of cifar-10, cifar-100 and imagenet, not of {source.name}"
        )
    wanted = set(map(int, ROBUSTBENCH_IMAGENET.read_text(encoding="ascii").split()))
    numbers = [_validation_number(path) for path in source.paths]
    positions = [position for position, number in enumerate(numbers) if number in wanted]
    if len(positions) != len(wanted):
        raise RobenchError(
            f"{argument('subset', 'robustbench-5k')}: {len(positions)} of its {len(wanted)} validation images are in "
            f"{source.description}"
        )
    return np.array(positions, np.int64)


def _validation_number(path: str) -> int | None:
    match = VALIDATION_FILE.search(path)
    return int(match[1]) if match else None


SUBSETS: Registry[Callable[[Source], NDArray[np.int64]]] = Registry("subset")
SUBSETS["robustbench-5k"] = robustbench_positions
