"""One clean sample under the preprocessings that models are trained with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest

from robench.doctor.batch_norm_memory import Memory
from robench.doctor.sample import Sample
from robench.models import NORMALISATIONS, Model, Normalisation

# What older frameworks do: Caffe subtracts ImageNet's mean from 0..255 and does not divide.
CAFFE_MEAN = (123 / 255, 117 / 255, 104 / 255)
UNSCALED = (1 / 255, 1 / 255, 1 / 255)
USED = "the one used"
# Two answers to the same images differ when a fair coin falls so one-sidedly less often than this. Small, because
# many alternatives are tried.
SIGNIFICANCE = 1e-4


@dataclass(frozen=True)
class Preprocessing:
    """A normalisation, of RGB or BGR images, and what to call it."""

    name: str
    normalisation: Normalisation
    is_bgr: bool = False

    def prepared(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the images with their channels in this order."""
        return np.ascontiguousarray(images[..., ::-1]) if self.is_bgr else images


@dataclass(frozen=True)
class Trial:
    """What a model made of the sample: bool (n,) errors, float32 (n, classes) logits, and the mismatch of its memory.

    ``mismatch`` is that of ``Memory``, or None for a network that has none.
    """

    preprocessing: Preprocessing
    logits: torch.Tensor
    is_error: NDArray[np.bool_]
    mismatch: float | None

    @property
    def error(self) -> float:
        """The fraction of images that are misclassified."""
        return float(self.is_error.mean())

    def beats(self, other: "Trial") -> bool:
        """Say whether this error is lower than the other's by more than chance (exact McNemar test)."""
        only_mine = int((self.is_error & ~other.is_error).sum())
        only_other = int((other.is_error & ~self.is_error).sum())
        if only_other <= only_mine:
            return False
        p = binomtest(only_other, only_mine + only_other, alternative="greater").pvalue
        return bool(p < SIGNIFICANCE)

    def sentence(self) -> str:
        """Return what it is called, its error and its mismatch."""
        memory = "" if self.mismatch is None else f", mismatch {self.mismatch:.4f}"
        return f"{self.preprocessing.name} {self.error:.1%}{memory}"


def preprocessings(model: Model) -> list[Preprocessing]:
    """Return the model's own preprocessing first, then all others that are known, each once."""
    unscaled = {
        "0..255": Normalisation((0, 0, 0), UNSCALED, ""),
        "0..255 minus (123, 117, 104)": Normalisation(CAFFE_MEAN, UNSCALED, ""),
    }
    own = model.normalisation
    found = [Preprocessing(USED, own)]
    for name, each in (NORMALISATIONS | unscaled).items():
        if not _same(each, own):
            found.append(Preprocessing(name, each))
    return found + [replace(each, name=f"{each.name}, BGR", is_bgr=True) for each in found]


def trials(
    model: Model,
    sample: Sample,
    tried: Sequence[Preprocessing],
    device: torch.device,
    batch_size: int,
) -> list[Trial]:
    """Return the trial of every preprocessing."""
    memory = Memory.of(model, sample, device)
    return [_trial(model, sample, each, device, batch_size, memory) for each in tried]


def _trial(
    model: Model,
    sample: Sample,
    tried: Preprocessing,
    device: torch.device,
    batch_size: int,
    memory: Memory | None,
) -> Trial:
    changed = replace(model, normalisation=tried.normalisation)
    parts = [
        changed.logits(tried.prepared(sample.images[start : start + batch_size]), device).cpu()
        for start in range(0, len(sample.images), batch_size)
    ]
    logits = torch.cat(parts)
    is_error = logits.argmax(1).numpy() != sample.labels
    mismatch = memory.mismatch(tried.normalisation, tried.is_bgr) if memory else None
    return Trial(tried, logits, is_error, mismatch)


def _same(one: Normalisation, other: Normalisation) -> bool:
    return bool(np.allclose((*one.mean, *one.std), (*other.mean, *other.std), atol=1e-4))
