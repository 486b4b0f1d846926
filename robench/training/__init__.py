"""Training a baseline: one loop for every method, network and dataset.

>>> from robench.training import train
>>> train("augmix", "wrn-40-2", "cifar-10", "runs/augmix", data_dir="data")
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robench.training.evaluation import evaluate_trained
    from robench.training.loop import Trained, train
    from robench.training.recipe import Recipe, recipe_for
    from robench.training.session import TrainingSession, forecast_training, train_and_evaluate

__all__ = [
    "Recipe",
    "Trained",
    "TrainingSession",
    "evaluate_trained",
    "forecast_training",
    "recipe_for",
    "train",
    "train_and_evaluate",
]

# Name -> where it is; imported when asked for, so that `robench train` can check a request before it imports PyTorch.
LAZY = {
    "Recipe": "recipe",
    "Trained": "loop",
    "TrainingSession": "session",
    "evaluate_trained": "evaluation",
    "forecast_training": "session",
    "recipe_for": "recipe",
    "train": "loop",
    "train_and_evaluate": "session",
}


def __getattr__(name: str) -> Any:
    """Import one of ``LAZY``."""
    if name not in LAZY:
        raise AttributeError(f"module 'robench.training' has no attribute {name!r}")
    return getattr(importlib.import_module(f"robench.training.{LAZY[name]}"), name)
