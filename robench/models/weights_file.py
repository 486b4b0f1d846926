"""Files as ``torch.save`` writes them, read so that nothing in them runs, and damage is noticed.

They are read with ``weights_only=True``, which builds tensors and plain containers. What training scripts store beside
weights (``argparse.Namespace``, numpy scalars, paths, objects of the script's own classes) does not keep a file from
being
read: the standard kinds are allowed by name, and an object of any other library's class becomes an empty ``Unread``,
so that its class is neither imported nor called. A file that names other functions of Python itself, such as
``os.system``, is refused.

Source of the formats: ``torch/serialization.py``; a zip archive with ``data.pkl`` since PyTorch 1.6, before it five
pickles and the raw numbers.
"""

import argparse
import collections
import datetime
import pathlib
import pickle
import sys
import types
import warnings
import zipfile
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.request import existing_file, first_line

PICKLES_BEFORE_NUMBERS = 4  # of the older format: magic number, protocol, system, content
DAMAGED = "is damaged or not a PyTorch checkpoint"


class Unread:
    """What stands for an object of a class that was not imported: nothing is known of it but that it was there."""

    def __new__(cls, *arguments: object, **options: object) -> "Unread":
        """Take whatever the object was made with."""
        return super().__new__(cls)

    def __init__(self, *arguments: object, **options: object) -> None: ...

    def __setstate__(self, state: object) -> None: ...


def _empty_dict(*arguments: object) -> "collections.OrderedDict[Any, Any]":
    return collections.OrderedDict()


def _empty_list(*arguments: object) -> list[Any]:
    return []


def _harmless() -> dict[str, Any]:
    """Return what stands for each function and class of Python and numpy that only makes data."""
    plain = (bytes, bytearray, complex, dict, float, frozenset, int, list, range, set, slice, str)
    found: dict[str, Any] = {f"builtins.{each.__name__}": each for each in (*plain, tuple, bool)}
    found |= {"_codecs.encode": Unread, "collections.OrderedDict": collections.OrderedDict}
    found |= {"collections.Counter": collections.Counter, "collections.deque": _empty_list}
    found |= {"collections.defaultdict": _empty_dict, "argparse.Namespace": argparse.Namespace}
    found["types.SimpleNamespace"] = types.SimpleNamespace
    for name in ("date", "datetime", "time", "timedelta", "timezone"):
        found[f"datetime.{name}"] = getattr(datetime, name)
    for module in ("pathlib", "pathlib._local"):  # the latter in Python 3.13
        for name in ("Path", "PosixPath", "PurePosixPath", "PurePath"):
            found[f"{module}.{name}"] = pathlib.PurePosixPath
        for name in ("WindowsPath", "PureWindowsPath"):
            found[f"{module}.{name}"] = pathlib.PureWindowsPath
    scalar, rebuild = np.float64(0).__reduce__()[0], np.zeros(1).__reduce__()[0]
    for package in ("numpy.core", "numpy._core"):  # before numpy 2, and since
        found[f"{package}.multiarray.scalar"] = scalar
        found[f"{package}.multiarray._reconstruct"] = rebuild
    found |= {"numpy.dtype": np.dtype, "numpy.ndarray": np.ndarray}
    found |= {f"numpy.dtypes.{name}": getattr(np.dtypes, name) for name in np.dtypes.__all__}
    return found


class _Names(pickle.Unpickler):
    """Lists the functions and classes that a pickle names; an inert class stands for each, so that none is called.

    ``names`` says of each whether an object of it is filled like a dict, like a list, or like neither.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="latin1")
        self.names: dict[str, type] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for the class, under the name that it has in today's Python."""
        module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
        full_name, names = f"{module}.{name}", self.names

        class Seen(Unread):
            def __setitem__(self, key: object, value: object) -> None:
                names[full_name] = dict

            def append(self, value: object) -> None:
                names[full_name] = list

            def extend(self, values: object) -> None:
                names[full_name] = list

            def add(self, value: object) -> None: ...

        names.setdefault(full_name, object)
        return Seen

    def persistent_load(self, pid: object) -> None:
        """Return nothing in the place of a tensor's numbers."""


def read_checkpoint(path: Path, *, unsafe: bool = False) -> dict[str, Any]:
    """Return the dict that ``torch.save`` stored, as ``read_content`` does; raise RobenchError for anything else."""
    content = read_content(path, unsafe=unsafe)
    if not isinstance(content, dict):
        raise RobenchError(
            f"{path} holds {in_words(content)}; expected a state dict, or a dict with one under any key"
        )
    return content


