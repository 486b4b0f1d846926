"""The options that methods declare, as their files say, so that a wrong one is known before PyTorch is imported."""

import ast
import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robench.errors import RobenchError
from robench.registry import unknown_name

Option = bool | int | float | str

KINDS = {"bool": bool, "int": int, "float": float, "str": str}
ACCEPTED = {bool: bool, int: int, float: int | float, str: str}
DECLARED_WITH = "option"  # the function of ``baselines.methods.method``


@dataclass(frozen=True)
class Limits:
    """What an option can be: at least ``low`` or above ``above``, at most ``high``, one of ``choices``, or ``also``.

    ``folder`` says that it names a folder, and ``required`` that it must be given.
    """

    low: float | None = None
    above: float | None = None
    high: float | None = None
    also: float | None = None
    choices: tuple[str, ...] = ()
    folder: bool = False
    required: bool = False

    def allow(self, value: Option) -> bool:
        """Is the value, which is of the option's type, within the limits?"""
        if isinstance(value, str):
            return not self.choices or value in self.choices
        if self.also is not None and value == self.also:
            return True
        return (
            math.isfinite(value)
            and (self.low is None or value >= self.low)
            and (self.above is None or value > self.above)
            and (self.high is None or value <= self.high)
        )

    def in_words(self) -> str:
        """Return "at least 1", "0.1 to 10", "above 0 and at most 255", or nothing where there is no limit."""
        if self.choices:
            return ", ".join(self.choices)
        if self.low is not None:
            words = f"at least {self.low}" if self.high is None else f"{self.low} to {self.high}"
        elif self.above is not None:
            words = f"above {self.above}" + (f" and at most {self.high}" if self.high else "")
        else:
            return ""
        return words if self.also is None else f"{self.also} or {words}"


@dataclass(frozen=True)
class MethodOption:
    """One option of a method: its name, type and default, a line of help, its limits, and where the default differs.

    ``usual`` maps a dataset or preset to the default there.
    """

    name: str
    kind: type
    default: Option
    help: str
    limits: Limits
    usual: Mapping[str, Option]

    def complaint(self, value: Any) -> str | None:
        """Return in words what is wrong with a value of the right type, or None."""
        if self.limits.allow(value):
            return None
        return f"{self.name} must be {self.limits.in_words() or 'a finite number'}, got {value}"

    def is_of_kind(self, value: Any) -> bool:
        """Is the value of the option's type? Python counts True among the integers; an option does not."""
        return isinstance(value, ACCEPTED[self.kind]) and isinstance(value, bool) == (
            self.kind is bool
        )


@dataclass(frozen=True)
class Declaration:
    """What a method's file says of it; ``module`` is the file's name."""

    module: str
    summary: str
    options: tuple[MethodOption, ...]


@functools.cache
def declarations() -> dict[str, Declaration]:
    """Return name -> declaration of every method, in the order of the names."""
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_files())}
    classes = {
        node.name: (node, tree)
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    offered = (
        (module, *entry)
        for module, tree in trees.items()
        if isinstance(node := _assigned(tree, "METHODS"), ast.Dict)
        for entry in _entries(node)
    )
    found = {name: _declaration(module, made, classes) for module, name, made in offered}
    return dict(sorted(found.items()))


def declaration(name: str) -> Declaration:
    """Return the declaration of a method; raise RobenchError for an unknown one."""
    if name not in declarations():
        raise RobenchError(unknown_name("training method", name, declarations()))
    return declarations()[name]


def _files() -> Iterator[Path]:
    return Path(__file__).parent.glob("*.py")


def _entries(node: ast.Dict) -> Iterator[tuple[str, str]]:
    """Yield (name, class) of ``METHODS = {"augmix": AugMix}``."""
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
            yield str(key.value), value.id


Classes = Mapping[str, tuple[ast.ClassDef, ast.Module]]


def _declaration(module: str, name: str, classes: Classes) -> Declaration:
    node, _ = classes[name]
    summary = _assigned(node, "summary")
    usual = _usual(name, classes)
    return Declaration(
        module,
        "" if summary is None else ast.literal_eval(summary),
        tuple(
            MethodOption(
                name=option,
                usual={
                    where: chosen[option] for where, chosen in usual.items() if option in chosen
                },
                **declared,
            )
            for option, declared in _declared_options(name, classes)
        ),
    )


def _declared_options(name: str, classes: Classes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a class's options, first those that it has from the class that it is made of."""
    node, tree = classes[name]
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            yield from _declared_options(base.id, classes)
    for field in node.body:
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(field.annotation, ast.Name)
            and isinstance(field.value, ast.Call)
            and getattr(field.value.func, "id", "") == DECLARED_WITH
        ):
            default, text = (_literal(each, tree) for each in field.value.args)
            limits = {str(each.arg): _literal(each.value, tree) for each in field.value.keywords}
            declared = {"kind": KINDS[field.annotation.id], "default": default, "help": text}
            yield field.target.id, {**declared, "limits": Limits(**limits)}


def _usual(name: str, classes: Classes) -> dict[str, dict[str, Option]]:
    node, tree = classes[name]
    value = _assigned(node, "usual")
    if value is not None:
        found: dict[str, dict[str, Option]] = _literal(value, tree)
        return found
    bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return _usual(bases[0], classes) if bases else {}


def _literal(node: ast.expr, tree: ast.Module) -> Any:
    """Return the value of a literal, or of a name that the file gives one."""
    if isinstance(node, ast.Name):
        value = _assigned(tree, node.id)
        if value is None:
            raise ValueError(f"{node.id} is no literal of its file, which options must be made of")
        node = value
    return ast.literal_eval(node)


def _assigned(node: ast.Module | ast.ClassDef, name: str) -> ast.expr | None:
    """Return what is assigned to ``name`` at the top of a module or class, if anything is."""
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return statement.value  # type: ignore[attr-defined]
    return None
