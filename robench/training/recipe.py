"""The hyperparameters of a training run, and which of them a dataset, network or method changes.

Source: Hendrycks et al. 2020 (AugMix), sections 4.1 and 4.2, and its published code.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from baselines.draw_limits import MAX_EPOCH
from robench.errors import RobenchError
from robench.registry import unknown_name

SCHEDULES = ("cosine", "thirds")


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to learn, and how images are framed before a method sees them.

    ``schedule`` "cosine": the learning rate falls from ``lr`` to ``final_lr`` along half a cosine, step
    by step; "thirds": it is divided by 10 after each third of the epochs. ``flip`` mirrors an image
    with probability 1/2. ``resized_crop_px`` cuts out a random part of a picture and resizes it to that
    side; where that is 0, ``crop_padding_px`` shifts the image by up to that many pixels, with black
    borders. Weight decay acts on every parameter. ``name`` is the recipe that this one began as.
    """

    name: str = "cifar"
    epochs: int = 100
    batch_size: int = 128
    lr: float = 0.1
    schedule: str = "cosine"
    final_lr: float = 1e-6
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    flip: bool = True
    crop_padding_px: int = 4
    resized_crop_px: int = 0
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    def __post_init__(self) -> None:
        rules = {
            f"epochs must be 1 to {MAX_EPOCH}": 1 <= self.epochs <= MAX_EPOCH,
            "batch_size must be at least 1": self.batch_size >= 1,
            "lr must be positive": 0 < self.lr < math.inf,
            "momentum must be 0 to below 1": 0 <= self.momentum < 1,
            "resized_crop_px must not be negative": self.resized_crop_px >= 0,
            "weight_decay must be zero or positive": 0 <= self.weight_decay < math.inf,
            "crop_padding_px must not be negative": self.crop_padding_px >= 0,
            f"schedule must be {' or '.join(SCHEDULES)}": self.schedule in SCHEDULES,
        }
        for rule, holds in rules.items():
            if not holds:
                raise RobenchError(f"{rule}, got {getattr(self, rule.split()[0])}")

    def lr_at(self, step: int, total_steps: int) -> float:
        """Return the learning rate of step 0 to ``total_steps`` - 1."""
        if self.schedule == "thirds":
            epoch = step * self.epochs // total_steps
            # The published code's rounding: of 100 epochs, 33, 33 and 34; of fewer than 3, all are last.
            thirds = min(epoch // (self.epochs // 3), 2) if self.epochs >= 3 else 2
            return self.lr * 0.1**thirds
        share = 0.5 * (1 + math.cos(math.pi * step / total_steps))
        return self.final_lr + (self.lr - self.final_lr) * share


# What a recipe changes of the defaults above. The learning rate of ImageNet's is per 256 images of a batch.
RECIPES: dict[str, dict[str, Any]] = {
    "cifar": {},
    "imagenet": {
        "epochs": 90,
        "batch_size": 256,
        "schedule": "thirds",
        "nesterov": False,
        "weight_decay": 1e-4,
        "crop_padding_px": 0,
        "resized_crop_px": 224,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
    },
}
SCALED_LR = {"imagenet": 0.1 / 256}
RECIPE_OF_DATASET = {"imagenet": "imagenet"}

OVERRIDABLE = tuple(each.name for each in fields(Recipe) if each.name != "name")

# What differs from the defaults above, which are those of WideResNet-40-2 on CIFAR.
OF_ARCHITECTURE: dict[str, dict[str, Any]] = {
    "densenet": {"epochs": 200, "weight_decay": 1e-4},
    "densenet-bc-100-12": {"epochs": 200, "weight_decay": 1e-4},
    "resnext29": {"epochs": 200},
}
OF_DATASET: dict[str, dict[str, Any]] = {
    # 1,297 images need small batches to make enough steps. A mirrored 2 is no digit; on 32 pixels
    # that were 8, a shift of 4 is half a stroke.
    "digits": {"epochs": 15, "batch_size": 32, "lr": 0.05, "flip": False, "crop_padding_px": 2},
    # In proportion to CIFAR's 4 of 32 pixels.
    "tiny-imagenet": {"crop_padding_px": 8},
}


def recipe_for(
    architecture: str,
    dataset: str,
    of_method: Mapping[str, Any],
    chosen: Mapping[str, Any],
    name: str = "cifar",
) -> Recipe:
    """Return the recipe of a run.

    Each of the following overrides those before it: the defaults, the named recipe's, the network's needs,
    the method's, the dataset's, and what the user chose (None: nothing chosen). ImageNet's learning
    rate, where nobody asks for another, is 0.1 x batch / 256; CIFAR's does not follow the batch.

    Raises RobenchError for an unknown recipe and a value out of range.
    """
    if name not in RECIPES:
        raise RobenchError(unknown_name("recipe", name, RECIPES))
    wanted = {key: value for key, value in chosen.items() if value is not None}
    for key in wanted:
        if key not in OVERRIDABLE:
            raise RobenchError(unknown_name("part of a recipe", key, OVERRIDABLE))
    of_architecture = OF_ARCHITECTURE.get(architecture.removeprefix("anti-aliased:"), {})
    layers = (RECIPES[name], of_architecture, of_method, OF_DATASET.get(dataset, {}), wanted)
    values = asdict(Recipe(name=name))
    for layer in layers:
        values.update(layer)
    if name in SCALED_LR and not any("lr" in layer for layer in layers):
        values["lr"] = SCALED_LR[name] * values["batch_size"]
    return Recipe(**values)