def read_content(path: Path, *, unsafe: bool = False) -> Any:
    """Return what ``torch.save`` stored, on the CPU.

    Raises:
        RobenchError: for no file, a damaged one, one that would run code, and one that *is* an object of a class that
            is not read; with ``unsafe`` the last two are loaded as they want to be, and refused where that takes a
            module that is not there.
    """
    existing_file(str(path), "checkpoint")
    _check_archive(path)
    names = _named(path)
    runs = [name for name in names if _runs(name)]
    if unsafe and (runs or any(_is_foreign(name) for name in names)):
        return _loaded_with_code(path)
    if runs:
        raise RobenchError(
            f"{path} was refused: it names {runs[0]} and would run code when loaded; "
            f"if you trust its author, give {argument('unsafe_load', True)}"
        )
    content = _loaded(path, names)
    if isinstance(content, Unread):
        what = next((name for name in names if _is_foreign(name)), "class")
        raise RobenchError(
            f"{path} was refused: it is a whole object (of {what}) whose class would run code when "
            "loaded; if you trust "
            f"its author, give {argument('unsafe_load', True)}, or save its state_dict()"
        )
    return content


def _loaded(path: Path, names: Mapping[str, type]) -> Any:
    known = _harmless()
    stands_for: dict[type, Any] = {dict: collections.OrderedDict, list: _empty_list}
    allowed: list[Any] = [
        (known.get(name, stands_for.get(kind, Unread)), name) for name, kind in names.items()
    ]
    if (
        "numpy.dtype" in names
    ):  # what it makes is of one of these classes, which the file need not name
        allowed += [getattr(np.dtypes, name) for name in np.dtypes.__all__]
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(allowed):
            warnings.simplefilter(
                "ignore"
            )  # of other pickle protocols, which are tried all the same
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        foreign = [name for name in names if name not in known and _is_foreign(name)]
        if not foreign:
            raise RobenchError(f"{path} {DAMAGED}") from None
        raise RobenchError(
            f"{path} cannot be read without running the code of {foreign[0]} ({first_line(error)[:80]}); "
            f"if you trust its author, give {argument('unsafe_load', True)}"
        ) from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise RobenchError(f"{path} {DAMAGED} ({first_line(error)})") from None


def _loaded_with_code(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of classes whose source has changed
            return torch.load(path, map_location="cpu", weights_only=False)
    except ModuleNotFoundError as error:
        needed = error.name or first_line(error)
        raise RobenchError(
            f"{path} needs the module {needed}, which is not there: give PYTHONPATH=FOLDER, with the folder that holds "
            f"{needed.partition('.')[0]}, or save the network's state_dict() and give {argument('architecture')}"
        ) from None
    except AttributeError as error:
        raise RobenchError(
            f"{path} needs a class that its module has not ({first_line(error)}); save the network's state_dict() and "
            f"give {argument('architecture')}"
        ) from None
    except Exception as error:  # code of the file's own can raise anything
        raise RobenchError(f"{path} {DAMAGED} ({first_line(error)})") from None


def _check_archive(path: Path) -> None:
    """Raise RobenchError for a zip archive with a part that is not what its checksum says.

    PyTorch does not look at them. A writer that was told to leave them out has stored zeros everywhere.
    """
    try:
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            if any(part.CRC for part in archive.infolist()) and (bad := archive.testzip()):
                raise RobenchError(
                    f"{path} is damaged: {bad} is not what its checksum says; copy or download it again"
                )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise RobenchError(f"{path} {DAMAGED} ({first_line(error)})") from None
    except RuntimeError as error:  # zipfile's for an encrypted archive
        raise RobenchError(f"{path} cannot be read ({first_line(error)})") from None


def _named(path: Path) -> dict[str, type]:
    """Return every function and class that a file names, and how its objects are filled; nothing for no pickle."""
    names: dict[str, type] = {}
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    if member.endswith("data.pkl"):
                        with archive.open(member) as file:
                            _add_names(file, names)
        else:
            with path.open("rb") as file:
                for _ in range(PICKLES_BEFORE_NUMBERS):
                    _add_names(file, names)
    except Exception:  # no pickle, or a damaged one: whoever loads it says so
        return names
    return names


def _add_names(file: IO[bytes], names: dict[str, type]) -> None:
    reader = _Names(file)
    try:
        reader.load()
    finally:
        names |= reader.names


def _runs(name: str) -> bool:
    """Return whether a name is a function or class of Python itself that is not known to make data only."""
    return name.partition(".")[0] in sys.stdlib_module_names and name not in _harmless()


def _is_foreign(name: str) -> bool:
    """Return whether a name is a class that a file of tensors does not need."""
    module = name.partition(".")[0]
    if module == "torch":
        return name.startswith(
            ("torch.nn.modules", "torch.optim", "torch.utils", "torch.fx", "torch.jit")
        )
    return module not in sys.stdlib_module_names and module != "numpy"


def in_words(content: object) -> str:
    """Return what a file holds that holds no dict."""
    kind = type(content).__name__
    if isinstance(content, torch.Tensor):
        return f"one tensor of shape {tuple(content.shape)}"
    if isinstance(content, list | tuple):
        return f"a {kind} of {len(content)}"
    return f"a {kind}"
