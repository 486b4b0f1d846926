"""Which network do these weights belong to? Found by the names and shapes of its entries: ours, torchvision's, timm's.

That a network *fits* says nothing of what it computes between its weights: other activations, paddings and strides
have none. So of several that fit, those are one that give the same logits for the same random images with these
weights; the others remain alternatives, for whoever can measure which one it is.
"""

import functools
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from baselines import architectures
from robench.errors import RobenchError
from robench.models.architecture import build
from robench.models.network_index import (
    Entry,
    Shapes,
    count_elements,
    indexed_versions,
    on_meta,
    read_index,
    shapes_of,
    sketch_of,
)
from robench.models.weight_tree import WeightTree, digest_of_keys, is_a_layer, is_needed

TRIAL_SIZES_PX, SIZE_OF_OURS_PX = (96, 224), 32
SAME_TO = 1e-4  # of the largest logit; rounding is below 1e-5, another epsilon in the batch norms above 1e-3
NEAR = 0.3  # share of common keys below which a network is not worth naming


@dataclass(frozen=True)
class Fit:
    """``networks``, by name and ours first, have exactly the entries below ``node``."""

    node: str
    networks: tuple[str, ...]


def find_fits(tree: WeightTree, classes: int) -> list[Fit]:
    """Return every place in a file that holds a whole network with so many classes, outermost places only."""
    fits: list[Fit] = []
    for node in tree.digests:
        if any(not fit.node or node.startswith(f"{fit.node}.") for fit in fits):
            continue
        shapes = shapes_below(tree, node)
        names = tuple(
            name
            for name in _proposed(tree.digests[node], shapes, classes)
            if _shapes(name, classes) == shapes
        )
        if names:
            fits.append(Fit(node, names))
    return fits


def fits_of(tree: WeightTree, network: nn.Module, name: str) -> list[Fit]:
    """Return every place in a file that holds the whole of this network, and no other layers that could belong to it.

    ResNet-32 has all entries of ResNet-20: what lies in a child that the network has must be its own, and what lies
    beside all of them must be no layer.
    """
    wanted = shapes_of(network)
    nodes = tree.nodes_with(digest_of_keys(wanted)) or tree.nodes_that_hold(wanted)
    found = []
    for node in nodes:
        below = tree.below(node)
        shapes = shapes_below(tree, node)
        children = {key.partition(".")[0] for key in wanted}
        more = (key for key in shapes if key not in wanted)
        if any(key.partition(".")[0] in children or is_a_layer(key, below[key]) for key in more):
            continue
        if all(shapes[key] == shape for key, shape in wanted.items()):
            found.append(Fit(node, (name,)))
    return found


def shapes_below(tree: WeightTree, node: str) -> Shapes:
    """Return the shapes of what an evaluation needs below a node."""
    return {key: tuple(value.shape) for key, value in tree.below(node).items() if is_needed(key)}


def _proposed(digest: int, shapes: Shapes, classes: int) -> Iterator[str]:
    yield from (name for name, ours in _ours(classes).items() if digest_of_keys(ours) == digest)
    if key_set := read_index().get(digest):
        elements = count_elements(shapes)
        for entry in key_set.entries:
            if entry.elements + classes * entry.per_class == elements and _is_installed(entry):
                yield entry.network


@functools.cache
def _ours(classes: int) -> Mapping[str, Shapes]:
    return {
        name: shapes_of(on_meta(functools.partial(make, classes)))
        for name, make in architectures.registry().items()
    }


@functools.cache
def _shapes(name: str, classes: int) -> Shapes | None:
    """Return the shapes of a network as installed, or None where the installed library has none of that name."""
    try:
        return shapes_of(on_meta(functools.partial(build, name, classes)))
    except RobenchError:
        return None


def _is_installed(entry: Entry) -> bool:
    return importlib.util.find_spec(entry.network.partition(":")[0]) is not None


def input_size_px(network: object) -> tuple[int, int] | None:
    """Return the only height and width that a network of timm or torchvision says it takes, or None if it says none."""
    config = getattr(network, "pretrained_cfg", None)
    if isinstance(config, Mapping) and config.get("fixed_input_size") and "input_size" in config:
        height, width = config["input_size"][1:]
        return int(height), int(width)
    side = getattr(network, "image_size", None)
    is_torchvisions = type(network).__module__.startswith("torchvision.")
    return (side, side) if isinstance(side, int) and is_torchvisions else None


