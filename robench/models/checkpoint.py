"""Models from the weights in a file: a checkpoint of ``robench train``, or tensors under another writer's names.

Which entries are the network's follows from the network, which ``--arch`` names or which is found by keys and shapes.
A file with two different sets of weights for it is never read silently: ``--weights`` chooses, and an average over
training (EMA) is taken, and said, where there is exactly one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from baselines import architectures
from robench.arguments import Placeholder, argument
from robench.errors import RobenchError
from robench.models.architecture import build, libraries
from robench.models.callable import wrap
from robench.models.model import Model, WeightsRead
from robench.models.network_index import shapes_of
from robench.models.normalisation import Normalisation, recorded_normalisation
from robench.models.python_factory import SPEC as PYTHON_CLASS
from robench.models.python_factory import build_network, joint_sha256
from robench.models.recognition import (
    Fit,
    differences,
    find_fits,
    fits_of,
    group_by_function,
    input_size_px,
    nearest_sentence,
    shapes_below,
)
from robench.models.request import Request, Source, existing_file, sha256_of
from robench.models.torchvision_models import as_published, published_weights
from robench.models.weight_tree import (
    COUNTERS,
    State,
    WeightTree,
    is_a_layer,
    is_averaged,
    is_needed,
    load_into,
    read_tree,
)
from robench.models.weights_file import in_words, read_content

# Where training scripts write the name of the network that they built, in the file or in the arguments that it keeps.
NAMES_OF_NETWORKS = ("arch", "architecture", "model_name", "model", "backbone")
ARGUMENTS = ("args", "hyper_parameters", "config", "cfg", "opt")
# Names of published files end in the beginning of their SHA-256.
DIGEST_IN_NAME = re.compile(r"-([0-9a-f]{8})\.\w+$")
OF_LOSS = re.compile(
    "loss|criterion|entropy", re.IGNORECASE
)  # classes that are modules and no networks


def load_checkpoint(
    path: str | Path,
    *,
    classes: int,
    architecture: str | None = None,
    normalisation: Normalisation | None = None,
    name: str | None = None,
    unsafe: bool = False,
    weights: str | None = None,
) -> Model:
    """Load a model from a file.

    Args:
        path: the checkpoint.
        classes: how many logits the network must give.
        architecture: a name of ``baselines.architectures``, ``torchvision:NAME``, ``timm:NAME`` or, with ``unsafe``,
            ``file.py:Class``. When None, what a robench checkpoint records, and else what has the file's keys and
            shapes.
        normalisation: overrides what the checkpoint records.
        name: how tables call the model; the file's name without its suffix when omitted.
        unsafe: also load pickles that run code. Only for files whose author you trust.
        weights: which set of weights, by its key, where the file holds several.

    Raises:
        RobenchError: for a file that is missing, damaged, wants to run code, or holds no weights; for an unknown
            architecture; for weights that fit none, or not the one named; and for different sets of weights of which
            none is named and none, or more than one, is an average.
    """
    return load_request(
        Request(str(path), classes, architecture, normalisation, name, unsafe, weights)
    )


def load_request(request: Request) -> Model:
    """Load what ``--model`` asks for; see ``load_checkpoint``."""
    path = existing_file(request.spec, "checkpoint")
    content = read_content(path, unsafe=request.unsafe)
    if network := _whole_network(path, content, request):
        return _as_it_is(request, path, network)
    if not isinstance(content, Mapping):
        raise RobenchError(
            f"{path} holds {in_words(content)}; expected a state dict, or a dict with one under any key"
        )
    return model_of_weights(request, content, sha256_of(path))


def model_of_weights(
    request: Request,
    content: Mapping[Any, Any],
    digest: str,
    record: Mapping[str, Any] | None = None,
) -> Model:
    """Return the model with the weights in ``content``.

    Args:
        request: what was asked for; ``spec`` names the file in errors.
        content: tensors in dicts of any depth.
        digest: the SHA-256 of what they were read from.
        record: what the file says of itself, as a robench checkpoint does; ``content`` when None.

    Raises:
        RobenchError: as ``load_checkpoint`` does.
    """
    record = content if record is None else record
    tree = _tree(request, content)
    architecture = request.architecture or _recorded_architecture(record)
    if architecture is None:
        found = find_fits(tree, request.classes)
        if not found:
            raise RobenchError(
                f"{request.spec}: {nearest_sentence(tree, request.classes)}; name the network with "
                f"{argument('architecture')} (`robench list architectures`, torchvision:NAME, timm:NAME, or "
                f"file.py:Class with {argument('unsafe_load', True)})"
            )
        fit, others = _chosen(request, tree, found)
        _check_nothing_is_left(request, tree, found, fit)
    else:
        network = _built(request, architecture)
        found = fits_of(tree, network, architecture)
        if not found:
            raise _misfit(request, tree, network, architecture)
        fit, others = _chosen(request, tree, found)
    networks = _loaded(request, tree, fit, _network_names(fit, record))
    models = [_model(request, name, network, digest, record) for name, network in networks.items()]
    groups = group_by_function(networks)
    firsts = {group[0] for group in groups}
    read = WeightsRead(fit.node, others)
    notes = (
        *_notes_of_weights(tree, fit, others, shapes_of(next(iter(networks.values()))), record),
        *(_notes_of_networks(groups) if architecture is None else ()),
        *_note_of_name(Path(request.spec), digest),
    )
    first, *rest = [
        replace(model, weights=read, notes=notes)
        for model in models
        if model.architecture in firsts
    ]
    return replace(first, alternatives=tuple(rest))


def state_dict_of(path: Path, content: Mapping[Any, Any]) -> State:
    """Return the tensors of a file that has a single set of them, without what all of their names begin with."""
    tree = read_tree(content)
    if not tree.tensors:
        raise RobenchError(_no_weights(str(path), content, tree))
    node, *deeper = tree.trunk()
    for below in deeper:  # as long as nothing lies beside it
        if len(tree.below(below)) < len(tree.tensors) or _is_a_module(tree.below(below)):
            break
        node = below
    return tree.below(node)


def _is_a_module(state: State) -> bool:
    return all(key.isdigit() or "." not in key for key in state)


def _tree(request: Request, content: Mapping[Any, Any]) -> WeightTree:
    tree = read_tree(content)
    if not any(map(is_needed, tree.tensors)):
        raise RobenchError(_no_weights(request.spec, content, tree))
    return tree


def _no_weights(spec: str, content: Mapping[Any, Any], tree: WeightTree) -> str:
    if tree.unnamed:
        name, count = next(iter(tree.unnamed.items()))
        return f"{spec} holds {count} tensors in a list under {name}, without the names that say where they belong"
    keys = ", ".join(map(str, list(content)[:5])) or "none"
    kind = "of a training's state only" if "optim" in keys.lower() else "that robench can use"
    return f"{spec} holds no tensors {kind} under any key; its keys: {keys}; give the file with the network's weights"


def _recorded_architecture(record: Mapping[str, Any]) -> str | None:
    """Return what a robench checkpoint says, or None for a word of another writer that names nothing we know."""
    name = record.get("architecture")
    if not isinstance(name, str):
        return None
    library, colon, _ = name.partition(":")
    return name if name in architectures.registry() or (colon and library in libraries()) else None


def _built(request: Request, architecture: str) -> nn.Module:
    if PYTHON_CLASS.fullmatch(architecture):
        return build_network(request, architecture)
    return build(architecture, request.classes)


def _chosen(request: Request, tree: WeightTree, fits: Sequence[Fit]) -> tuple[Fit, tuple[str, ...]]:
    """Return which set of weights is read, and the names of the others.

    Equal sets are one, of which the first stands for all.
    """
    distinct: list[Fit] = []
    for fit in fits:
        if not any(_are_equal(tree, fit, other) for other in distinct):
            distinct.append(fit)
    if request.weights is not None:
        named = [
            fit
            for fit in fits
            if fit.node == request.weights or fit.node.startswith(f"{request.weights}.")
        ]
        if len(named) != 1:
            listed = ", ".join(fit.node or "(the file's top)" for fit in fits)
            raise RobenchError(
                f"{request.spec} has {len(named) or 'no'} sets of weights under {request.weights}; "
                f"{argument('weights')} is one of: {listed}"
            )
        return named[0], tuple(fit.node for fit in distinct if not _are_equal(tree, fit, named[0]))
    averaged = [fit for fit in distinct if is_averaged(fit.node)]
    if len(distinct) == 1:
        chosen = distinct[0]
    elif len(averaged) == 1 and len({fit.networks for fit in distinct}) == 1:
        chosen = averaged[0]
    else:
        listed = ", ".join(f"{fit.node} ({fit.networks[0]})" for fit in distinct)
        raise RobenchError(
            f"{request.spec} holds {len(distinct)} different sets of weights: {listed}; "
            f"choose one, e.g. {argument('weights', distinct[0].node)}"
        )
    return chosen, tuple(fit.node for fit in distinct if fit is not chosen)


def _are_equal(tree: WeightTree, one: Fit, other: Fit) -> bool:
    first, second = tree.below(one.node), tree.below(other.node)
    keys = [key for key in first if is_needed(key)]
    return one.networks == other.networks and all(
        key in second and torch.equal(first[key], second[key]) for key in keys
    )


def _check_nothing_is_left(
    request: Request, tree: WeightTree, fits: Sequence[Fit], fit: Fit
) -> None:
    """Raise RobenchError where layers lie beside a network that was found, and nobody said that it is the one."""
    if request.weights is not None:
        return
    nodes = [each.node for each in fits]
    left = [
        key
        for key, value in tree.tensors.items()
        if is_a_layer(key, value)
        and not any(key.startswith(f"{node}.") or not node for node in nodes)
    ]
    if left:
        raise RobenchError(
            f"{request.spec} holds a {fit.networks[0]} below {fit.node} and {len(left)} weights of "
            "other layers beside it "
            f"(first {left[0]}); {argument('weights', fit.node)} takes the former, "
            f"{argument('architecture', 'file.py:Class')} with {argument('unsafe_load', True)} builds a network of both"
        )


def _misfit(
    request: Request, tree: WeightTree, network: nn.Module, architecture: str
) -> RobenchError:
    wanted = shapes_of(network)
    listed = min((differences(wanted, shapes_below(tree, node)) for node in tree.trunk()), key=len)
    more = f", and {len(listed) - 1} more entries differ" if len(listed) > 1 else ""
    fitting = [name for fit in find_fits(tree, request.classes) for name in fit.networks]
    instead = (
        f"it fits {', '.join(fitting)}" if fitting else nearest_sentence(tree, request.classes)
    )
    return RobenchError(
        f"{request.spec} does not fit {architecture} with {request.classes} classes: {listed[0]}{more}; {instead}"
    )


def _network_names(fit: Fit, record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the networks that fit, and of them only those that the file itself names, if it names any."""
    said = {name.partition(".")[0] for name in _said_names(record)}
    named = tuple(name for name in fit.networks if name in said or name.partition(":")[2] in said)
    return named or fit.networks


