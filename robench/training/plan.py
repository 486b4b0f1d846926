"""Everything that decides what a training run computes, checked before it starts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from baselines import methods
from baselines.draw_limits import MAX_SEED
from baselines.methods import Option
from baselines.methods.method import Method, Normalization
from robench import datasets
from robench.datasets import Source
from robench.datasets.as_stored import AsStored
from robench.datasets.framing import framing_record
from robench.datasets.image_folder import ImageFolder
from robench.datasets.stylised_copy import with_stylised_copy
from robench.errors import RobenchError
from robench.inference import PRECISIONS
from robench.training.defaults import SMALL_PICTURES_NETWORK, SUBJECTS
from robench.training.generated_data import corruptions_in
from robench.training.images import Images, images_of
from robench.training.recipe import RECIPE_OF_DATASET, Recipe, recipe_for

NAMED = ("mean", "std")  # of the recipe, where every reader of a model looks for them: at the top
FOLDER = "folder"
LARGEST_CIFAR_LIKE_PX = 64


@dataclass(frozen=True)
class Plan:
    """A run: two plans that are equal make equal weights on the same machine.

    ``corrupted_by`` names the corruptions of which the training images are generated.
    """

    method_name: str
    method: Method
    architecture: str
    dataset: str
    num_classes: int
    recipe: Recipe
    seed: int
    precision: str
    train: Images
    test: Images
    corrupted_by: tuple[str, ...] = ()
    mixing_pictures_sha256: str | None = None

    @property
    def steps_per_epoch(self) -> int:
        """The last, smaller batch counts."""
        return -(-len(self.train) // self.recipe.batch_size)

    def test_framing(self) -> dict[str, Any] | None:
        """Return how the test pictures were framed, for who evaluates the checkpoint; None for arrays."""
        source = self.test.source
        return framing_record(source.framing) if isinstance(source, ImageFolder) else None

    @property
    def normalization(self) -> Normalization:
        """What the network gets for a pixel."""
        return Normalization(self.recipe.mean, self.recipe.std)

    @property
    def overlaps(self) -> tuple[str, ...]:
        """The operations of training that overlap with test corruptions, sorted."""
        return tuple(sorted({*self.method.overlaps(), *self.corrupted_by}))

    def difference(self, identity: Mapping[str, Any]) -> str | None:
        """Return in words the first thing in which a run of another identity is not this one, or None."""
        before, now = _flat(identity), _flat(self.identity())
        for key, value in now.items():
            if key not in before or before[key] != value:
                return f"its {key} is {before.get(key)}, this run's is {value}"
        return None

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
            "mixing_pictures_sha256": self.mixing_pictures_sha256,
            "overlaps": list(self.overlaps),
            "recipe": {
                key: value for key, value in asdict(self.recipe).items() if key not in NAMED
            },
            "precision": self.precision,
            "seed": self.seed,
        }


def _flat(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Lift the entries of the recipe and the method's options to the top, where they can be named."""
    flat = {
        key: value for key, value in identity.items() if key not in ("recipe", "method_options")
    }
    flat.update(identity["recipe"])
    # After the names of the recipe and the method: options of another method mean nothing.
    flat.update({f"option {key}": value for key, value in identity["method_options"].items()})
    return flat


def make_plan(
    method: str,
    architecture: str | None,
    dataset: str | tuple[Source, Source],
    *,
    method_options: Mapping[str, Option] | None = None,
    seed: int = 0,
    precision: str = "fp32",
    data_dir: str | Path | None = None,
    recipe: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Plan:
    """Resolve the names and open the images; see ``train`` for the arguments. Without ``architecture``, the dataset's
    default network is taken.

    Raises RobenchError for unknown names, values out of range, data that is missing or empty, and a
    batch that is larger than the data.
    """
    check_seed(seed)
    if precision not in PRECISIONS:
        raise RobenchError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    methods.create(method, method_options)  # refuses what cannot be before the data is read
    train, test = _splits(dataset, data_dir)
    name = recipe or RECIPE_OF_DATASET.get(train.name) or _recipe_of_pictures(train)
    made = methods.create(method, method_options, used_on=(name, train.name))
    architecture = made.architecture(architecture or _network_of(train, name))
    if folder := made.also_trains_on():
        train = with_stylised_copy(train, folder)
    of_method = made.recipe if name == "cifar" else {}  # the papers' recipes on CIFAR
    wishes = {**of_method, **_side_of_crops(train, name)}
    plan = Plan(
        method_name=method,
        method=made,
        architecture=architecture,
        dataset=train.name,
        num_classes=len(train.classes),
        recipe=recipe_for(architecture, train.name, wishes, changes or {}, name),
        seed=seed,
        precision=precision,
        train=images_of(train),
        test=images_of(test),
        corrupted_by=corruptions_in(train),
        mixing_pictures_sha256=made.mixing_pictures_sha256(),
    )
    if plan.recipe.batch_size > len(plan.train):
        raise RobenchError(
            f"a batch of {plan.recipe.batch_size} is larger than the {len(plan.train)} training images; "
            "give a smaller --batch-size"
        )
    return plan


def check_seed(seed: int) -> None:
    """Raise RobenchError for a seed that draws cannot be keyed by."""
    if not 0 <= seed < MAX_SEED:
        raise RobenchError(f"seed must be 0 to 2**64 - 1, got {seed}")


def _splits(
    dataset: str | tuple[Source, Source], data_dir: str | Path | None
) -> tuple[Source, Source]:
    """Return training and test images, framed alike; raise RobenchError where their classes differ."""
    if isinstance(dataset, str):
        train = datasets.load(dataset, "train", data_dir)
        test = datasets.load(dataset, "test", data_dir)
    else:
        train, test = dataset
    if train.classes != test.classes:
        odd = sorted(set(train.classes) ^ set(test.classes))
        raise RobenchError(
            f"{train.name}: the training and test images have different classes ({', '.join(odd[:3] or 'other order')})"
        )
    if train.name == FOLDER and isinstance(train, ImageFolder) and isinstance(test, ImageFolder):
        # One split can hold squares by chance where the other does not.
        test = replace(test, framing=train.framing)
    return train, test


def _recipe_of_pictures(train: Source) -> str:
    """Return ImageNet's recipe for a folder of photographs, CIFAR's for small squares and everything else."""
    if train.name != FOLDER or not isinstance(train, ImageFolder):
        return "cifar"
    small = isinstance(train.framing, AsStored) and train.framing.side_px <= LARGEST_CIFAR_LIKE_PX
    return "cifar" if small else "imagenet"


def _network_of(train: Source, recipe: str) -> str:
    """Return the network that is trained where nobody chooses one."""
    if train.name not in SUBJECTS:
        raise RobenchError(f"{train.name} has no network of its own; give --arch")
    if train.name == FOLDER and recipe == "cifar":
        return SMALL_PICTURES_NETWORK
    return SUBJECTS[train.name].network


def _side_of_crops(train: Source, recipe: str) -> dict[str, Any]:
    """Let the crops of squares, which are tested as they are, have their size."""
    framing = train.framing if isinstance(train, ImageFolder) else None
    if recipe == "imagenet" and isinstance(framing, AsStored):
        return {"resized_crop_px": framing.side_px}
    return {}


def single_image_classes(images: Images) -> list[str]:
    """Return the names of the classes that have one image only, from which little can be learned."""
    counts = np.bincount(images.labels, minlength=len(images.source.classes))
    return [images.source.classes[number] for number in np.flatnonzero(counts == 1)]
