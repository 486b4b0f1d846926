"""Models from a checkpoint file: a robench checkpoint, or a state dict in one of the common wrappings.

Files are read with ``weights_only=True``, which builds tensors and plain containers and runs no code. A file that
needs more is refused unless the caller says ``unsafe=True``.
"""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from baselines import architectures
from robench.errors import RobenchError
from robench.models.architecture import build
from robench.models.model import Model
from robench.models.normalisation import Normalisation, recorded_normalisation
from robench.models.request import Request, Source, existing_file, sha256_of
from robench.models.torchvision_models import as_published, published_weights

WRAPPINGS = ("state_dict", "model", "model_ema", "state_dict_ema")
PREFIXES = ("module.", "_orig_mod.")  # of DataParallel and of torch.compile
RUNS_CODE = ("GLOBAL", "Trying to ")  # how torch words a pickle that names a function of its own

State = dict[str, torch.Tensor]


def load_checkpoint(
    path: str | Path,
    *,
    classes: int,
    architecture: str | None = None,
    normalisation: Normalisation | None = None,
    name: str | None = None,
    unsafe: bool = False,
) -> Model:
    """Load a model from a file.

    Args:
        path: the checkpoint.
        classes: how many logits the network must give.
        architecture: a name of ``baselines.architectures``, ``torchvision:NAME`` or ``timm:NAME``; a robench checkpoint
            knows its own.
        normalisation: overrides what the checkpoint records.
        name: how tables call the model; the file's name without its suffix when omitted.
        unsafe: also load pickles that run code. Only for files whose author you trust.

    Raises:
        RobenchError: for a file that is missing, unreadable, wants to run code, or does not fit the architecture; for
            an unknown architecture; and when neither the caller nor the file says which one or which normalisation.
    """
    path = Path(path)
    content = read_checkpoint(path, unsafe=unsafe)
    request = Request(str(path), classes, architecture, normalisation, name, unsafe)
    return model_of_state(request, state_dict_of(path, content), content)


def load_request(request: Request) -> Model:
    """Load what ``--model`` asks for; see ``load_checkpoint``."""
    path = existing_file(request.spec, "checkpoint")
    content = read_checkpoint(path, unsafe=request.unsafe)
    return model_of_state(request, state_dict_of(path, content), content)


def model_of_state(request: Request, state: State, record: Mapping[str, Any]) -> Model:
    """Return the model with these weights; ``record`` is what the file says of itself, as a robench checkpoint does."""
    path, classes = Path(request.spec), request.classes
    architecture = request.architecture or record.get("architecture")
    if not isinstance(architecture, str):
        raise RobenchError(
            f"{path} does not record its architecture; give --arch ({_fitting_sentence(state, classes)})"
        )
    network = build(architecture, classes)
    _load_state(path, network, state, architecture, classes)
    digest = sha256_of(path)
    model = Model(
        network=network,
        name=request.name or path.stem,
        normalisation=request.normalisation,
        source=str(path),
        sha256=digest,
        architecture=architecture,
        training={key: record[key] for key in TRAINING_RECORD if key in record} or None,
    )
    if weights := published_weights(architecture, digest):
        return as_published(model, weights, request.normalisation)
    found = request.normalisation or recorded_normalisation(digest, record)
    return replace(model, normalisation=found, normalisation_hint=_hint(architecture))


def _hint(architecture: str) -> str:
    library, colon, name = architecture.partition(":")
    if not colon or library == "anti-aliased":  # a variant, of which nobody publishes weights
        return ""
    return f"{library}'s own weights of {name} have a record: --model {architecture}"


# What a robench checkpoint says of its training, as far as a reader of results needs it.
TRAINING_RECORD = ("method", "method_options", "overlaps", "dataset", "recipe", "epoch", "seed")


def read_checkpoint(path: Path, *, unsafe: bool = False) -> dict[str, Any]:
    """Return what ``torch.save`` stored, on the CPU; raise RobenchError unless that is a dict that loads safely."""
    if not path.is_file():
        raise RobenchError(f"no checkpoint {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=not unsafe)
    except pickle.UnpicklingError as error:
        if not any(sign in str(error) for sign in RUNS_CODE):
            raise RobenchError(f"{path} is damaged or not a PyTorch checkpoint") from None
        raise RobenchError(
            f"{path} was refused: it holds more than tensors and would run code when loaded; "
            "if you trust its author, give --unsafe-load"
        ) from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RobenchError(f"{path} is damaged or not a PyTorch checkpoint ({reason})") from None
    if isinstance(content, torch.nn.Module):
        return dict(content.state_dict())
    if not isinstance(content, dict):
        raise RobenchError(
            f"{path} holds a {type(content).__name__}, not a state dict or a dict with one under "
            f"{', '.join(WRAPPINGS)}"
        )
    return content


def state_dict_of(path: Path, content: dict[str, Any]) -> State:
    """Return the tensors of a checkpoint under their bare names, whichever common wrapping they are in."""
    wrapped = [content[key] for key in WRAPPINGS if isinstance(content.get(key), dict)]
    state = wrapped[0] if wrapped else content
    tensors = {str(key): value for key, value in state.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise RobenchError(
            f"{path} holds no tensors, bare or under {', '.join(WRAPPINGS)}; its keys: "
            f"{', '.join(map(str, list(content)[:5])) or 'none'}"
        )
    for prefix in PREFIXES * 2:  # they can be nested in either order
        if all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return tensors


def _load_state(
    path: Path, network: torch.nn.Module, state: State, architecture: str, classes: int
) -> None:
    if differences := _differences(network, state):
        raise RobenchError(
            f"{path} does not fit {architecture} with {classes} classes: {differences}; "
            f"{_fitting_sentence(state, classes)}"
        )
    # Batch counters are absent from files older than PyTorch 0.4.1 and are not used in evaluation.
    network.load_state_dict(state, strict=False)


def _differences(network: torch.nn.Module, state: State) -> str:
    """Return what keeps ``state`` from fitting, naming the first of each kind, or nothing if it fits."""
    expected = network.state_dict()
    missing = [key for key in expected if key not in state and not _is_counter(key)]
    unexpected = [key for key in state if key not in expected]
    other = [key for key in state if key in expected and state[key].shape != expected[key].shape]
    sentences = []
    if missing:
        sentences.append(f"{len(missing)} missing keys (first {missing[0]})")
    if unexpected:
        sentences.append(f"{len(unexpected)} unexpected keys (first {unexpected[0]})")
    if other:
        shapes = f"{tuple(state[other[0]].shape)} for {tuple(expected[other[0]].shape)}"
        sentences.append(f"{len(other)} keys of another shape (first {other[0]}: {shapes})")
    return ", ".join(sentences)


def _is_counter(key: str) -> bool:
    return key.endswith("num_batches_tracked")


def _fitting_sentence(state: State, classes: int) -> str:
    fitting = []
    for name, make in architectures.registry().items():
        with torch.device("meta"):  # shapes without memory or arithmetic
            network = make(classes)
        if not _differences(network, state):
            fitting.append(name)
    if fitting:
        return f"it fits {', '.join(fitting)}"
    return f"it fits none of {', '.join(sorted(architectures.registry()))} with {classes} classes"


SOURCES = {
    "checkpoint": Source(
        "FILE: a checkpoint of `robench train`, or a state dict with --arch",
        claims=lambda spec: False,  # it takes every file that no other source claims
        load=load_request,
    )
}