def _said_names(record: Mapping[str, Any]) -> list[str]:
    places: list[Mapping[str, Any]] = [record]
    for key in ARGUMENTS:
        value = record.get(key)
        places.append(value if isinstance(value, Mapping) else getattr(value, "__dict__", {}))
    found = [place.get(key) for place in places for key in NAMES_OF_NETWORKS]
    return [value for value in found if isinstance(value, str)]


def _loaded(
    request: Request, tree: WeightTree, fit: Fit, names: Sequence[str]
) -> dict[str, nn.Module]:
    """Return the networks of these names with the weights in them."""
    networks = {}
    for name in names:
        network = _built(request, name)
        load_into(request.spec, network, fit.node, tree.below(fit.node))
        networks[name] = network
    return networks


def _model(
    request: Request, architecture: str, network: nn.Module, digest: str, record: Mapping[str, Any]
) -> Model:
    path = Path(request.spec)
    python = PYTHON_CLASS.fullmatch(architecture)
    model = Model(
        network=network,
        name=request.name or path.stem,
        normalisation=request.normalisation,
        source=str(path),
        sha256=joint_sha256(Path(python["path"]), digest) if python else digest,
        architecture=architecture,
        training={key: record[key] for key in TRAINING_RECORD if key in record}
        if _is_ours(record)
        else None,
        input_size_px=input_size_px(network),
    )
    if weights := published_weights(architecture, digest):
        return as_published(model, weights, request.normalisation)
    found = request.normalisation or recorded_normalisation(digest, record)
    return replace(model, normalisation=found, normalisation_hint=_hint(architecture))


