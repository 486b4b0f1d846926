"""robench: how robust is this image classifier, and can the number be trusted?"""

import importlib
from typing import Any

from robench.errors import RobenchError
from robench.version import VERSION as __version__

__all__ = ["RobenchError", "__version__"]

# Name -> where it is; imported when asked for, so that `import robench` stays instant.
LAZY = {
    "evaluate": "robench.api:evaluate",
    "load_published": "robench.published_results:load_published",
    "load_run": "robench.loaded_run:load_run",
    "published_scores": "robench.published_results:published_scores",
    "load_model": "robench.models:load",
    "diagnose": "robench.doctor:diagnose",
}


def __getattr__(name: str) -> Any:
    """Import one of ``LAZY``."""
    if name not in LAZY:
        raise AttributeError(f"module 'robench' has no attribute {name!r}")
    module, attribute = LAZY[name].split(":")
    return getattr(importlib.import_module(module), attribute)
