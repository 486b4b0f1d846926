"""The networks of torchvision and timm by the names and sizes of their weights, to look a state dict's up.

``network_index.csv`` has a row for each set of keys. It only proposes: what fits is found by building the network, of
the version that is installed, without memory or arithmetic. Our own networks are not in it; building all of them
takes a moment.

``python -m robench.models.network_index`` writes it anew from what is installed, in about five minutes.
"""

import csv
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from robench.models.weight_tree import digest_of_keys, is_needed, smallest_hashes

FILE = Path(__file__).with_name("network_index.csv")
# Two numbers of classes that no layer has as its width, to see which sizes depend on it.
FEW, MANY = 1009, 2003
DRAWS = ("normal_", "uniform_", "trunc_normal_", "kaiming_normal_", "kaiming_uniform_")  # by name
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Entry:
    """A network by ``"library:NAME"``, and how many numbers it has, without classes and for each class."""

    network: str
    elements: int
    per_class: int

    def classes_for(self, elements: int) -> int | None:
        """Return the number of classes with which the network has so many numbers, or None if there is none."""
        if not self.per_class:
            return None
        count, rest = divmod(elements - self.elements, self.per_class)
        return count if rest == 0 and count > 0 else None


@dataclass(frozen=True)
class KeySet:
    """Networks with the same keys; ``sketch`` is the end of each of their smallest hashes."""

    sketch: frozenset[int]
    entries: tuple[Entry, ...]


def shapes_of(network: nn.Module) -> Shapes:
    """Return the shape of every entry that an evaluation needs."""
    return {
        key: tuple(value.shape) for key, value in network.state_dict().items() if is_needed(key)
    }


def on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network without memory or arithmetic for its weights.

    A builder that computes with tensors of its own, as those of torchvision's RegNets do, gets real ones.
    """
    try:
        with torch.device("meta"), _NothingDrawn():
            return build()
    except NotImplementedError:
        with _weights_on_meta():
            return build()


class _NothingDrawn(TorchFunctionMode):
    """Leaves out drawing first weights, of which there are none: the first on meta alone takes a second."""

    def __torch_function__(
        self, func: Any, types: object, args: Any = (), kwargs: Any = None
    ) -> Any:
        if getattr(func, "__name__", "") in DRAWS:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


@contextmanager
def _weights_on_meta() -> Iterator[None]:
    """Let every parameter that a module registers be one without values, so that drawing them costs nothing."""
    register = nn.Module.register_parameter

    def on_meta(self: nn.Module, name: str, param: nn.Parameter | None) -> None:
        register(self, name, param if param is None else nn.Parameter(param.to("meta")))

    nn.Module.register_parameter = on_meta  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.register_parameter = register  # type: ignore[method-assign]


def count_elements(shapes: Mapping[str, Iterable[int]]) -> int:
    """Return how many numbers the entries that are needed have together."""
    return sum(math.prod(shape) for key, shape in shapes.items() if is_needed(key))


@functools.cache
def read_index() -> dict[int, KeySet]:
    """Return the networks by the digest of their keys."""
    with FILE.open(newline="") as file:
        return {
            int(row["keys"], 16): KeySet(
                frozenset(int(part, 16) for part in row["sketch"].split()),
                tuple(_entry(part) for part in row["networks"].split()),
            )
            for row in csv.DictReader(file)
            if row["keys"] != "versions"
        }


def indexed_versions() -> str:
    """Return the versions of the libraries that the index was made from."""
    with FILE.open(newline="") as file:
        return next(csv.DictReader(file))["networks"].replace("==", " ").replace(" t", ", t", 1)


def sketch_of(keys: Iterable[str]) -> frozenset[int]:
    """Return what ``KeySet.sketch`` holds of a set of keys."""
    return frozenset(value & 0xFFFFFF for value in smallest_hashes(keys))


def _entry(text: str) -> Entry:
    network, elements, per_class = text.rsplit("/", 2)
    return Entry(network, int(elements), int(per_class))


def _measured(network: str, build: Callable[[str, int], nn.Module]) -> tuple[Shapes, Entry]:
    few, many = (
        shapes_of(on_meta(functools.partial(build, network.partition(":")[2], classes)))
        for classes in (FEW, MANY)
    )
    per_class, rest = divmod(count_elements(many) - count_elements(few), MANY - FEW)
    if rest or few.keys() != many.keys():
        raise ValueError(f"{network} does not grow with its classes one by one")
    return few, Entry(network, count_elements(few) - FEW * per_class, per_class)


def write_index() -> None:
    """Build every network that is installed, and write the index."""
    import timm

    from robench.models import timm_models, torchvision_models

    known = [
        (f"torchvision:{name}", torchvision_models.build)
        for name in torchvision_models.classifiers()
    ]
    known += [(f"timm:{name}", timm_models.build) for name in timm.list_models()]
    write_rows(_measured(network, build) for network, build in known)


def write_rows(measured: Iterable[tuple[Shapes, Entry]]) -> None:
    """Write the index of these networks, those with the same keys in one row."""
    rows: dict[int, tuple[list[Entry], frozenset[int]]] = {}
    for shapes, entry in measured:
        rows.setdefault(digest_of_keys(shapes), ([], sketch_of(shapes)))[0].append(entry)
    versions = " ".join(
        f"{name}=={metadata.version(name).partition('+')[0]}" for name in ("torchvision", "timm")
    )
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("keys", "sketch", "networks"))
        writer.writerow(("versions", "", versions))
        for digest, (entries, sketch) in sorted(rows.items(), key=lambda row: row[1][0][0].network):
            networks = " ".join(f"{e.network}/{e.elements}/{e.per_class}" for e in entries)
            parts = " ".join(f"{part:x}" for part in sorted(sketch))
            writer.writerow((f"{digest:012x}", parts, networks))


if __name__ == "__main__":
    write_index()
