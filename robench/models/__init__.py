"""Models: anything that turns a batch of images into logits, with the preprocessing it was trained with."""

from robench.models.checkpoint import load_checkpoint
from robench.models.model import Model
from robench.models.normalization import NORMALIZATIONS, Normalization, chosen_normalization

__all__ = ["NORMALIZATIONS", "Model", "Normalization", "chosen_normalization", "load_checkpoint"]
