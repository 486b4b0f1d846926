"""Models made by a function in a Python file: ``path/to/file.py:factory``, with ``--unsafe-load``.

``factory`` takes nothing, or the number of classes as ``num_classes``, and returns an ``nn.Module``, any callable
from float32 (N, 3, H, W) to logits, or a whole ``robench.models.Model``. The file can import what lies beside it. The
model's digest is that of the file and, of a network, its weights, which mostly come from another file.
"""

import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from torch import nn

from robench.arguments import Placeholder, argument
from robench.errors import RobenchError
from robench.models.callable import wrap
from robench.models.model import Model
from robench.models.request import Request, Source, existing_file, first_line, sha256_of

NUMBERS_OF_CLASSES = ("num_classes", "n_classes", "nclasses", "num_labels")
SPEC = re.compile(r"(?P<path>.+\.py):(?P<factory>\w+)")


def _as_made() -> str:
    given = (
        f"{argument('model', Placeholder('FILE'))} {argument('architecture', 'file.py:FUNCTION')}"
    )
    return f"weights as the function made them; {given} loads those of a file into its network"


def load(request: Request) -> Model:
    """Import the file and call the function; raise RobenchError for what goes wrong in it, and without the flag."""
    match = SPEC.fullmatch(request.spec)
    if match is None:
        raise RobenchError(f"{request.spec} names no function; give {request.spec}:FUNCTION")
    path = existing_file(match["path"], "Python file")
    request.refuse_code("a Python file runs when it is imported")
    request.refuse_architecture()
    with _importable(path.parent):
        made = _called(_imported(path), match["factory"], request.spec, request.classes)
    model = _as_model(made, request, path)
    name = request.name or (made.name if isinstance(made, Model) else match["factory"])
    notes = (_as_made(),) if isinstance(made, nn.Module) else ()
    digest = joint_sha256(path, model.sha256 or "")
    return replace(
        model, name=name, source=request.spec, sha256=digest, notes=(*model.notes, *notes)
    )


def build_network(request: Request, spec: str) -> nn.Module:
    """Return the network that ``--arch file.py:Class`` makes, for weights from a file.

    Raises RobenchError without ``--unsafe-load``, for what goes wrong in the file, and for anything but a network.
    """
    match = SPEC.fullmatch(spec)
    assert match is not None  # whoever calls has looked
    path = existing_file(match["path"], "Python file")
    if not request.unsafe:
        raise RobenchError(
            f"{argument('architecture', spec)} was refused: a Python file runs when it is imported; if you trust its "
            f"author, give {argument('unsafe_load', True)}"
        )
    with _importable(path.parent):
        made = _called(_imported(path), match["factory"], spec, request.classes)
    if not isinstance(made, nn.Module):
        raise RobenchError(f"{spec} returned a {type(made).__name__}; expected a network")
    return made


def joint_sha256(path: Path, digest: str) -> str:
    """Return the SHA-256 of a Python file's and its weights' digests."""
    return hashlib.sha256("\n".join([sha256_of(path), digest]).encode()).hexdigest()


def _as_model(made: object, request: Request, path: Path) -> Model:
    if isinstance(made, Model):
        return replace(made, normalisation=request.normalisation or made.normalisation)
    if not callable(made):
        raise RobenchError(
            f"{request.spec} returned a {type(made).__name__}; "
            "expected a network, a callable or a robench.models.Model"
        )
    return wrap(made, normalisation=request.normalisation, source=request.spec)


def _imported(path: Path) -> ModuleType:
    name = f"robench_model_{path.stem}"
    description = importlib.util.spec_from_file_location(name, path)
    assert description is not None and description.loader is not None  # a .py file has both
    module = importlib.util.module_from_spec(description)
    sys.modules[name] = module  # where dataclasses and pickle look their module up
    try:
        description.loader.exec_module(module)
    except Exception as error:  # the user's code can raise anything
        raise RobenchError(
            f"cannot import {path} ({type(error).__name__}: {first_line(error)})"
        ) from error
    return module


def _called(module: ModuleType, factory: str, spec: str, classes: int) -> object:
    if not callable(getattr(module, factory, None)):
        raise RobenchError(f"{spec}: the file has no function {factory!r}")
    try:
        made: object = getattr(module, factory)(
            **_classes_argument(getattr(module, factory), classes)
        )
    except Exception as error:  # the user's code can raise anything
        raise RobenchError(f"{spec} raised {type(error).__name__}: {first_line(error)}") from error
    return made


def _classes_argument(factory: Callable[..., object], classes: int) -> dict[str, int]:
    """Return the number of classes under the name by which a function or class takes it, or nothing."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):  # of a callable written in C
        return {}
    return {name: classes for name in NUMBERS_OF_CLASSES if name in parameters}


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    entry = str(folder.resolve())
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        sys.path.remove(entry)


SOURCES = {
    "python": Source(
        "FILE.py:FUNCTION: what a function returns, with --unsafe-load",
        claims=lambda spec: spec.endswith(".py") or SPEC.fullmatch(spec) is not None,
        load=load,
    )
}
