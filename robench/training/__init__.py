"""Training a baseline: one loop for every method, network and dataset.

>>> from robench.training import train
>>> train("augmix", "wrn-40-2", "cifar-10", "runs/augmix", data_dir="data")
"""

from corruptions.compilation import announce_compilation
from robench.training.loop import Trained, train
from robench.training.recipe import Recipe, recipe_for
from robench.training.series import evaluate_trained, train_series

__all__ = ["Recipe", "Trained", "evaluate_trained", "recipe_for", "train", "train_series"]

announce_compilation("baselines")
