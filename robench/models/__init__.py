"""Models: anything that turns a batch of images into logits, with the preprocessing it was trained with."""

from robench.models.checkpoint import load_checkpoint
from robench.models.model import Model
from robench.models.normalisation import NORMALISATIONS, Normalisation, chosen_normalisation

__all__ = ["NORMALISATIONS", "Model", "Normalisation", "chosen_normalisation", "load_checkpoint"]
