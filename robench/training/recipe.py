"""The hyperparameters of a training run, and which of them a dataset, network or method changes.

Source: Hendrycks et al. 2020 (AugMix), section 4.1, and its published code.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from baselines.keyed_uniforms import MAX_EPOCH
from robench.errors import RobenchError


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to learn, and how images are framed before a method sees them.

    The learning rate falls from ``lr`` to ``final_lr`` along half a cosine, step by step. ``flip``
    mirrors an image with probability 1/2; ``crop_padding_px`` shifts it by up to that many pixels
    with black borders. Weight decay acts on every parameter.
    """

    epochs: int = 100
    batch_size: int = 128
    lr: float = 0.1
    final_lr: float = 1e-6
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    flip: bool = True
    crop_padding_px: int = 4
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    def __post_init__(self) -> None:
        rules = {
            f"epochs must be 1 to {MAX_EPOCH}": 1 <= self.epochs <= MAX_EPOCH,
            "batch_size must be at least 1": self.batch_size >= 1,
            "lr must be positive": 0 < self.lr < math.inf,
            "weight_decay must be zero or positive": 0 <= self.weight_decay < math.inf,
            "crop_padding_px must not be negative": self.crop_padding_px >= 0,
        }
        for rule, holds in rules.items():
            if not holds:
                raise RobenchError(f"{rule}, got {getattr(self, rule.split()[0])}")

    def lr_at(self, step: int, total_steps: int) -> float:
        """Return the learning rate of step 0 to ``total_steps`` - 1."""
        share = 0.5 * (1 + math.cos(math.pi * step / total_steps))
        return self.final_lr + (self.lr - self.final_lr) * share


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
}


def recipe_for(
    architecture: str,
    dataset: str,
    of_method: Mapping[str, Any],
    chosen: Mapping[str, Any],
) -> Recipe:
    """Return the recipe of a run.

    Each of the following overrides those before it: the defaults, the network's needs, the
    dataset's, the method's, and what the user chose (None: nothing chosen).

    Raises RobenchError for a value out of range.
    """
    wanted = {name: value for name, value in chosen.items() if value is not None}
    layers = (OF_ARCHITECTURE.get(architecture, {}), OF_DATASET.get(dataset, {}), of_method, wanted)
    fields = asdict(Recipe())
    for layer in layers:
        fields.update(layer)
    return Recipe(**fields)
