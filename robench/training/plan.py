"""Everything that decides what a training run computes, checked before it starts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines import methods
from baselines.keyed_uniforms import MAX_SEED
from baselines.methods import Option
from baselines.methods.method import Method, Normalization
from robench import datasets
from robench.datasets import Source
from robench.errors import RobenchError
from robench.training.recipe import Recipe, recipe_for

NAMED = ("mean", "std")  # of the recipe, where every reader of a model looks for them: at the top


@dataclass(frozen=True)
class Images:
    """One split in memory: ``pixels`` uint8 (N, H, W, 3), ``labels`` and ``indices`` int64 (N,)."""

    pixels: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)
    description: str
    sha256: str

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Plan:
    """A run: two plans that are equal make equal weights on the same machine."""

    method_name: str
    method: Method
    architecture: str
    dataset: str
    num_classes: int
    recipe: Recipe
    seed: int
    train: Images
    test: Images

    @property
    def steps_per_epoch(self) -> int:
        """The last, smaller batch counts."""
        return -(-len(self.train) // self.recipe.batch_size)

    @property
    def normalization(self) -> Normalization:
        """What the network gets for a pixel."""
        return Normalization(self.recipe.mean, self.recipe.std)

    def identity(self) -> dict[str, Any]:
        """Return what a checkpoint must agree with to be continued by this plan."""
        return {
            "architecture": self.architecture,
            "num_classes": self.num_classes,
            "dataset": self.dataset,
            "train_sha256": self.train.sha256,
            "mean": list(self.recipe.mean),
            "std": list(self.recipe.std),
            "method": self.method_name,
            "method_options": asdict(self.method),
            "overlaps": list(self.method.overlaps()),
            "recipe": {
                key: value for key, value in asdict(self.recipe).items() if key not in NAMED
            },
            "seed": self.seed,
        }


def make_plan(
    method: str,
    architecture: str,
    dataset: str | tuple[Source, Source],
    *,
    method_options: Mapping[str, Option] | None,
    seed: int,
    data_dir: str | Path | None,
    chosen: Mapping[str, Any],
) -> Plan:
    """Resolve the names and read the images; see ``train`` for the arguments.

    Raises RobenchError for unknown names, values out of range, and data that is missing or empty.
    """
    if not 0 <= seed < MAX_SEED:
        raise RobenchError(f"seed must be 0 to 2**64 - 1, got {seed}")
    methods.create(method, method_options)  # refuses what cannot be before the data is read
    if isinstance(dataset, str):
        dataset = (
            datasets.load(dataset, "train", data_dir),
            datasets.load(dataset, "test", data_dir),
        )
    train, test = dataset
    if train.classes != test.classes:
        raise RobenchError(f"{train.name}: the training and test images have different classes")
    made = methods.create(method, method_options, used_on=(train.name,))
    return Plan(
        method_name=method,
        method=made,
        architecture=architecture,
        dataset=train.name,
        num_classes=len(train.classes),
        recipe=recipe_for(architecture, train.name, made.recipe, chosen),
        seed=seed,
        train=_in_memory(train),
        test=_in_memory(test),
    )


def _in_memory(source: Source) -> Images:
    count = len(source.labels)
    if count == 0:
        raise RobenchError(f"{source.name}: no images to train on or test with")
    return Images(
        source.read(0, count),
        source.labels,
        source.indices,
        source.description,
        source.manifest_sha256(),
    )
