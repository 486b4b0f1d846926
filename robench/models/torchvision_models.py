"""torchvision's models with its published weights: ``torchvision:NAME`` or ``torchvision:NAME@WEIGHTS``.

The preprocessing is that of the weights' own ``transforms()``. The names of published files end in the first eight
hex digits of their SHA-256, so that a downloaded file is known for what it is.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch
from torch import nn

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.architecture import checked_name
from robench.models.clean_view import CleanView
from robench.models.model import Model
from robench.models.normalisation import Normalisation
from robench.models.recognition import fits_of
from robench.models.request import Request, Source, first_line, sha256_of
from robench.models.weight_tree import load_into, read_tree
from robench.models.weights_file import read_checkpoint
from robench.registry import unknown_name

PREFIX = "torchvision:"
# These draw their first weights with a warning unless told whether to.
SLOWLY_INITIALISED = ("googlenet", "inception_v3")


def load_pretrained(request: Request) -> Model:
    """Download or find the weights; raise RobenchError for an unknown name, or without a network."""
    request.refuse_architecture()
    name, _, weights_name = request.spec.removeprefix(PREFIX).partition("@")
    weights = _weights(name, weights_name or "DEFAULT")
    request.check_classes(len(weights.meta["categories"]))
    file = _published_file(name, weights)
    digest = _checked_digest(file)
    network = build(name, request.classes)
    tree = read_tree(read_checkpoint(file))
    if not fits_of(tree, network, name):
        raise RobenchError(f"{file} does not fit this torchvision's {name}; upgrade torchvision")
    load_into(file, network, "", tree.tensors)
    model = Model(
        network=network,
        name=request.name or name,
        normalisation=None,
        source=f"{PREFIX}{name}@{weights.name}",
        sha256=digest,
        architecture=f"{PREFIX}{name}",
    )
    return as_published(model, weights, request.normalisation)


def _published_file(name: str, weights: Any) -> Path:
    """Return where the published file lies in torch's cache, downloaded if it does not lie there yet."""
    file = Path(torch.hub.get_dir(), "checkpoints", _file_name(weights))
    if file.is_file():
        return file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(
            weights.url, str(file), _digest_of_name(weights), progress=False
        )
    except (OSError, RuntimeError) as error:  # URLError is an OSError; another hash a RuntimeError
        raise RobenchError(
            f"cannot download {weights.url} ({first_line(error)}); "
            f"on a machine without a network give the file and {argument('architecture', PREFIX + name)}"
        ) from error
    return file


def _checked_digest(file: Path) -> str:
    """Return the SHA-256 of a published file; raise RobenchError where its name promises another."""
    digest, promised = sha256_of(file), file.stem.rpartition("-")[2]
    if not digest.startswith(promised):
        raise RobenchError(
            f"{file} is not the published file: its SHA-256 begins with {digest[:8]}, not {promised}; "
            "remove it, and it is "
            "downloaded again"
        )
    return digest


def _file_name(weights: Any) -> str:
    return Path(urlsplit(weights.url).path).name


def _digest_of_name(weights: Any) -> str:
    return Path(_file_name(weights)).stem.rpartition("-")[2]


def build(name: str, classes: int) -> nn.Module:
    """Build a network without weights; raise RobenchError for a name torchvision does not know as a classifier."""
    from torchvision import models

    arguments = {"init_weights": False} if name in SLOWLY_INITIALISED else {}
    network: nn.Module = models.get_model(
        checked_name("torchvision", name, classifiers()),
        weights=None,
        num_classes=classes,
        **arguments,
    )
    return network


def published_weights(architecture: str, sha256: str) -> Any:
    """Return torchvision's entry for the file with this digest, or None if it is not one of this architecture's."""
    if not architecture.startswith(PREFIX):
        return None
    from torchvision.models import get_model_weights

    for weights in get_model_weights(architecture.removeprefix(PREFIX)):
        if _digest_of_name(weights) == sha256[:8]:
            return weights
    return None


def as_published(model: Model, weights: Any, chosen: Normalisation | None) -> Model:
    """Return a model of a published file with its publisher's preprocessing, unless another was ``chosen``."""
    if hasattr(model.network, "transform_input"):
        # GoogLeNet and Inception were converted from TensorFlow: their networks redo the normalisation.
        model.network.transform_input = True
    return replace(
        model,
        normalisation=chosen or _normalisation(weights),
        clean_view=_clean_view(weights),
    )


def classifiers() -> list[str]:
    """Return the names of torchvision's networks for classification."""
    from torchvision import models

    names: list[str] = models.list_models(module=models)
    return names


def _weights(name: str, weights_name: str) -> Any:
    from torchvision.models import get_model_weights

    entries = get_model_weights(checked_name("torchvision", name, classifiers()))
    if weights_name not in entries.__members__:
        raise RobenchError(unknown_name(f"weights of {name}", weights_name, entries.__members__))
    return entries[weights_name]


def _normalisation(weights: Any) -> Normalisation:
    framing = weights.transforms()
    return Normalisation(tuple(framing.mean), tuple(framing.std), f"torchvision's for {weights}")


def _clean_view(weights: Any) -> CleanView:
    framing = weights.transforms()
    crop = framing.crop_size[0]
    interpolation = framing.interpolation.value
    return CleanView(
        framing.resize_size[0], (crop, crop), interpolation, f"torchvision's for {weights}"
    )


SOURCES = {
    "torchvision": Source(
        "torchvision:NAME[@WEIGHTS]: a pretrained network of torchvision",
        claims=lambda spec: spec.startswith(PREFIX),
        load=load_pretrained,
    )
}
ARCHITECTURE_LIBRARIES = {"torchvision": build}
