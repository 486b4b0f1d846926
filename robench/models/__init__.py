"""Models: anything that turns a batch of images into logits, with the preprocessing it was trained with.

A file offers its kind of model as ``SOURCES = {name: Source(...)}``; ``load`` asks them which one a spec is for.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.callable import wrap
from robench.models.checkpoint import load_checkpoint
from robench.models.clean_view import CleanView
from robench.models.ensemble import ensemble
from robench.models.model import Model
from robench.models.normalisation import (
    NORMALISATIONS,
    AnyNormalisation,
    Normalisation,
    as_normalisation,
    chosen_normalisation,
)
from robench.models.request import Request, Source
from robench.registry import Registry, collect

__all__ = [
    "NORMALISATIONS",
    "AnyNormalisation",
    "CleanView",
    "Model",
    "Normalisation",
    "Request",
    "Source",
    "as_normalisation",
    "chosen_normalisation",
    "ensemble",
    "load",
    "load_all",
    "load_checkpoint",
    "registry",
    "wrap",
]


@functools.cache
def registry() -> Registry[Source]:
    """Return every model source by name."""
    return collect("model source", __name__, "SOURCES")


def load(
    spec: str | Path,
    *,
    classes: int,
    architecture: str | None = None,
    normalisation: AnyNormalisation | None = None,
    name: str | None = None,
    unsafe: bool = False,
    weights: str | None = None,
) -> Model:
    """Load a model from a file or a library.

    Args:
        spec: a path, ``"torchvision:NAME@WEIGHTS"``, ``"timm:NAME"``, ``"file.py:function"``, ...; see ``registry()``.
        classes: how many logits the network must give.
        architecture: for files that hold weights only: a name of ``baselines.architectures``, ``"torchvision:NAME"``,
            ``"timm:NAME"`` or, with ``unsafe``, ``"file.py:Class"``; found by the weights' keys and shapes when None.
        normalisation: overrides what the source records: a name of ``NORMALISATIONS``, or mean and std, three numbers
            each for images in [0, 1].
        name: how tables call the model; taken from the spec when None.
        unsafe: also load what can run code. Only for files whose author you trust.
        weights: which set of weights, by its key, of a file that holds several.

    Raises:
        RobenchError: for a spec that no source knows, a file that is missing, damaged, wants to run code or does not
            fit a network; and without a network connection where one is needed.
    """
    spec = str(spec)
    how = as_normalisation(normalisation)
    request = Request(spec, classes, architecture, how, name, unsafe, weights)
    sources = registry()
    for source in sources.values():
        if source.claims(spec):
            return source.load(request)
    if ":" in spec and not Path(spec).exists():
        known = ", ".join(sources)
        raise RobenchError(
            f"no file {spec}, and no model source of that name; known: {known} "
            "(`robench list models` says how to name a model of each)"
        )
    return sources["checkpoint"].load(request)


def load_all(
    specs: Sequence[str],
    *,
    classes: int,
    architectures: Sequence[str] = (),
    normalisation: Normalisation | None = None,
    name: str | None = None,
    unsafe: bool = False,
    weights: str | None = None,
    as_ensemble: bool = False,
    complete: Callable[[Model], Model] | None = None,
) -> Model:
    """Load one model, or several as an ensemble.

    ``architectures`` holds none, one for all, or one per spec; ``complete`` is applied to each model before they become
    an ensemble, and is mostly ``robench.doctor.complete_model``; the other arguments are those of ``load`` and hold for
    every model. Raises RobenchError for several specs without ``as_ensemble``, for one spec with it, and for another
    number of architectures.
    """
    if len(specs) > 1 and not as_ensemble:
        raise RobenchError(
            f"{len(specs)} models: give {argument('ensemble', True)} to average them, or run them one by one"
        )
    if len(architectures) not in (0, 1, len(specs)):
        raise RobenchError(
            f"{len(architectures)} {argument('architecture')} for {len(specs)} {argument('model')}; "
            "give none, one for all or one each"
        )
    each: list[str | None] = list(architectures) or [None]
    each = each * len(specs) if len(each) == 1 else each
    models = [
        load(
            spec,
            classes=classes,
            architecture=architecture,
            normalisation=normalisation,
            name=None if as_ensemble else name,
            unsafe=unsafe,
            weights=weights,
        )
        for spec, architecture in zip(specs, each, strict=True)
    ]
    if complete is not None:
        models = [complete(model) for model in models]
    return ensemble(models, name) if as_ensemble else models[0]
