"""Published results, one CSV file each; ``sources.csv`` says where every file comes from.

>>> from baselines import published
>>> published.load("alexnet_imagenet_c")["mean"]
"""

import functools
from importlib import resources

import pandas as pd

from robench.registry import Registry

__all__ = ["load", "sources"]


@functools.cache
def _registry() -> Registry[str]:
    registry: Registry[str] = Registry("published table")
    for name in _read("sources")["name"]:
        registry[name] = name
    return registry


def load(name: str) -> pd.DataFrame:
    """Return one published table as printed; its unit and caveats are in ``sources()``.

    Args:
        name: one of ``sources()["name"]``, such as ``"augmix_table1"``.

    Raises:
        RobenchError: for an unknown name.
    """
    return _read(_registry()[name])


def sources() -> pd.DataFrame:
    """Return one row per table: name, source (paper), table (where), values (unit), note."""
    return _read("sources")


def _read(name: str) -> pd.DataFrame:
    with resources.files(__name__).joinpath(f"{name}.csv").open("rb") as file:
        return pd.read_csv(file)
