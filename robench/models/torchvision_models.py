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

from robench.errors import RobenchError
from robench.models.architecture import checked_name
from robench.models.clean_view import CleanView
from robench.models.model import Model
from robench.models.normalisation import Normalisation
from robench.models.request import Request, Source, first_line, sha256_of
from robench.registry import unknown_name

PREFIX = "torchvision:"
# These draw their first weights with a warning unless told whether to.
SLOWLY_INITIALISED = ("googlenet", "inception_v3")


def load_pretrained(request: Request) -> Model:
    """Download or find the weights; raise RobenchError for an unknown name, or without a network."""
    from torchvision import models

    request.refuse_architecture()
    name, _, weights_name = request.spec.removeprefix(PREFIX).partition("@")
    weights = _weights(name, weights_name or "DEFAULT")
    request.check_classes(len(weights.meta["categories"]))
    try:
        network = models.get_model(name, weights=weights, progress=False)
    except (
        OSError,
        RuntimeError,
    ) as error:  # URLError is an OSError; a broken download a RuntimeError
        raise RobenchError(
            f"cannot download {weights.url} ({first_line(error)}); "
            f"on a machine without a network give the file and --arch {PREFIX}{name}"
        ) from error
    file = Path(torch.hub.get_dir(), "checkpoints", Path(urlsplit(weights.url).path).name)
    model = Model(
        network=network,
        name=request.name or name,
        normalisation=_normalisation(weights),
        source=f"{PREFIX}{name}@{weights.name}",
        sha256=sha256_of(file) if file.is_file() else None,
        architecture=f"{PREFIX}{name}",
        clean_view=_clean_view(weights),
    )
    return replace(model, normalisation=request.normalisation or model.normalisation)


def build(name: str, classes: int) -> nn.Module:
    """Build a network without weights; raise RobenchError for a name torchvision does not know as a classifier."""
    from torchvision import models

    arguments = {"init_weights": False} if name in SLOWLY_INITIALISED else {}
    network: nn.Module = models.get_model(
        checked_name("torchvision", name, _classifiers()),
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
        if Path(urlsplit(weights.url).path).stem.rpartition("-")[2] == sha256[:8]:
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


def _classifiers() -> list[str]:
    from torchvision import models

    names: list[str] = models.list_models(module=models)
    return names


def _weights(name: str, weights_name: str) -> Any:
    from torchvision.models import get_model_weights

    entries = get_model_weights(checked_name("torchvision", name, _classifiers()))
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
