"""Empty networks by name: ours, or another library's as ``library:NAME``, for files that hold weights only."""

import functools
from collections.abc import Callable

from torch import nn

from baselines import architectures
from robench.errors import RobenchError
from robench.registry import Registry, collect, unknown_name


@functools.cache
def libraries() -> Registry[Callable[[str, int], nn.Module]]:
    """Return ``build(name, classes)`` per library, from ``ARCHITECTURE_LIBRARIES`` of every model source."""
    return collect("architecture library", "robench.models", "ARCHITECTURE_LIBRARIES")


def build(architecture: str, classes: int) -> nn.Module:
    """Build a network without its weights; raise RobenchError for an unknown name or a library that is not there."""
    library, colon, name = architecture.partition(":")
    if not colon:
        return architectures.create(architecture, classes)
    return libraries()[library](name, classes)


def checked_name(library: str, name: str, known: list[str]) -> str:
    """Return the name; raise RobenchError with the closest match when the library has no such model."""
    if name in known:
        return name
    if len(known) <= 40:
        raise RobenchError(unknown_name(f"{library} model", name, known))
    close = unknown_name(f"{library} model", name, known).partition("known:")[0].strip("; ")
    raise RobenchError(f"{close}; {library} knows {len(known)} models")