@torch.inference_mode()
def compute_the_same(first: nn.Module, second: nn.Module) -> bool:
    """Return whether two networks with the same weights give the same logits for two random images."""
    ours = type(first).__module__.startswith("baselines.")
    for size in (SIZE_OF_OURS_PX,) if ours else TRIAL_SIZES_PX:
        shape = input_size_px(first) or (size, size)
        pixels = torch.randn(2, 3, *shape, generator=torch.Generator().manual_seed(0))
        try:
            expected, found = first.eval()(pixels), second.eval()(pixels)
        except Exception:  # a stranger's network raises anything for a size it does not take
            continue
        scale = max(float(expected.abs().max()), 1e-12)
        return (
            expected.shape == found.shape
            and float((expected - found).abs().max()) <= SAME_TO * scale
        )
    return False


def differences(wanted: Shapes, found: Shapes) -> list[str]:
    """Return in words each entry in which weights differ from a network's, those of the network's order first."""
    missing = [f"{key} is missing" for key in wanted if key not in found]
    other = [
        f"{key} is {found[key]} for {wanted[key]}"
        for key in wanted
        if key in found and found[key] != wanted[key]
    ]
    return [*other, *missing, *(f"{key} is not in it" for key in found if key not in wanted)]


def nearest_sentence(tree: WeightTree, classes: int) -> str:
    """Return which network the weights come nearest to, and the first entry that differs."""
    found = [(name, node) for node in tree.trunk() for name in _near(tree, node, classes)]
    best: tuple[int, str, list[str], int | None] | None = None
    for name, node in found:
        shapes, wanted = shapes_below(tree, node), _shapes(name, classes)
        if wanted is None:
            continue
        listed = differences(wanted, shapes)
        if best is None or len(listed) < best[0]:
            best = len(listed), name, listed, _classes_of(name, shapes)
    if best is None or not best[2]:
        return f"it fits no network of robench, {indexed_versions()}, nor is it near one"
    count, name, listed, other_classes = best
    if other_classes and other_classes != classes:
        return f"it fits {name} with {other_classes} classes, but the data has {classes}"
    more = f", and {count - 1} more entries differ" if count > 1 else ""
    return f"the nearest network is {name}, where {listed[0]}{more}"


def _near(tree: WeightTree, node: str, classes: int) -> Sequence[str]:
    """Return the names of a few networks whose keys are most like those below a node."""
    shapes = shapes_below(tree, node)
    own = sketch_of(shapes)
    elements = count_elements(shapes)

    def likeness(sketch: frozenset[int]) -> float:
        return len(own & sketch) / max(len(own | sketch) / 2, 1)

    ranked: list[tuple[float, int, str]] = []
    for name, ours in _ours(classes).items():
        ranked.append((likeness(sketch_of(ours)), -abs(count_elements(ours) - elements), name))
    for key_set in read_index().values():
        close = likeness(key_set.sketch)
        if close < NEAR:
            continue
        for entry in key_set.entries:
            if _is_installed(entry):
                size = entry.elements + classes * entry.per_class
                ranked.append((close, -abs(size - elements), entry.network))
    ranked = sorted((each for each in ranked if each[0] >= NEAR), reverse=True)
    return [name for _, _, name in ranked[:3]]


def _classes_of(name: str, shapes: Shapes) -> int | None:
    """Return the number of classes with which a network would fit, or None if there is none."""
    key_set = read_index().get(digest_of_keys(shapes))
    entries = key_set.entries if key_set else ()
    counts: list[int | None] = [
        entry.classes_for(count_elements(shapes)) for entry in entries if entry.network == name
    ]
    if name in architectures.registry():
        counts = list({shape[0] for shape in shapes.values() if len(shape) == 1})  # biases; few
    for count in counts:
        if count and count > 1 and _shapes(name, count) == shapes:
            return count
    return None


def group_by_function(networks: Mapping[str, nn.Module]) -> list[list[str]]:
    """Return the names of loaded networks, those that compute the same together, in their order."""
    groups: list[list[str]] = []
    for name, network in networks.items():
        for group in groups:
            if compute_the_same(networks[group[0]], network):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups
