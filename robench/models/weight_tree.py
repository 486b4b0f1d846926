"""Which weights are in a checkpoint? Every tensor under one dotted name, and where a network can begin.

A state dict under ``model_ema``, keys that begin with ``module.``, a Lightning module's ``net.``, and any mixture of
them come to the same: below some name, here called a *node*, lie exactly the entries of a network. So nothing depends
on how a writer calls things, but for what is certainly no weights: an optimizer's state.
"""

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from robench.errors import RobenchError

State = dict[str, torch.Tensor]

DEEPEST = 12  # dicts in dicts; a checkpoint that goes on below that is not looked into
# Entries of a file that hold no weights of a network, whatever tensors are in them.
NO_WEIGHTS = re.compile(
    r"(optim|opt_|lr_|sched|scaler|amp$|rng|random|callbacks|loops)", re.IGNORECASE
)
# Children of a training module that its network does not need.
OF_TRAINING = re.compile(
    r"(criteri|loss|metric|(train|val|valid|test)_?(acc|loss|metric)|accuracy|auroc|confusion)",
    re.IGNORECASE,
)
# Counts of batches, which are absent from files older than PyTorch 0.4.1, and of averaged steps: not used in
# evaluation.
COUNTERS = ("num_batches_tracked", "n_averaged")
# Wrappers that put their name into every key, or into the keys of some parts.
WRAPPERS = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
# torchvision's published DenseNets have names from before modules could not hold dots.
OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.")
AVERAGED = re.compile(
    r"(^|[^a-z])(ema|swa|shadow|averaged?|avg)([^a-z]|$)|ema_|_ema", re.IGNORECASE
)
SMALL = 64  # numbers; what is smaller and left over is a scale or a mean, and no layer


@dataclass(frozen=True)
class WeightTree:
    """Every tensor of a file by its dotted name.

    Attributes:
        tensors: by name, batch counters included.
        unnamed: dotted names of lists of tensors, which cannot be put into a network, with their lengths.
    """

    tensors: State
    unnamed: Mapping[str, int] = field(default_factory=dict)

    def below(self, node: str) -> State:
        """Return the tensors below a node, or all for ``""``, with the rest of their names."""
        start = f"{node}." if node else ""
        return {
            key.removeprefix(start): value
            for key, value in self.tensors.items()
            if key.startswith(start)
        }

    @functools.cached_property
    def digests(self) -> dict[str, int]:
        """Return ``digest_of_keys`` of what is below each node."""
        sums: dict[str, int] = defaultdict(int)
        for key in self.tensors:
            if not is_needed(key):
                continue
            parts = key.split(".")
            for depth in range(len(parts)):
                sums[".".join(parts[:depth])] += _of_key(".".join(parts[depth:]))
        return {node: total % MODULUS for node, total in sums.items()}

    def nodes_with(self, digest: int) -> list[str]:
        """Return the nodes that have exactly the keys with this digest below them."""
        return [node for node, found in self.digests.items() if found == digest]

    def nodes_that_hold(self, keys: Iterable[str]) -> list[str]:
        """Return the nodes that have all these keys, and perhaps more, below them."""
        needed = [key for key in keys if is_needed(key)]
        if not needed:
            return []
        ends = [key for key in self.tensors if key == needed[0] or key.endswith(f".{needed[0]}")]
        starts = [key.removesuffix(needed[0]) for key in ends]
        return [
            start.removesuffix(".")
            for start in starts
            if all(start + key in self.tensors for key in needed)
        ]

    def trunk(self) -> list[str]:
        """Return the nodes from the root down to the child with most of the tensors, while that has half of them."""
        nodes, node, here = [""], "", [key for key in self.tensors if is_needed(key)]
        while here:
            parts: dict[str, list[str]] = defaultdict(list)
            for key in here:
                parts[key.removeprefix(f"{node}." if node else "").partition(".")[0]].append(key)
            child, most = max(parts.items(), key=lambda part: len(part[1]))
            below = f"{node}.{child}" if node else child
            if 2 * len(most) < len(here) or most == [below]:
                break
            nodes, node, here = [*nodes, below], below, most
        return nodes


MODULUS = 1 << 48


