"""Several models as one: the mean of their softmaxes.

Source: Lakshminarayanan et al. 2017, "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
section 2.4.
"""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.model import Model, in_type_of, logits_of
from robench.models.normalisation import NORMALISATIONS, Normalisation


class Member(nn.Module):
    """One network with its own normalisation: float32 (N, 3, H, W) in [0, 1] -> logits (N, classes)."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network = model.network
        for key in ("mean", "std"):
            values = torch.tensor(getattr(model.known_normalisation(), key)).view(1, 3, 1, 1)
            self.register_buffer(key, values, persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalise and classify."""
        normalised = (pixels - self.mean) / self.std
        return logits_of(self.network(in_type_of(self.network, normalised)))


class MeanSoftmax(nn.Module):
    """The logarithm of the mean softmax, whose softmax is that mean: float32 (N, 3, H, W) -> (N, classes)."""

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, pixels: Tensor) -> Tensor:
        """Average the members' probabilities; in logarithms, so that small ones do not vanish."""
        logs = [torch.log_softmax(member(pixels).float(), dim=1) for member in self.members]
        return torch.logsumexp(torch.stack(logs), dim=0) - math.log(len(logs))


def ensemble(models: Sequence[Model], name: str | None = None) -> Model:
    """Return the mean softmax of two or more models; raise RobenchError for fewer."""
    if len(models) < 2:
        raise RobenchError(f"an ensemble needs at least 2 models, got {len(models)}")
    for model in models:
        if model.alternatives:
            other = model.alternatives[0].architecture
            raise RobenchError(
                f"{model.source} fits {model.architecture} and {other}, which compute different things; "
                f"give {argument('architecture')}"
            )
    sizes = {model.input_size_px for model in models if model.input_size_px}
    if len(sizes) > 1:
        raise RobenchError(
            f"the members of an ensemble take images of {len(sizes)} different sizes"
        )
    none = NORMALISATIONS["none"]
    return Model(
        network=MeanSoftmax([Member(model) for model in models]),
        name=name or "+".join(model.name for model in models),
        normalisation=Normalisation(none.mean, none.std, "each member normalises for itself"),
        source=", ".join(model.source for model in models),
        sha256=_joint_sha256(models),
        architecture=f"an ensemble of {len(models)}",
        input_size_px=next(iter(sizes), None),
        members=tuple(models),
        notes=tuple(f"{model.name}: {note}" for model in models for note in model.notes),
    )


def _joint_sha256(models: Sequence[Model]) -> str | None:
    """Return the SHA-256 of the members' digests in their order, or None where one has none."""
    digests = [model.sha256 for model in models]
    if None in digests:
        return None
    return hashlib.sha256("\n".join(map(str, digests)).encode()).hexdigest()
