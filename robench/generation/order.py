"""What is to be generated: from which images, which corruptions or sequences, with whose constants and which seed."""

from dataclasses import dataclass
from pathlib import Path

import corruptions
from corruptions import BENCHMARK, CORE_CIFAR, CORE_IMAGENET, EXTRA, EXTRA_CIFAR, EXTRA_IMAGENET
from corruptions.catalogue import strength
from robench import datasets, suites
from robench.datasets import Source
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.download import open_or_advise
from robench.errors import RobenchError
from robench.registry import unknown_name
from robench.shard import WHOLE, Shard

ALL_SEVERITIES = corruptions.SEVERITIES


@dataclass(frozen=True)
class Order:
    """What to generate.

    Attributes:
        source: the clean images, all of them; their indices are the keys of the randomness.
        names: corruptions, or perturbation sequences.
        sequences: are they sequences?
        preset: whose constants to use.
        seed: 0 to 2**64 - 1.
        severities: of corruptions; sequences have none.
        shard: which part of it; parts can be made by different machines into one folder.

    Raises RobenchError for an unknown name or severity, or a seed that cannot be.
    """

    source: Source
    names: tuple[str, ...]
    sequences: bool
    preset: str
    seed: int = 0
    severities: tuple[int, ...] = ALL_SEVERITIES
    shard: Shard = WHOLE

    def __post_init__(self) -> None:
        kind, known = kind_and_names(self.sequences)
        for name in self.names:
            if name not in known:
                raise RobenchError(unknown_name(kind, name, known))
            if not self.sequences:
                strength(name, 1, self.preset)  # raises where the corruption lacks the preset
        if not self.names:
            raise RobenchError(f"name at least one {kind}; known: {', '.join(known)}")
        if not 0 <= self.seed < 2**64:
            raise RobenchError(f"seed must be 0 to 2**64 - 1, got {self.seed}")
        for severity in self.severities:
            if severity not in ALL_SEVERITIES:
                raise RobenchError(f"severity must be 1 to 5, got {severity}")


def kind_and_names(sequences: bool) -> tuple[str, tuple[str, ...]]:
    """Return what a thing to generate is called, and the names there are."""
    if sequences:
        return "perturbation", corruptions.perturbation_names()
    return "corruption", tuple(corruptions.families())


def order_for(
    *,
    suite: str | None = None,
    data_dir: str | Path | None = None,
    source: str | Path | None = None,
    preset: str | None = None,
    side_px: int | None = None,
    sequences: bool = False,
    names: tuple[str, ...] | None = None,
    seed: int = 0,
    severities: tuple[int, ...] | None = None,
    shard: Shard = WHOLE,
) -> Order:
    """Return the order for a benchmark, or for any folder of photographs.

    Args:
        suite: ``"cifar-10-c"``, ``"cifar-10-p"``, ``"imagenet-c"``, ...; may be omitted when ``source`` is given.
        data_dir: the folder that holds the dataset's own folder; as ``robench.places.data_places`` when None.
        source: photographs in class folders; then ``suite`` or ``preset`` says how they are framed.
        preset: whose constants to use; the suite's when None.
        side_px: of the framed photographs; the preset's when None.
        sequences: perturbation sequences instead of corruptions, where no suite says it.
        names: corruptions or sequences; everything the published folder has, the extra ones included, when None.
        seed: 0 to 2**64 - 1.
        severities: of photographs' corruptions; all five when None.
        shard: which part.

    Raises:
        RobenchError: for what is unknown, contradictory or missing.
    """
    if suite is None and (source is None or preset is None):
        raise RobenchError("give --suite, or --source with --preset")
    target = None if suite is None else benchmark(suite)
    if target is not None:
        preset, sequences = preset or target.preset, target.sequences
        names = names or target.names
    assert preset is not None
    if source is not None:
        if target is not None and target.preset == "cifar":
            raise RobenchError(f"{suite} is not made of photographs: leave out --source")
        images: Source = open_image_folder(source, framing_of(preset, side_px))
    else:
        assert target is not None
        images = _dataset(target, data_dir, preset, side_px)
    if severities is not None and not isinstance(images, ImageFolder):
        raise RobenchError(f"{suite} has all five severities in each file: leave out --severities")
    chosen = names or default_names(sequences, preset)
    return Order(images, chosen, sequences, preset, seed, severities or ALL_SEVERITIES, shard)


@dataclass(frozen=True)
class Target:
    """A benchmark as generation sees it; ``names`` is what its published folder holds."""

    suite: str
    dataset: str
    preset: str
    sequences: bool
    names: tuple[str, ...]


def benchmark(suite: str) -> Target:
    """Return what a benchmark is made of; raise RobenchError for an unknown one or one without corruptions."""
    known = suites.registry()[suite]
    if not known.corruptions or known.folder_only or known.preset not in corruptions.PRESETS:
        raise RobenchError(f"{suite} has no corrupted images that can be generated")
    # The published folders hold the extra corruptions and sequences too.
    extra = EXTRA if known.corruptions == BENCHMARK else known.extra
    names = known.corruptions + extra
    return Target(suite, known.dataset, known.preset, known.sequences, names)


def _dataset(
    target: Target, data_dir: str | Path | None, preset: str, side_px: int | None
) -> Source:
    if target.dataset not in datasets.registry():
        raise RobenchError(
            f"{target.suite} is made of photographs: give their folder with --source"
        )
    if preset != target.preset or side_px is not None:
        raise RobenchError("--preset and --size go with --source, a folder of photographs")
    found, _ = open_or_advise(
        lambda place: datasets.load(target.dataset, "test", place), data_dir, target.dataset
    )
    return found


def default_names(sequences: bool, preset: str) -> tuple[str, ...]:
    """Return everything a published folder of that kind has, its extra corruptions or sequences included."""
    if not sequences:
        return BENCHMARK + EXTRA
    return CORE_CIFAR + EXTRA_CIFAR if preset == "cifar" else CORE_IMAGENET + EXTRA_IMAGENET


def photographs(order: Order) -> ImageFolder:
    """Return the order's source, which must be a folder of photographs; raise RobenchError when it is not."""
    if not isinstance(order.source, ImageFolder):
        raise RobenchError(f"{order.source.name} is not a folder of photographs")
    return order.source