def _is_ours(record: Mapping[str, Any]) -> bool:
    return any(key in record for key in ("format", "method"))


def _hint(architecture: str) -> str:
    library, colon, name = architecture.partition(":")
    if library not in ("torchvision", "timm") or not colon:  # nobody else publishes weights
        return ""
    return f"{library}'s own weights of {name} have a record: {argument('model', architecture)}"


def _notes_of_weights(
    tree: WeightTree,
    fit: Fit,
    others: tuple[str, ...],
    wanted: Mapping[str, object],
    record: Mapping[str, Any],
) -> tuple[str, ...]:
    notes = []
    if others:
        kind = " (averaged over training)" if is_averaged(fit.node) else ""
        notes.append(
            f"read {fit.node}{kind}; the file also holds {', '.join(others)}: {argument('weights', others[0])}"
        )
    elif fit.node and not _is_ours(record):
        notes.append(f"read the weights under {fit.node}")
    start = f"{fit.node}." if fit.node else ""
    elsewhere = tuple(f"{node}." for node in others)
    ignored = [
        key
        for key in tree.tensors
        if not key.endswith(COUNTERS)
        and not key.startswith(elsewhere)
        and not (key.startswith(start) and key.removeprefix(start) in wanted)
    ]
    if ignored:
        more = f" and {len(ignored) - 1} more entries" if len(ignored) > 1 else ""
        notes.append(f"{ignored[0]}{more} of the file are not the network's and were not read")
    for name, count in tree.unnamed.items():
        notes.append(
            f"the file also holds {count} tensors without names under {name}, which were not read"
        )
    return tuple(notes)


