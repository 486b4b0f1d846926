"""Which corruptions exist and where their files are: ``weather/fog.py`` is the corruption ``fog``.

A corruption module holds

* ``STRENGTH``: preset -> five rows of constants, severity 1 to 5, for the presets it exists in;
* ``apply(images, strength, *draws)``: pixels from pixels, deterministic given the draws;
* ``sample(random, strength, images)``: the draws, a tuple of arrays; absent where nothing is
  random.
"""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from corruptions.errors import CorruptionError

FAMILIES = ("noise", "blur", "weather", "digital", "bar")
PRESETS = ("cifar", "tiny", "imagenet", "inception")
SEVERITIES = (1, 2, 3, 4, 5)

# The order of Table 1 of Hendrycks & Dietterich 2019 and of the AugMix paper's tables.
BENCHMARK = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
# Held out for validation by the benchmark's authors: never part of a mean corruption error.
EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
# The ten of CIFAR-10-C-bar, which have the preset "cifar" only, and of ImageNet-C-bar, which have
# "imagenet" only; five are in both. In the order of the lists in the code of Mintun et al. 2021.
CIFAR_BAR = (
    "blue_noise_sample",
    "checkerboard_cutout",
    "inverse_sparkles",
    "pinch_and_twirl",
    "ripple",
    "brownish_noise",
    "circular_motion_blur",
    "lines",
    "sparkles",
    "transverse_chromatic_abberation",
)
IMAGENET_BAR = (
    "caustic_refraction",
    "inverse_sparkles",
    "sparkles",
    "perlin_noise",
    "blue_noise_sample",
    "plasma_noise",
    "checkerboard_cutout",
    "cocentric_sine_waves",
    "single_frequency_greyscale",
    "brownish_noise",
)


@functools.cache
def families() -> dict[str, str]:
    """Return name -> family of every corruption, found by file name without importing any."""
    root = Path(__file__).parent
    return {
        info.name: family
        for family in FAMILIES
        for info in pkgutil.iter_modules([str(root / family)])
    }


def corruption_names() -> tuple[str, ...]:
    """Return the name of every corruption, sorted; ``BENCHMARK`` has the fifteen of the benchmarks in their order."""
    return tuple(sorted(families()))


def load(name: str) -> ModuleType:
    """Import the module of one corruption; raise CorruptionError with the closest name."""
    known = families()
    if name not in known:
        raise CorruptionError(unknown("corruption", name, sorted(known)))
    return importlib.import_module(f"corruptions.{known[name]}.{name}")


def strength(name: str, severity: int, preset: str) -> tuple[float, ...]:
    """Return the row of constants for one corruption at one severity (1 to 5) of one preset.

    Raises CorruptionError for an unknown name or preset, for a preset in which the corruption does
    not exist, and for a severity outside 1 to 5.
    """
    table = load(name).STRENGTH
    if preset not in PRESETS:
        raise CorruptionError(unknown("preset", preset, PRESETS))
    if preset not in table:
        known = ", ".join(table)
        raise CorruptionError(f"{name} does not exist in preset {preset!r}; its presets: {known}")
    if severity not in SEVERITIES:
        raise CorruptionError(
            f'severity must be 1 to 5, got {severity} (clean images are the condition "clean")'
        )
    row: tuple[float, ...] = table[preset][SEVERITIES.index(severity)]
    return row


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for a ``name`` that is none of the ``known``, with the closest of them."""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name!r}; {hint}known: {', '.join(names)}"
