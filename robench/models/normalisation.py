"""Per-channel normalisation, and which one a model is to be given."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from robench.errors import RobenchError
from robench.registry import Registry

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Normalisation:
    """``(pixel / 255 - mean) / std`` per RGB channel; ``origin`` says in words where the constants come from."""

    mean: Channels
    std: Channels
    origin: str


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
            raise RobenchError("give --normalisation or --mean and --std, not both")
        return replace(NORMALISATIONS[name], origin=f"--normalisation {name}")
    if mean is None and std is None:
        return None
    if mean is None or std is None:
        raise RobenchError("--mean and --std go together: three numbers each, for images in [0, 1]")
    numbers = (*mean, *std)
    if len(mean) != 3 or len(std) != 3 or not all(map(math.isfinite, numbers)) or min(std) <= 0:
        raise RobenchError(
            f"--mean and --std are three finite numbers each, std positive; got {tuple(mean)} and {tuple(std)}"
        )
    return Normalisation((mean[0], mean[1], mean[2]), (std[0], std[1], std[2]), "--mean and --std")


def recorded_normalisation(sha256: str, content: Mapping[str, object]) -> Normalisation | None:
    """Return the normalisation a checkpoint records, or that its publisher states; None if neither does."""
    mean, std = content.get("mean"), content.get("std")
    if isinstance(mean, list) and isinstance(std, list):
        if not all(isinstance(value, int | float) for value in (*mean, *std)):
            raise RobenchError(
                f"the file records a normalisation of mean {mean} and std {std}; expected three finite numbers each"
            )
        try:
            found = chosen_normalisation(mean=mean, std=std)
        except RobenchError as error:
            raise RobenchError(f"the file records a normalisation that is none: {error}") from None
        assert found is not None  # both were given
        return replace(found, origin="the checkpoint's own record")
    if sha256[:8] in PUBLISHED_FILES:
        name, published_as = PUBLISHED_FILES[sha256[:8]]
        return replace(NORMALISATIONS[name], origin=f"{name}, as documented for {published_as}")
    return None


def unknown_normalisation(source: str, hint: str = "") -> RobenchError:
    """Return the refusal for a model of which nobody says how its images were normalised."""
    return RobenchError(
        f"{source} does not record how its images were normalised; "
        f"give --normalisation ({', '.join(NORMALISATIONS)}) or --mean and --std"
        f"{f' ({hint})' if hint else ''}"
    )
