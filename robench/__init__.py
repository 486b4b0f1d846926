"""robench: how robust is this image classifier, and can the number be trusted?

>>> import robench
>>> result = robench.evaluate(model, "cifar-10-c", data_dir="data", normalisation="imagenet")
>>> result.scores

docs/python.md has the rest. Nothing heavy is imported before it is used.
"""

import importlib
from typing import TYPE_CHECKING

from robench.errors import RobenchError
from robench.version import VERSION as __version__

if TYPE_CHECKING:  # for editors and mypy; at run time a name is imported when it is asked for
    from corruptions import (
        Corrupt,
        CorruptedDataset,
        CorruptionError,
        corrupt,
        corruption_names,
        perturb,
        perturbation_names,
    )
    from robench.api import Result, evaluate
    from robench.doctor import diagnose
    from robench.loaded_run import load_run
    from robench.models import load as load_model
    from robench.published_results import load_published, published_scores
else:
    # Name -> where it is.
    LAZY = {
        "Corrupt": "corruptions:Corrupt",
        "CorruptedDataset": "corruptions:CorruptedDataset",
        "CorruptionError": "corruptions:CorruptionError",
        "Result": "robench.api:Result",
        "corrupt": "corruptions:corrupt",
        "corruption_names": "corruptions:corruption_names",
        "diagnose": "robench.doctor:diagnose",
        "evaluate": "robench.api:evaluate",
        "load_model": "robench.models:load",
        "load_published": "robench.published_results:load_published",
        "load_run": "robench.loaded_run:load_run",
        "perturb": "corruptions:perturb",
        "perturbation_names": "corruptions:perturbation_names",
        "published_scores": "robench.published_results:published_scores",
    }

    def __getattr__(name: str) -> object:
        """Import one of ``LAZY`` and keep it."""
        if name not in LAZY:
            raise AttributeError(f"module 'robench' has no attribute {name!r}")
        module, attribute = LAZY[name].split(":")
        found = getattr(importlib.import_module(module), attribute)
        globals()[name] = found
        return found


__all__ = [
    "Corrupt",
    "CorruptedDataset",
    "CorruptionError",
    "Result",
    "RobenchError",
    "__version__",
    "corrupt",
    "corruption_names",
    "diagnose",
    "evaluate",
    "load_model",
    "load_published",
    "load_run",
    "perturb",
    "perturbation_names",
    "published_scores",
]


def __dir__() -> list[str]:
    """Return the public names, and no others."""
    return sorted(__all__)
