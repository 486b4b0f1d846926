"""Any callable as a model."""

from collections.abc import Callable
from dataclasses import replace

from torch import Tensor, nn

from robench.errors import RobenchError
from robench.models.model import Model
from robench.models.normalisation import (
    NORMALISATIONS,
    AnyNormalisation,
    Normalisation,
    as_normalisation,
)
from robench.models.timm_models import configured_normalisation
from robench.models.weights import weights_sha256


def wrap(
    network: Callable[[Tensor], Tensor] | Model,
    *,
    normalisation: AnyNormalisation | None = None,
    name: str | None = None,
    source: str = "Python",
) -> Model:
    """Return a callable from float32 (N, 3, H, W) to logits (N, classes) as a model.

    Args:
        network: a network, a function, or a model, which is returned with the given normalisation and name.
        normalisation: what to do to images in [0, 1] first: a name of ``NORMALISATIONS``, or mean and std, three
            numbers each. When None, a plain function gets images in [0, 1], a network made by timm what its
            configuration says, and any other ``nn.Module`` has none yet: nothing in it says what it was trained with,
            so that it must be measured.
        name: how tables call it; the function's or class's own name when None.
        source: where it comes from, for the record.

    Raises:
        RobenchError: for something that cannot be called.
    """
    normalisation = as_normalisation(normalisation)
    if isinstance(network, Model):
        return replace(
            network,
            normalisation=normalisation or network.normalisation,
            name=name or network.name,
        )
    if not callable(network):
        raise RobenchError(f"expected a network or a function, got a {type(network).__name__}")
    own_name = str(getattr(network, "__name__", type(network).__name__))
    return Model(
        network=network,
        name=name or own_name,
        normalisation=normalisation or _known_normalisation(network),
        source=source,
        sha256=weights_sha256(network) if isinstance(network, nn.Module) else None,
        architecture=own_name if isinstance(network, nn.Module) else None,
    )


def _known_normalisation(network: object) -> Normalisation | None:
    if configured := configured_normalisation(network):
        return configured
    if isinstance(network, nn.Module):
        return None
    none = NORMALISATIONS["none"]
    return Normalisation(none.mean, none.std, "none: a function is given images in [0, 1]")
