"""Are the outputs logits, one per class, of each image by itself?"""

import numpy as np
import torch
from numpy.typing import NDArray

from robench.doctor.finding import OK, WRONG, Finding
from robench.doctor.sample import Sample
from robench.models import Model

CHECK = "outputs"
IMAGES = 32
# Of the largest logit: what float rounding does in another batch is some thousand times less.
DEPENDS_ON_BATCH = 1e-2


def check_outputs(model: Model, sample: Sample, device: torch.device) -> Finding:
    """Return the verdict on shape, finiteness, kind of output, and independence of the other images of a batch."""
    few = sample.between(0, IMAGES)
    logits = model.logits(few.images, device).cpu()
    count = len(few.classes)
    if logits.shape != (len(few.labels), count):
        return Finding(
            CHECK,
            WRONG,
            f"expected {count} logits for each of {len(few.labels)} images, got {tuple(logits.shape)}",
        )
    if not torch.isfinite(logits).all():
        bad = int((~torch.isfinite(logits)).any(1).sum())
        return Finding(CHECK, WRONG, f"NaN or infinite logits for {bad} of {len(logits)} images")
    if are_probabilities(logits):
        return Finding(
            CHECK,
            WRONG,
            "the outputs are probabilities, not logits: they are positive and sum to 1; errors would be right, but "
            "confidence, calibration and proper scores wrong",
        )
    if (change := change_in_another_batch(model, few.images, logits, device)) > DEPENDS_ON_BATCH:
        return Finding(
            CHECK,
            WRONG,
            f"an image's logits depend on the rest of its batch (by {change:.0%} of the largest): "
            "batch norm or dropout in training mode",
        )
    return Finding(CHECK, OK, f"{count} finite logits an image, whatever else is in its batch")


def change_in_another_batch(
    model: Model, images: NDArray[np.uint8], logits: torch.Tensor, device: torch.device
) -> float:
    """Return by how much the logits of images change, as a part of the largest, in another batch and a second time.

    ``logits`` are those of all images in one batch, (N, K) on the CPU; half of them are shown again, the last first.
    """
    half = model.logits(np.ascontiguousarray(images[::-1][: len(logits) // 2 + 1]), device).cpu()
    change = (half - logits.flip(0)[: len(half)]).abs().max() / logits.abs().max().clamp(min=1e-6)
    return float(change)


def are_probabilities(outputs: torch.Tensor) -> bool:
    """Say whether the rows of outputs (N, classes) are not negative and sum to 1."""
    sums = outputs.sum(1)
    return bool((outputs >= 0).all() and torch.allclose(sums, torch.ones_like(sums), atol=1e-3))
