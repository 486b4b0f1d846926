"""Runs held against each other: differences with intervals and tests, from the stored records alone."""

import importlib
from typing import TYPE_CHECKING, Any

from robench.comparison.gate import Gate

if TYPE_CHECKING:
    from robench.comparison.compared import Comparison, compare
    from robench.comparison.junit import junit_xml
    from robench.comparison.seeds import over_seeds
    from robench.comparison.verdict import Verdict, judge

__all__ = ["Comparison", "Gate", "Verdict", "compare", "judge", "junit_xml", "over_seeds"]

# Name -> its module; imported when asked for, so that a gate is read before pandas is loaded.
LAZY = {
    "Comparison": "compared",
    "Verdict": "verdict",
    "compare": "compared",
    "judge": "verdict",
    "junit_xml": "junit",
    "over_seeds": "seeds",
}


def __getattr__(name: str) -> Any:
    """Import one of ``LAZY``."""
    if name not in LAZY:
        raise AttributeError(f"module 'robench.comparison' has no attribute {name!r}")
    return getattr(importlib.import_module(f"robench.comparison.{LAZY[name]}"), name)
