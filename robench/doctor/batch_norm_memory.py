"""What a network's first batch norm remembers of the images that it was trained with.

In training, a batch norm keeps the mean and variance of what it is given. Shown images that are normalised the same
way, the network gives it values of the same mean and variance, however good or bad its predictions are: a witness that
needs no labels, and tells normalisations apart that change hardly a prediction.

Training images are augmented, so that several views are tried: as they are, cropped at random from a black frame
(Hendrycks' and most CIFAR recipes), the same with a square hole (DeVries & Taylor 2017), or a random part of them
enlarged (most ImageNet recipes). The best view counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from robench.doctor.sample import Sample, batch_size_for
from robench.models import Model, Normalisation

IMAGES = 500  # of the sample at most: means over their pixels, so that more add nothing
SMALL_PX = (
    64  # up to here images are cropped from a frame in training, larger ones enlarged in part
)


class _SeenEnoughError(Exception):
    """Stops a forward pass at the first batch norm."""


@dataclass(frozen=True)
class Memory:
    """A network with the views of the sample, float32 (n, 3, H, W) in [0, 1] and a mask of what is not a hole."""

    network: nn.Module
    first: nn.BatchNorm2d
    views: tuple[tuple[Tensor, Tensor], ...]
    device: torch.device

    @classmethod
    def of(cls, model: Model, sample: Sample, device: torch.device) -> "Memory | None":
        """Return the memory of a network, or None for one without a batch norm that kept its statistics."""
        if not isinstance(model.network, nn.Module):
            return None
        images = sample.between(0, IMAGES).images
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255)
        first = _first_batch_norm(model.network, pixels[:1].to(device))
        return cls(model.network, first[0], tuple(_views(pixels)), device) if first else None

    def mismatch(self, normalisation: Normalisation, is_bgr: bool) -> float:
        """Return how far the batch norm's input is from what it remembers, 0 being the same.

        The symmetric Kullback-Leibler divergence of two normal distributions, a quarter of it, averaged over channels;
        of the view that fits best.
        """
        return min(self._of_view(*view, normalisation, is_bgr) for view in self.views)

    def _of_view(
        self, pixels: Tensor, mask: Tensor, normalisation: Normalisation, is_bgr: bool
    ) -> float:
        mean = torch.tensor(normalisation.mean).view(1, 3, 1, 1)
        std = torch.tensor(normalisation.std).view(1, 3, 1, 1)
        shown = ((pixels.flip(1) if is_bgr else pixels) - mean) / std * mask
        found_mean, found_var = self._statistics(shown)
        assert self.first.running_mean is not None and self.first.running_var is not None
        kept_mean, kept_var = self.first.running_mean.cpu(), self.first.running_var.cpu()
        found_var, kept_var = found_var + self.first.eps, kept_var + self.first.eps
        spread = found_var / kept_var + kept_var / found_var - 2
        shift = (found_mean - kept_mean) ** 2 * (1 / found_var + 1 / kept_var)
        return float((spread + shift).mean() / 4)

    def _statistics(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance per channel of what the first batch norm is given."""
        sums = torch.zeros(2, self.first.num_features, dtype=torch.float64)
        size = batch_size_for((shown.shape[2], shown.shape[3]))
        for start in range(0, len(shown), size):
            _, given = _first_batch_norm(
                self.network, shown[start : start + size].to(self.device)
            ) or (None, torch.empty(0))
            flat = given.transpose(0, 1).flatten(1).double().cpu()
            sums += torch.stack([flat.mean(1), (flat**2).mean(1)]) * len(given)
        mean, square = sums / len(shown)
        return mean.float(), (square - mean**2).clamp(min=0).float()


@torch.inference_mode()
def _first_batch_norm(network: nn.Module, pixels: Tensor) -> tuple[nn.BatchNorm2d, Tensor] | None:
    """Return the batch norm that is called first, which need not be listed first, and its input; None for none."""
    found: list[tuple[nn.BatchNorm2d, Tensor]] = []

    def stop(module: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        found.append((module, inputs[0]))
        raise _SeenEnoughError

    norms = [each for each in network.modules() if isinstance(each, nn.BatchNorm2d)]
    handles = [
        each.register_forward_pre_hook(stop) for each in norms if each.running_mean is not None
    ]
    try:
        if handles:
            network(pixels)
    except _SeenEnoughError:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else None


def _views(pixels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the pixels as they are and as augmentations show them, each with a mask of 0 where there is a hole."""
    random = np.random.default_rng(0)
    whole = torch.ones(len(pixels), 1, 1, 1)
    yield pixels, whole
    side = min(pixels.shape[2:])
    if side > SMALL_PX:
        yield _enlarged_parts(pixels, random), whole
        return
    cropped = _cropped_from_frame(pixels, side // 8, random)
    yield cropped, whole
    yield cropped, _holes(pixels, side // 2, random)


def _cropped_from_frame(pixels: Tensor, frame_px: int, random: np.random.Generator) -> Tensor:
    height, width = pixels.shape[2:]
    framed = torch.nn.functional.pad(pixels, (frame_px,) * 4)
    corners = random.integers(0, 2 * frame_px + 1, (len(pixels), 2))
    return torch.stack(
        [
            image[:, y : y + height, x : x + width]
            for image, (y, x) in zip(framed, corners, strict=True)
        ]
    )


def _holes(pixels: Tensor, side_px: int, random: np.random.Generator) -> Tensor:
    """Return float32 (n, 1, H, W): 0 in a square whose centre is anywhere, else 1."""
    mask = torch.ones(len(pixels), 1, *pixels.shape[2:])
    for hole, corner in zip(mask, random.random((len(pixels), 2)), strict=True):
        y, x = (
            int(at * side) - side_px // 2 for at, side in zip(corner, pixels.shape[2:], strict=True)
        )
        hole[:, max(0, y) : max(0, y + side_px), max(0, x) : max(0, x + side_px)] = 0
    return mask


def _enlarged_parts(pixels: Tensor, random: np.random.Generator) -> Tensor:
    """Return squares of 8 to 100% of the area, enlarged, as ImageNet's training crops are."""
    height, width = pixels.shape[2:]
    parts = []
    for image, area, at in zip(
        pixels, random.uniform(0.08, 1, len(pixels)), random.random((len(pixels), 2)), strict=True
    ):
        tall, wide = (max(1, int(side * area**0.5)) for side in (height, width))
        y, x = int(at[0] * (height - tall + 1)), int(at[1] * (width - wide + 1))
        part = image[None, :, y : y + tall, x : x + wide]
        parts.append(interpolate(part, (height, width), mode="bilinear", antialias=True))
    return torch.cat(parts)
