"""Training methods, one file each: a row of the papers' tables.

A file offers its methods as ``METHODS = {name: class}``. A method is a frozen dataclass whose fields
are its options; see ``baselines.methods.method.Method`` for what it may change.
"""

import functools
import importlib
from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from baselines.methods.options import MethodOption, Option, declaration, declarations
from robench.errors import RobenchError
from robench.registry import Registry, collect, unknown_name

if TYPE_CHECKING:
    from baselines.methods.method import Method

__all__ = ["MethodOption", "Option", "create", "options_of", "registry", "summaries"]


@functools.cache
def registry() -> "Registry[type[Method]]":
    """Return every training method that can be chosen by name."""
    return collect("training method", __name__, "METHODS")


def summaries() -> dict[str, str]:
    """Return name -> summary of every method, read from the source: to list them needs no torch."""
    return {name: declared.summary for name, declared in declarations().items()}


def options_of(name: str) -> tuple[MethodOption, ...]:
    """Return a method's options in the order of their declaration; raise RobenchError for an unknown name.

    They are read from the source, without torch.
    """
    return declaration(name).options


def create(
    name: str, options: Mapping[str, Option] | None = None, *, used_on: tuple[str, ...] = ()
) -> "Method":
    """Make a method with ``options`` in the place of its defaults.

    ``used_on`` names the preset and the dataset, on which some options have other defaults; a later
    name overrides those before it.

    Raises RobenchError for an unknown name or option, and for a value of the wrong type or range.
    """
    # Of this method's file alone: others import much.
    module = importlib.import_module(f"{__name__}.{declaration(name).module}")
    made, chosen = module.METHODS[name], dict(options or {})
    declared = {option.name: option for option in options_of(name)}
    for key, value in chosen.items():
        if key not in declared:
            raise RobenchError(unknown_name(f"option of {name}", key, declared))
        kind = declared[key].kind.__name__
        if not declared[key].is_of_kind(value):
            raise RobenchError(f"option {key} of {name} must be {kind}, got {value!r}")
        if complaint := declared[key].complaint(value):
            raise RobenchError(f"{name}: {complaint}")
    usual = ChainMap(*(dict(made.usual.get(where, {})) for where in reversed(used_on)))
    return made(**{**usual, **chosen})
