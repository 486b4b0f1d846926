"""Baselines that a benchmark's corruption errors are divided by."""

from baselines.published import load
from robench.registry import Registry

# AlexNet's clean error, the constant of the relative corruption error. The errors per corruption are in the CSV files.
CLEAN_ERRORS: Registry[float] = Registry("normaliser")
CLEAN_ERRORS["alexnet_imagenet_c"] = 0.4348


def normaliser(name: str) -> tuple[dict[str, float], float]:
    """Return a baseline's error per corruption, averaged over severities, and its clean error, as fractions.

    Raises RobenchError for an unknown name. Source: Hendrycks & Dietterich 2019 and its published code.
    """
    clean = CLEAN_ERRORS[name]
    table = load(name)
    return dict(zip(table["corruption"], table["mean"].astype(float), strict=True)), clean
