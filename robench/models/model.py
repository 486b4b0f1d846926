"""A model as the evaluation sees it: uint8 images in, logits out, and where it came from."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.clean_view import CleanView
from robench.models.normalisation import Channels, Normalisation, unknown_normalisation


@dataclass(frozen=True)
class WeightsRead:
    """Which set of weights of a file was read: ``key`` says where it lies, ``others`` where those lie that differ."""

    key: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A classifier with its preprocessing.

    Attributes:
        network: float32 (N, 3, H, W), or what type its weights have, -> logits (N, classes), or what ``logits_of``
            takes.
        name: how tables call it.
        normalisation: what is done to images in [0, 1] before the network sees them; None where nothing says it, and
            then it must be measured before the model gives logits.
        source: the file or spec it was loaded from.
        sha256: of that file; of a network made in Python, of its weights, with those of the Python file where there is
            one; None for a function that is in no file.
        architecture: its name in ``baselines.architectures``, torchvision or timm, if it has one.
        training: what the checkpoint records of its training (method, dataset, ...), if anything.
        clean_view: how its publisher frames clean photographs, where that is on record. The evaluation does not apply
            it: benchmarks come framed.
        input_size_px: the only height and width the network takes, where it is fixed.
        members: of an ensemble; each does its own normalisation inside ``network``.
        alternatives: other networks that the same file fits as well and that compute something else; which one it is
            must be measured, too.
        weights: which weights of the file were read, where it holds weights.
        notes: what was assumed in reading it, in sentences for whoever is to quote the numbers.
        normalisation_hint: what else is known of such networks where the normalisation is not.
    """

    network: Callable[[torch.Tensor], torch.Tensor] = field(repr=False)
    name: str
    normalisation: Normalisation | None
    source: str
    sha256: str | None = None
    architecture: str | None = None
    training: dict[str, Any] | None = None
    clean_view: CleanView | None = None
    input_size_px: tuple[int, int] | None = None
    members: tuple["Model", ...] = ()
    alternatives: tuple["Model", ...] = ()
    weights: WeightsRead | None = None
    notes: tuple[str, ...] = ()
    normalisation_hint: str = ""

    def to(self, device: torch.device) -> "Model":
        """Move the network to ``device``, set it to evaluation, and return the model."""
        if isinstance(self.network, torch.nn.Module):
            self.network.to(device).eval()
        return self

    def description(self) -> str:
        """Return in a sentence what the model is and how its images are normalised."""
        if self.members:
            parts = "; ".join(member.description() for member in self.members)
            return f"{self.name}, the mean softmax of {len(self.members)} models: {parts}"
        count = self.parameter_count()
        size = f", {count:,} parameters" if count is not None else ""
        what = f"{self.name} ({self.architecture or 'a callable'}{size}) from {self.source}"
        how = self.normalisation
        if how is None:
            return f"{what}; its normalisation is not known yet"
        mean, std = ([round(value, 4) for value in part] for part in (how.mean, how.std))
        return f"{what}; mean {tuple(mean)}, std {tuple(std)} ({how.origin})"

    def known_normalisation(self) -> Normalisation:
        """Return the normalisation; raise RobenchError where nothing says it."""
        if self.normalisation is None:
            raise unknown_normalisation(f"{self.name} ({self.source})", self.normalisation_hint)
        return self.normalisation

    def parameter_count(self) -> int | None:
        """Return the number of parameters, or None for a plain callable."""
        if not isinstance(self.network, torch.nn.Module):
            return None
        return sum(parameter.numel() for parameter in self.network.parameters())

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the model: JSON values only, members of an ensemble included."""
        return {
            "name": self.name,
            "source": self.source,
            "sha256": self.sha256,
            "architecture": self.architecture,
            "parameters": self.parameter_count(),
            "training": self.training,
            "mean": list(self.known_normalisation().mean),
            "std": list(self.known_normalisation().std),
            "normalisation_origin": self.known_normalisation().origin,
            "clean_view": asdict(self.clean_view) if self.clean_view else None,
            "input_size_px": list(self.input_size_px) if self.input_size_px else None,
            "weights": {"key": self.weights.key, "others": list(self.weights.others)}
            if self.weights
            else None,
            "alternatives": [model.architecture for model in self.alternatives],
            "notes": list(self.notes),
            "members": [member.record() for member in self.members],
        }

    @torch.inference_mode()
    def logits(
        self, images: NDArray[np.uint8] | torch.Tensor, device: torch.device
    ) -> torch.Tensor:
        """Return float32 logits (N, classes), on ``device``, of uint8 images (N, H, W, 3) here or there.

        The arithmetic is that of torchvision's ToTensor and Normalize, in float32 and in the same order.
        """
        pixels = self._pixels(images, device)
        return logits_of(self.network(in_type_of(self.network, pixels))).float()

    def _pixels(
        self, images: NDArray[np.uint8] | torch.Tensor, device: torch.device
    ) -> torch.Tensor:
        """Return float32 (N, 3, H, W) on ``device``, in memory of its own.

        Channels are last in memory, as in the images, which is also what the CPU's convolutions like best.
        """
        how = self.known_normalisation()
        here = isinstance(images, np.ndarray) or images.device.type == "cpu"
        if here and device.type == "cpu" and len(images):
            rows = np.asarray(images).reshape(-1, *images.shape[2:])
            looked_up = cv2.LUT(rows, _of_bytes(how.mean, how.std)).reshape(images.shape)
            return torch.from_numpy(looked_up).permute(0, 3, 1, 2)
        pixels = torch.as_tensor(images).to(device).permute(0, 3, 1, 2).float()
        mean = torch.tensor(how.mean, device=device).view(1, 3, 1, 1)
        std = torch.tensor(how.std, device=device).view(1, 3, 1, 1)
        return pixels.div_(255).sub_(mean).div_(std)


def in_type_of(network: object, pixels: torch.Tensor) -> torch.Tensor:
    """Return the pixels in the type of a network's first weights: a half or double network takes no float32."""
    if not isinstance(network, torch.nn.Module):
        return pixels
    first = next((each for each in network.parameters() if each.dtype.is_floating_point), None)
    return pixels if first is None else pixels.to(first.dtype)


def logits_of(output: Any) -> torch.Tensor:
    """Return the logits in what a network gave: a tensor, one called ``logits``, or the only one of two dimensions.

    Raises RobenchError for anything else, which does not say where its logits are.
    """
    if isinstance(output, torch.Tensor):
        return output
    named = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    if isinstance(named, torch.Tensor):
        return named
    parts = output.values() if isinstance(output, Mapping) else output
    listed = list(parts) if isinstance(output, Mapping | tuple | list) else []
    tables = [part for part in listed if isinstance(part, torch.Tensor) and part.ndim == 2]
    if len(tables) == 1:
        return tables[0]
    shapes = ", ".join(str(tuple(part.shape)) for part in listed if isinstance(part, torch.Tensor))
    raise RobenchError(
        "the network gives a "
        f"{type(output).__name__}{f' of tensors of shapes {shapes}' if shapes else ''}; expected logits "
        "(N, classes), or them under the name logits: wrap it in a function of a Python file, "
        f"{argument('model', 'file.py:function')}"
    )


@functools.cache
def _of_bytes(mean: Channels, std: Channels) -> NDArray[np.float32]:
    """Return float32 (1, 256, 3): what each byte becomes in each channel, of which there are few to compute."""
    values = torch.arange(256, dtype=torch.float32).div_(255).view(1, 256, 1)
    table: NDArray[np.float32] = values.sub(torch.tensor(mean)).div_(torch.tensor(std)).numpy()
    return table