def digest_of_keys(keys: Iterable[str]) -> int:
    """Return a number that names a set of keys in any order, without those that are not needed."""
    return sum(_of_key(key) for key in keys if is_needed(key)) % MODULUS


def smallest_hashes(keys: Iterable[str], count: int = 8) -> list[int]:
    """Return the smallest hashes of the keys: sets with many keys in common have many of these in common, too.

    Source: Cohen & Kaplan 2007, "Summarizing data using bottom-k sketches".
    """
    return sorted({_of_key(key) for key in keys if is_needed(key)})[:count]


def _of_key(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big")


def is_needed(key: str) -> bool:
    """Return whether an evaluation needs an entry: no counter, nor what a training keeps beside its network."""
    return not key.endswith(COUNTERS) and not any(map(OF_TRAINING.match, key.split(".")))


def is_a_layer(key: str, value: torch.Tensor) -> bool:
    """Return whether a tensor that is left over is the weight of some layer, so that a network may lack something."""
    return is_needed(key) and value.ndim >= 2 and value.numel() >= SMALL


def is_averaged(node: str) -> bool:
    """Return whether a node says by its name that its weights are an average over training, such as an EMA."""
    return AVERAGED.search(node) is not None


def read_tree(content: Mapping[Any, Any]) -> WeightTree:
    """Return every tensor in the dicts of a file, but in an optimizer's and below keys that are no text."""
    tensors: State = {}
    unnamed: dict[str, int] = {}
    waiting: list[tuple[str, str, object, int]] = [("", "", content, 0)]
    while waiting:  # in the file's own order
        name, own, value, depth = waiting.pop()
        if isinstance(value, torch.Tensor):
            tensors[name] = value
        elif NO_WEIGHTS.match(own) or depth > DEEPEST:
            continue
        elif isinstance(value, Mapping):
            waiting += [
                (f"{name}.{key}" if name else key, key, below, depth + 1)
                for key, below in reversed(list(value.items()))
                if isinstance(key, str)
            ]
        elif isinstance(value, list | tuple) and sum(map(torch.is_tensor, value)) > 1:
            unnamed[name] = len(value)
    return WeightTree(_plain_names(tensors), unnamed)


def _plain_names(tensors: State) -> State:
    """Return the tensors under the names they have without wrappers, and DenseNet's under today's."""
    plain: State = {}
    for key, value in tensors.items():
        parts = [part for part in key.split(".") if part not in WRAPPERS]
        name = OLD_DENSENET.sub(r"\1\2.", ".".join(parts))
        if name in plain or not name:
            return tensors
        plain[name] = value
    return plain


def check_values(path: object, node: str, state: Mapping[str, torch.Tensor]) -> None:
    """Raise RobenchError for tensors that are no plain numbers: without values, quantised, or of eight bits."""
    for key, value in state.items():
        name = f"{node}.{key}" if node else key
        if value.is_meta:
            raise RobenchError(
                f"{path}: {name} has a shape but no values (it is on the meta device); save the "
                "network after loading it"
            )
        narrow = value.dtype.is_floating_point and value.dtype.itemsize == 1
        if value.is_quantized or narrow:
            raise RobenchError(
                f"{path}: {name} is quantised ({value.dtype}); give the weights before quantisation, or export the "
                "network to ONNX"
            )


def load_into(path: object, network: torch.nn.Module, node: str, state: State) -> None:
    """Copy weights that fit into a network, which keeps its own types; half and double become its float32.

    Raises RobenchError for values that are no plain numbers, or whole numbers in the place of weights.
    """
    check_values(path, node, state)
    expected = network.state_dict()
    for key, value in state.items():
        wanted = expected.get(key)
        if wanted is None or not wanted.dtype.is_floating_point or value.dtype.is_floating_point:
            continue
        raise RobenchError(
            f"{path}: {f'{node}.' if node else ''}{key} holds {value.dtype} in the place of "
            f"{wanted.dtype} weights: quantised "
            "without its scale, or a mask; give the weights before quantisation"
        )
    dense = {
        key: value if value.layout == torch.strided else value.to_dense()
        for key, value in state.items()
    }
    network.load_state_dict(
        {key: value for key, value in dense.items() if key in expected}, strict=False
    )