def _notes_of_networks(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    (first, *same), *other = groups
    alike = (
        f"; {', '.join(same)} {'compute' if len(same) > 1 else 'computes'} the same" if same else ""
    )
    notes = [f"the network is {first}, found by the keys and shapes of its weights{alike}"]
    if other:
        listed = ", ".join(group[0] for group in other)
        notes.append(
            f"the weights also fit {listed}, which computes something else: {argument('architecture')} says which it is"
        )
    return tuple(notes)


def _note_of_name(path: Path, digest: str) -> tuple[str, ...]:
    match = DIGEST_IN_NAME.search(path.name)
    if match is None or digest.startswith(match[1]):
        return ()
    return (
        f"the name {path.name} promises a file whose SHA-256 begins with {match[1]}, this one's "
        f"begins with {digest[:8]}: "
        "it is damaged, or another file",
    )


def _whole_network(path: Path, content: object, request: Request) -> nn.Module | None:
    """Return the network that a file holds as an object, bare or under a key, or None where it holds none."""
    if isinstance(content, nn.Module):
        return content
    if not isinstance(content, Mapping):
        return None
    found = {key: value for key, value in content.items() if isinstance(value, nn.Module)}
    if request.weights in found:
        return found[request.weights]
    averaged = [key for key in found if is_averaged(str(key))]
    networks = {
        key: value for key, value in found.items() if not OF_LOSS.search(type(value).__name__)
    }
    if len(networks) > 1 and len(averaged) != 1:
        raise RobenchError(
            f"{path} holds {len(networks)} whole networks: {', '.join(map(str, networks))}; choose "
            f"one with {argument('weights', Placeholder('KEY'))}"
        )
    if not networks:
        return None
    return networks[averaged[0] if len(networks) > 1 else next(iter(networks))]


def _as_it_is(request: Request, path: Path, network: nn.Module) -> Model:
    """Return a network that came as an object, which runs as it is."""
    request.refuse_architecture()
    if isinstance(network, nn.DataParallel):
        network = network.module
    model = wrap(
        network,
        normalisation=request.normalisation,
        name=request.name or path.stem,
        source=str(path),
    )
    return replace(model, sha256=sha256_of(path))


# What a robench checkpoint says of its training, as far as a reader of results needs it.
TRAINING_RECORD = (
    *("method", "method_options", "overlaps", "dataset", "framing", "recipe", "epoch", "seed"),
)

SOURCES = {
    "checkpoint": Source(
        "FILE: a checkpoint of any writer; the network is found by its keys and shapes, or named with --arch",
        claims=lambda spec: False,  # it takes every file that no other source claims
        load=load_request,
    )
}
