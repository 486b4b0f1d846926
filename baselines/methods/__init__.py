"""Training methods, one file each: a row of the papers' tables.

A file offers its methods as ``METHODS = {name: class}``. A method is a frozen dataclass whose fields
are its options; see ``baselines.methods.method.Method`` for what it may change.
"""

import ast
import functools
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from robench.errors import RobenchError
from robench.registry import Registry, collect, unknown_name

if TYPE_CHECKING:
    from baselines.methods.method import Method

__all__ = ["MethodOption", "Option", "create", "options_of", "registry", "summaries"]

Option = bool | int | float | str

ACCEPTED = {bool: bool, int: int, float: int | float, str: str}


@dataclass(frozen=True)
class MethodOption:
    """One option of a method: its name, type and default, a line of help, and where the default differs.

    ``usual`` maps a dataset or preset to the default there.
    """

    name: str
    kind: type
    default: Option
    help: str
    usual: Mapping[str, Option]


@functools.cache
def registry() -> "Registry[type[Method]]":
    """Return every training method that can be chosen by name."""
    return collect("training method", __name__, "METHODS")


@functools.cache
def summaries() -> dict[str, str]:
    """Return name -> summary of every method, read from the source: to list them needs no torch."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        offered = _assigned(tree, "METHODS")
        if not isinstance(offered, ast.Dict):
            continue
        of_class = {
            node.name: ast.literal_eval(_assigned(node, "summary") or ast.Constant(""))
            for node in tree.body
            if isinstance(node, ast.ClassDef)
        }
        for key, value in zip(offered.keys, offered.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
                found[str(key.value)] = of_class.get(value.id, "")
    return dict(sorted(found.items()))


def options_of(name: str) -> tuple[MethodOption, ...]:
    """Return a method's options in the order of their declaration; raise RobenchError for an unknown name."""
    made = registry()[name]
    return tuple(
        MethodOption(
            name=field.name,
            kind=field.type,  # type: ignore[arg-type]
            default=field.default,  # type: ignore[arg-type]
            help=field.metadata.get("help", ""),
            usual={
                where: options[field.name]
                for where, options in made.usual.items()
                if field.name in options
            },
        )
        for field in fields(made)
    )


def create(
    name: str, options: Mapping[str, Option] | None = None, *, used_on: tuple[str, ...] = ()
) -> "Method":
    """Make a method with ``options`` in the place of its defaults.

    ``used_on`` names the preset and the dataset, on which some options have other defaults; a later
    name overrides those before it.

    Raises RobenchError for an unknown name or option, and for a value of the wrong type or range.
    """
    made, chosen = registry()[name], dict(options or {})
    kinds = {option.name: option.kind for option in options_of(name)}
    for option, value in chosen.items():
        if option not in kinds:
            raise RobenchError(unknown_name(f"option of {name}", option, kinds))
        kind = kinds[option]
        # Python counts True among the integers; an option does not.
        if not isinstance(value, ACCEPTED[kind]) or isinstance(value, bool) != (kind is bool):
            raise RobenchError(f"option {option} of {name} must be {kind.__name__}, got {value!r}")
    usual = ChainMap(*(dict(made.usual.get(where, {})) for where in reversed(used_on)))
    return made(**{**usual, **chosen})


def _assigned(node: ast.Module | ast.ClassDef, name: str) -> ast.expr | None:
    """Return what is assigned to ``name`` at the top of a module or class."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in statement.targets
        ):
            return statement.value
    return None
