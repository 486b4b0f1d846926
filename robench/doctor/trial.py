"""One clean sample under the preprocessings that models are trained with."""

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
# What models are trained with: what has a name, two that are in wide use and have none, and images in 0..255.
KNOWN: dict[str, Normalisation] = NORMALISATIONS | {
    "cifar-10 with std 0.2": Normalisation(
        (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010), "a widely copied std of CIFAR-10"
    ),
    "clip": Normalisation(
        (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711), "CLIP's"
    ),
    "0..255": Normalisation((0, 0, 0), UNSCALED, "images in 0..255"),
    "0..255 minus (123, 117, 104)": Normalisation(
        CAFFE_MEAN, UNSCALED, "images in 0..255 minus ImageNet's mean"
    ),
}
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


@dataclass(frozen=True, eq=False)
class Trial:
    """What a model made of the sample: bool (n,) errors, float32 (n, classes) logits, and the mismatch of its memory.

    ``mismatch`` is that of ``Memory``, or None for a network that has none. The model's own normalisation plays no
    part.
    """

    model: Model
    preprocessing: Preprocessing
    logits: torch.Tensor
    is_error: NDArray[np.bool_]
    mismatch: float | None

    @classmethod
    def of(cls, model: Model, preprocessing: Preprocessing) -> "Trial":
        """Return a trial on no images yet."""
        return cls(model, preprocessing, torch.empty(0, 0), np.empty(0, bool), None)

    def predictions(self) -> NDArray[np.int64]:
        """Return int64 (n,), the outputs that are largest."""
        return self.logits.argmax(1).numpy()

    def judged(self, labels: NDArray[np.int64], order: NDArray[np.int64] | None) -> "Trial":
        """Return the trial with its errors, where ``order`` says which label every output stands for."""
        predicted = self.predictions()
        is_error = (predicted if order is None else order[predicted]) != labels
        is_error |= self.logits.isnan().any(1).numpy()
        return replace(self, is_error=is_error)

    @property
    def error(self) -> float:
        """The fraction of images that are misclassified."""
        return float(self.is_error.mean())

    def beats(self, other: "Trial", level: float = SIGNIFICANCE) -> bool:
        """Say whether this error is lower than the other's by more than chance (exact McNemar test at ``level``)."""
        only_mine = int((self.is_error & ~other.is_error).sum())
        only_other = int((other.is_error & ~self.is_error).sum())
        if only_other <= only_mine:
            return False
        p = binomtest(only_other, only_mine + only_other, alternative="greater").pvalue
        return bool(p < level)

    def sentence(self) -> str:
        """Return what it is called, its error and its mismatch."""
        memory = "" if self.mismatch is None else f", mismatch {self.mismatch:.4f}"
        return f"{self.preprocessing.name} {self.error:.1%}{memory}"


def preprocessings(own: Normalisation | None) -> list[Preprocessing]:
    """Return a model's own preprocessing first, if it is known, then all others that are known, each once."""
    found = [] if own is None else [Preprocessing(USED, own)]
    for name, each in KNOWN.items():
        if own is None or not is_same(each, own):
            found.append(Preprocessing(name, each))
    constants = [] if own is None else _as_bgr_constants(found[0])
    return [*found, *(_for_bgr(each) for each in found), *constants]


def _for_bgr(each: Preprocessing) -> Preprocessing:
    """Return the same constants for the channels of a BGR image, each for its colour."""
    how = each.normalisation
    mirrored = replace(how, mean=how.mean[::-1], std=how.std[::-1])
    return Preprocessing(f"{each.name}, BGR", mirrored, is_bgr=True)


def _as_bgr_constants(used: Preprocessing) -> list[Preprocessing]:
    """Return the constants used as if they were listed in the order of BGR, where that makes a difference."""
    if is_same(used.normalisation, _for_bgr(used).normalisation):
        return []
    return [Preprocessing(f"{used.name} with constants for BGR", used.normalisation, is_bgr=True)]


def extended(trial: Trial, part: Sample, device: torch.device, batch_size: int) -> Trial:
    """Return the trial with the logits of more images; its errors are still to be judged."""
    tried = trial.preprocessing
    changed = replace(trial.model, normalisation=tried.normalisation)
    parts = [
        part.suite.of_classes_used(
            changed.logits(tried.prepared(part.images[start : start + batch_size]), device).cpu()
        )
        for start in range(0, len(part.images), batch_size)
    ]
    before = [trial.logits] if len(trial.logits) else []
    return replace(trial, logits=torch.cat([*before, *parts]))


def remembered(trial: Trial, memory: Memory | None) -> Trial:
    """Return the trial with its mismatch, where the network has a memory."""
    tried = trial.preprocessing
    mismatch = memory.mismatch(tried.normalisation, tried.is_bgr) if memory else None
    return replace(trial, mismatch=mismatch)


def is_same(one: Normalisation, other: Normalisation) -> bool:
    """Say whether two normalisations are one, written with more or fewer digits: within 0.5% of a std."""
    shift = np.abs(np.subtract(one.mean, other.mean)) / other.std
    stretch = np.abs(np.divide(one.std, other.std) - 1)
    return bool(max(*shift, *stretch) < 5e-3)
