"""Per-channel normalisation, and which one a model is to be given."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from robench.arguments import Placeholder, argument
from robench.errors import RobenchError
from robench.registry import Registry

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Normalisation:
    """``(pixel / 255 - mean) / std`` per RGB channel.

    ``origin`` says in words where the constants come from; ``is_measured`` that nobody said them, but images told.
    Raises RobenchError for anything but three finite numbers each, for a std that is not positive, and for numbers on
    the scale 0..255, which it names divided.
    """

    mean: Channels
    std: Channels
    origin: str
    is_measured: bool = False

    def __post_init__(self) -> None:
        numbers = (*self.mean, *self.std)
        if len(self.mean) != 3 or len(self.std) != 3 or not all(map(math.isfinite, numbers)):
            raise RobenchError(
                f"mean and std are three finite numbers each, for images in [0, 1]; got {self.flags()}"
            )
        if min(self.std) <= 0:
            raise RobenchError(f"every std must be positive; got {self.flags()}")
        if max(numbers) > 1:
            raise RobenchError(
                f"{self.flags()} is on the scale 0..255; images are in [0, 1]: divide by 255, "
                f"{_divided(self.mean, self.std)}"
            )

    def flags(self) -> str:
        """Return the constants as they are given at the terminal, or from Python."""
        return _flags(self.mean, self.std)


def how_to_give() -> str:
    """Return how a normalisation is given: by name, with the names, or by numbers."""
    return f"{argument('normalisation')} ({', '.join(NORMALISATIONS)}) or {by_numbers()}"


def by_numbers() -> str:
    """Return how a normalisation is given by numbers, which only the reader knows."""
    return argument("normalisation", Placeholder("MEAN"), Placeholder("STD"))


def _flags(mean: Sequence[float], std: Sequence[float]) -> str:
    of_mean, of_std = (tuple(float(f"{value:.6g}") for value in part) for part in (mean, std))
    return argument("normalisation", of_mean, of_std)


def _divided(mean: Sequence[float], std: Sequence[float]) -> str:
    """Return the flags for images in [0, 1]; a std below 1 beside a mean of 0..255 is left as it is."""
    if max(mean) > 1:
        mean = [value / 255 for value in mean]
    if max(std) >= 1:
        std = [value / 255 for value in std]
    return _flags(mean, std)


# As it may be given in Python: also by name, or as mean and std.
AnyNormalisation = Normalisation | str | tuple[Sequence[float], Sequence[float]]

NORMALISATIONS: Registry[Normalisation] = Registry("normalisation")
NORMALISATIONS["imagenet"] = Normalisation(
    (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "the mean and std of ImageNet"
)
NORMALISATIONS["cifar-10"] = Normalisation(
    (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), "the mean and std of CIFAR-10"
)
NORMALISATIONS["cifar-100"] = Normalisation(
    (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762), "the mean and std of CIFAR-100"
)
NORMALISATIONS["half"] = Normalisation(
    (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "0.5 and 0.5, the AugMix paper's"
)
NORMALISATIONS["none"] = Normalisation((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "none: inputs in [0, 1]")

# Published files whose documentation states a normalisation that the file itself does not hold, by the first eight hex
# digits of their SHA-256, which are also part of their published names.
PUBLISHED_FILES = {
    digest: ("imagenet", f"akamaster/pytorch_resnet_cifar10 {name}")
    for digest, name in (
        ("12fca82f", "resnet20"),
        ("d509ac18", "resnet32"),
        ("014dd654", "resnet44"),
        ("4bfd9763", "resnet56"),
    )
}


def chosen_normalisation(
    name: str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Normalisation | None:
    """Return what the user asked for by name or by numbers, or None if by neither.

    Raises RobenchError for an unknown name, for both ways at once, for half a pair and for a std that is not positive.
    """
    if name is not None:
        if mean is not None or std is not None:
            raise RobenchError(
                f"give {argument('normalisation', Placeholder('NAME'))} or {by_numbers()}, not both"
            )
        return replace(NORMALISATIONS[name], origin=argument("normalisation", name))
    if mean is None and std is None:
        return None
    if mean is None or std is None:
        raise RobenchError(
            f"mean and std go together, three numbers each for images in [0, 1]: {by_numbers()}"
        )
    return _from_numbers(mean, std, "mean and std as given")


def _from_numbers(mean: Any, std: Any, origin: str) -> Normalisation:
    """Return lists, tuples, arrays or tensors of three numbers, of any shape, as a normalisation."""
    try:
        parts = [tuple(float(value) for value in _flat(part)) for part in (mean, std)]
    except (TypeError, ValueError):
        got = " and ".join(repr(part)[:40] for part in (mean, std))
        raise RobenchError(f"mean and std are three numbers each; got {got}") from None
    return Normalisation(parts[0], parts[1], origin)  # type: ignore[arg-type]  # it checks their length


def _flat(part: Any) -> Any:
    return part.reshape(-1).tolist() if hasattr(part, "reshape") else part


def as_normalisation(
    given: AnyNormalisation | None,
) -> Normalisation | None:
    """Return a normalisation that is given in Python: as such, by name, or as mean and std; None for none.

    Raises RobenchError for an unknown name and for numbers that cannot be.
    """
    if given is None or isinstance(given, Normalisation):
        return given
    if isinstance(given, str):
        return chosen_normalisation(given)
    try:
        mean, std = given
    except (TypeError, ValueError):
        raise RobenchError(f"expected {by_numbers()}, got normalisation={given!r}") from None
    return chosen_normalisation(mean=mean, std=std)


def recorded_normalisation(sha256: str, content: Mapping[str, object]) -> Normalisation | None:
    """Return the normalisation a checkpoint records, or that its publisher states; None if neither does.

    Raises RobenchError for a record that is no normalisation.
    """
    if _has_record(content):
        try:
            return _from_numbers(content["mean"], content["std"], "the checkpoint's own record")
        except RobenchError as error:
            raise RobenchError(f"the checkpoint's own record of mean and std: {error}") from None
    if sha256[:8] in PUBLISHED_FILES:
        name, published_as = PUBLISHED_FILES[sha256[:8]]
        return replace(NORMALISATIONS[name], origin=f"{name}, as documented for {published_as}")
    return None


def _has_record(content: Mapping[str, object]) -> bool:
    """Say whether there are both numbers; among tensors of a bare state dict they are parts of a network."""
    if content.get("mean") is None or content.get("std") is None:
        return False
    others = [value for key, value in content.items() if key not in ("mean", "std")]
    return not any(hasattr(value, "layout") for value in others)  # of a tensor


def unknown_normalisation(source: str, hint: str = "") -> RobenchError:
    """Return the refusal for a model of which nobody says how its images were normalised."""
    return RobenchError(
        f"{source} does not record how its images were normalised; "
        f"give {how_to_give()}"
        f"{f' ({hint})' if hint else ''}"
    )
