"""Dictionaries of named things that refuse duplicates and explain unknown names."""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from robench.errors import RobenchError

T = TypeVar("T")


class Registry(dict[str, T]):
    """A dict from name to thing for one ``kind`` of thing ("suite", "architecture", ...).

    Setting a name twice raises ValueError (a defect of ours). Looking up an unknown name raises RobenchError with the
    closest match and the known names. The order is that of insertion and carries no meaning.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __setitem__(self, name: str, thing: T) -> None:
        if name in self:
            raise ValueError(f"{self.kind} {name!r} is defined twice")
        super().__setitem__(name, thing)

    def __missing__(self, name: str) -> T:
        raise RobenchError(unknown_name(self.kind, name, self))


def collect(kind: str, package: str, attribute: str) -> Registry[Any]:
    """Gather the dict called ``attribute`` from every module of ``package`` into one registry.

    Modules without the attribute (shared kernels) are passed over, and not even imported where their source does not
    name it. This is what lets a newcomer add a suite, a network or a method by adding one file.
    """
    registry: Registry[Any] = Registry(kind)
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if not _may_have(f"{package}.{info.name}", attribute):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        for name, thing in getattr(module, attribute, {}).items():
            registry[name] = thing
    return registry


def _may_have(module: str, attribute: str) -> bool:
    """Say whether a module's source names the attribute, or cannot be looked at."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        return True
    return attribute in Path(found.origin).read_text(encoding="utf-8")


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence for a name nobody knows: the closest match, then all known names."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind} {name!r}; {hint}known: {', '.join(names)}"
