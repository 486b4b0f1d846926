"""The options that say which model, for every command that takes one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from robench.errors import RobenchError

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--arch",
        "architectures",
        multiple=True,
        help="Network of a state dict: ours, torchvision:NAME, timm:NAME, file.py:Class.  [default: by its keys]",
    ),
    click.option(
        "--weights",
        metavar="KEY",
        help="Of a file with several sets of weights.  [default: the only average (EMA)]",
    ),
    click.option(
        "--normalisation",
        "--normalization",
        "normalisation",
        help="By name: imagenet, cifar-10, cifar-100, half or none.",
    ),
    click.option("--mean", nargs=3, type=float, help="Or by numbers, for images in [0, 1]."),
    click.option("--std", nargs=3, type=float, help="Goes with --mean."),
    click.option("--name", help="How tables call the model.  [default: from --model]"),
    click.option(
        "--no-guess",
        is_flag=True,
        help="Measure nothing that is not said, such as the normalisation: refuse it.",
    ),
    click.option(
        "--unsafe-load", is_flag=True, help="Also load what can run code; only if you trust it."
    ),
)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as ``**model`` for ``opened``; one model at least is required."""
    return _with_options(command, required=True)


def optional_model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command that also works without a model."""
    return _with_options(command, required=False)


def _with_options(command: Callable[..., Any], required: bool) -> Callable[..., Any]:
    for option in reversed(OPTIONS):
        command = option(command)
    return click.option(
        "--model",
        "specs",
        required=required,
        multiple=True,
        metavar="MODEL",
        help="A file, torchvision:NAME, timm:NAME, ...; see `robench list models`.",
    )(command)


def model_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options out of a command's and return them as arguments of ``robench.evaluate``.

    Raises RobenchError for a normalisation that is half said, or said twice.
    """
    specs, mean, std = options.pop("specs"), options.pop("mean"), options.pop("std")
    normalisation = options.pop("normalisation")
    if mean is not None or std is not None:
        if normalisation is not None:
            raise RobenchError("give --normalisation or --mean and --std, not both")
        if mean is None or std is None:
            raise RobenchError(
                "--mean and --std go together: three numbers each, for images in [0, 1]"
            )
        normalisation = (mean, std)
    return {
        "model": specs or None,
        "architecture": options.pop("architectures"),
        "guess": not options.pop("no_guess", False),
        "normalisation": normalisation,
    }


def opened(
    *,
    classes: int,
    specs: Sequence[str],
    architectures: Sequence[str],
    normalisation: str | None,
    mean: tuple[float, ...] | None,
    std: tuple[float, ...] | None,
    name: str | None,
    unsafe_load: bool,
    no_guess: bool,
    weights: str | None = None,
    as_ensemble: bool = False,
    benchmark: Any = None,
    device: str | None = None,
    say: Callable[[str], object] = click.echo,
) -> Any:
    """Return the ``robench.models.Model`` that the options describe; raise RobenchError where they describe none.

    With a ``robench.suites.benchmark.Benchmark``, what nothing says of the model is measured on its images, on
    ``device``, and told to ``say``.
    """
    from robench import models
    from robench.doctor import complete_model

    complete = None
    if benchmark is not None:
        complete = partial(
            complete_model, benchmark=benchmark, guess=not no_guess, device=device, say=say
        )

    return models.load_all(
        specs,
        classes=classes,
        architectures=architectures,
        normalisation=models.chosen_normalisation(normalisation, mean, std),
        name=name,
        unsafe=unsafe_load,
        weights=weights,
        as_ensemble=as_ensemble,
        complete=complete,
    )
