"""ImageNet's 1,000 classes by WordNet number, and the 200 that ImageNet-R, -A and -O are about.

The number of a class is its place in the sorted list, which is the order of the logits of nearly every published
network. Sources: ILSVRC2012; Hendrycks et al. 2021, "The Many Faces of Robustness" (R) and "Natural Adversarial
Examples" (A and O), whose evaluation scripts list the classes.
"""

import functools
from pathlib import Path

from robench.errors import RobenchError

FOLDER = Path(__file__).parent


@functools.cache
def wnids(letter: str | None = None) -> tuple[str, ...]:
    """Return the 1,000 WordNet numbers in order, or the 200 of ImageNet-``letter``, one of r, a and o."""
    name = "imagenet_wnids.txt" if letter is None else f"imagenet_{letter}_wnids.txt"
    return tuple((FOLDER / name).read_text(encoding="ascii").split())


@functools.cache
def class_numbers(letter: str | None = None) -> dict[str, int]:
    """Return WordNet number -> class number, 0 to 999, of all classes or of the 200 of ImageNet-``letter``."""
    numbers = {wnid: number for number, wnid in enumerate(wnids())}
    return {wnid: numbers[wnid] for wnid in wnids(letter)}


def class_number(folder: str, known: dict[str, int]) -> int:
    """Return the class that a folder's name stands for; raise RobenchError when it is not one of the ``known``."""
    if folder not in known:
        raise RobenchError(
            f"folder {folder!r} is not one of the {len(known)} classes expected (such as {next(iter(known))})"
        )
    return known[folder]
