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
from robench.errors import RobenchError
from robench.registry import unknown_name
from robench.shard import WHOLE, Shard

ALL_SEVERITIES = corruptions.SEVERITIES
# Benchmarks made of a folder of photographs: name -> (preset, does it have sequences?).
OF_PHOTOGRAPHS = {
    "imagenet-c": ("imagenet", False),
    "imagenet-p": ("imagenet", True),
    "tiny-imagenet-c": ("tiny", False),
    "tiny-imagenet-p": ("tiny", True),
}
# Those made of a dataset that ``robench.datasets`` knows, where the suites do not name it: name -> (dataset, preset).
SEQUENCES_OF = {
    "cifar-10-p": ("cifar-10", "cifar"),
    "cifar-100-p": ("cifar-100", "cifar"),
    "digits-p": ("digits", "cifar"),
}


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
        data_dir: the folder that holds the dataset's own folder.
        source: photographs in class folders; then ``suite`` or ``preset`` says how they are framed.
        preset: whose constants to use, where no suite says it.
        side_px: of the framed photographs; the preset's when None.
        sequences: perturbation sequences instead of corruptions, where no suite says it.
        names: corruptions or sequences; everything the published folder has, the extra ones included, when None.
        seed: 0 to 2**64 - 1.
        severities: of photographs' corruptions; all five when None.
        shard: which part.

    Raises:
        RobenchError: for what is unknown, contradictory or missing.
    """
    if source is None:
        for option, given in {
            "--preset": preset,
            "--size": side_px,
            "--severities": severities,
        }.items():
            if given is not None:
                raise RobenchError(f"{option} goes with --source, a folder of photographs")
        return _of_dataset(suite, data_dir, names, seed, shard)
    if suite is not None:
        if suite not in OF_PHOTOGRAPHS:
            raise RobenchError(
                f"{suite} is not made of photographs; with --source the suite is one of "
                f"{', '.join(OF_PHOTOGRAPHS)}"
            )
        suite_preset, sequences = OF_PHOTOGRAPHS[suite]
        preset = preset or suite_preset
    if preset is None:
        raise RobenchError("--source needs --suite or --preset, whose constants to use")
    folder = open_image_folder(source, framing_of(preset, side_px))
    chosen = names or default_names(sequences, preset)
    return Order(folder, chosen, sequences, preset, seed, severities or ALL_SEVERITIES, shard)


def _of_dataset(
    suite: str | None,
    data_dir: str | Path | None,
    names: tuple[str, ...] | None,
    seed: int,
    shard: Shard,
) -> Order:
    if suite is None:
        raise RobenchError("give --suite, or --source with --preset")
    if suite in OF_PHOTOGRAPHS:
        raise RobenchError(f"{suite} is made of photographs: give their folder with --source")
    dataset, preset = dataset_of(suite)
    sequences = suite in SEQUENCES_OF
    source = datasets.load(dataset, "test", data_dir)
    return Order(
        source, names or default_names(sequences, preset), sequences, preset, seed, shard=shard
    )


def dataset_of(suite: str) -> tuple[str, str]:
    """Return the dataset and the preset of a benchmark of a known dataset; raise RobenchError for any other name."""
    if suite in SEQUENCES_OF:
        return SEQUENCES_OF[suite]
    if suite in suites.registry():
        description = suites.registry()[suite]
        return description.dataset, description.preset
    known = {*suites.registry(), *OF_PHOTOGRAPHS, *SEQUENCES_OF}
    raise RobenchError(unknown_name("suite", suite, known))


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
