"""Training methods, one file each: a row of the papers' tables.

A file offers its methods as ``METHODS = {name: class}``. A method is a frozen dataclass whose fields
are its options; see ``baselines.methods.method.Method`` for what it may change.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from robench.errors import RobenchError
from robench.registry import Registry, collect, unknown_name

if TYPE_CHECKING:
    from baselines.methods.method import Method

__all__ = ["Option", "create", "options_from_text", "registry"]

Option = bool | int | float | str

FROM_TEXT: dict[str, Callable[[str], Option]] = {
    "bool": {"true": True, "false": False}.__getitem__,
    "int": int,
    "float": float,
    "str": str,
}
ACCEPTED = {"bool": bool, "int": int, "float": int | float, "str": str}


@functools.cache
def registry() -> "Registry[type[Method]]":
    """Return every training method that can be chosen by name."""
    return collect("training method", __name__, "METHODS")


def create(name: str, options: Mapping[str, Option] | None = None) -> "Method":
    """Make a method with ``options`` in the place of its defaults.

    Raises RobenchError for an unknown name or option, and for a value of the wrong type or range.
    """
    kinds = _option_kinds(name)
    for option, value in (options or {}).items():
        kind = _known(name, option, kinds)
        # Python counts True among the integers; an option does not.
        if not isinstance(value, ACCEPTED[kind]) or isinstance(value, bool) != (kind == "bool"):
            raise RobenchError(f"option {option} of {name} must be {kind}, got {value!r}")
    return registry()[name](**(options or {}))


def options_from_text(name: str, assignments: list[str]) -> dict[str, Option]:
    """Read options written as ``severity=1`` or ``jsd=false``.

    Raises RobenchError for a text without ``=``, an unknown name or option, or an unreadable value.
    """
    kinds = _option_kinds(name)
    options = {}
    for assignment in assignments:
        option, equals, text = assignment.partition("=")
        if not equals:
            raise RobenchError(f"an option is written name=value, got {assignment!r}")
        kind = _known(name, option, kinds)
        try:
            options[option] = FROM_TEXT[kind](text)
        except (KeyError, ValueError):
            raise RobenchError(f"option {option} of {name} must be {kind}, got {text!r}") from None
    return options


def _option_kinds(name: str) -> dict[str, str]:
    return {field.name: getattr(field.type, "__name__", "") for field in fields(registry()[name])}


def _known(name: str, option: str, kinds: dict[str, str]) -> str:
    if option not in kinds:
        raise RobenchError(unknown_name(f"option of {name}", option, kinds))
    return kinds[option]
