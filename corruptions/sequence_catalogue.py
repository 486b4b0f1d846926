"""Which perturbation sequences exist: ``perturbations/rotate.py`` is the sequence ``rotate``.

A sequence module holds

* ``STRENGTH``: preset -> rows of constants, the first of which is the number of frames; a second
  and third row are the stronger sequences of the same kind, named with ``_2`` and ``_3``;
* ``apply(images, strength, *draws)``: uint8 (N, F, H, W, 3), deterministic given the draws;
* ``sample(random, strength, images)``: the draws; absent where nothing is random;
* ``WARPS_BEFORE_CROP = True`` where the reference perturbs the photograph before it crops it.
"""

import functools
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from corruptions.catalogue import PRESETS, unknown
from corruptions.errors import CorruptionError

# The order of the paper's tables of flip rates.
CORE_IMAGENET = (
    "gaussian_noise",
    "shot_noise",
    "motion_blur",
    "zoom_blur",
    "snow",
    "brightness",
    "translate",
    "rotate",
    "tilt",
    "scale",
)
CORE_CIFAR = tuple("spatter" if name == "snow" else name for name in CORE_IMAGENET)
# Held out for validation by the benchmark's authors, or a stronger noise: never part of a mean
# flip rate. The sequence that the other benchmark's core has is one of them.
EXTRA_IMAGENET = (
    "gaussian_noise_2",
    "gaussian_noise_3",
    "shot_noise_2",
    "shot_noise_3",
    "speckle_noise",
    "speckle_noise_2",
    "speckle_noise_3",
    "gaussian_blur",
    "spatter",
    "shear",
)
EXTRA_CIFAR = tuple("snow" if name == "spatter" else name for name in EXTRA_IMAGENET)


def perturbation_names() -> tuple[str, ...]:
    """Return the name of every sequence, sorted."""
    return tuple(sorted(_found()))


@functools.cache
def _found() -> dict[str, tuple[ModuleType, int]]:
    """Return name -> (module, row of its ``STRENGTH``) of every sequence, found by file name."""
    found = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent / "perturbations")]):
        module = importlib.import_module(f"corruptions.perturbations.{info.name}")
        for row in range(len(module.STRENGTH[PRESETS[0]])):
            found[f"{info.name}_{row + 1}" if row else info.name] = (module, row)
    return found


def sequence(name: str, preset: str) -> tuple[ModuleType, tuple[float, ...]]:
    """Return the module and the row of constants of one sequence.

    Raises CorruptionError for an unknown name or preset.
    """
    if name not in _found():
        raise CorruptionError(unknown("perturbation", name, perturbation_names()))
    module, row = _found()[name]
    if preset not in module.STRENGTH:
        raise CorruptionError(unknown("preset", preset, PRESETS))
    return module, module.STRENGTH[preset][row]


def frame_count(name: str, *, preset: str) -> int:
    """Return how many frames a sequence has: 31 for most.

    Raises CorruptionError for an unknown name or preset.
    """
    _, strength = sequence(name, preset)
    return int(strength[0])
