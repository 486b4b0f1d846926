"""What a faster way to compute the logits costs in error: both ways on a small sample of the clean images."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from robench.datasets import stratified
from robench.errors import RobenchError
from robench.forward_pass import ForwardPass
from robench.inference import Inference
from robench.suites.benchmark import Benchmark

SAMPLE_IMAGES = 1000


@dataclass(frozen=True)
class ChangeOfError:
    """Clean images that are classified wrongly in float32, uncompiled, and in the way that is used.

    Attributes:
        images: in the sample, which takes the classes in turn.
        errors_fp32: misclassified in float32.
        errors: misclassified in the way that is used.
        predictions_changed: how many of the predictions differ.
    """

    images: int
    errors_fp32: int
    errors: int
    predictions_changed: int

    def sentence(self, way: str) -> str:
        """Return it in a line; ``way`` is a word for what is used, such as ``"bf16"``."""
        return (
            f"{way}: error {self.errors / self.images:.2%} on {self.images:,} clean images, "
            f"{self.errors_fp32 / self.images:.2%} in fp32; "
            f"{self.predictions_changed / self.images:.2%} of predictions differ"
        )

    def record(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        return asdict(self)


def change_of_error(
    exact: Inference, used: Inference, benchmark: Benchmark, device: torch.device, batch_size: int
) -> ChangeOfError:
    """Return what ``used`` does to predictions, on up to ``SAMPLE_IMAGES`` of the clean images to be evaluated.

    Raises RobenchError when there are no clean images, or one of the sample is damaged.
    """
    if benchmark.clean_missing:
        raise RobenchError(f"no clean images: {benchmark.clean_missing}")
    clean = benchmark.clean
    sample = clean.select(stratified(clean.labels, min(SAMPLE_IMAGES, len(clean.labels))))
    found: dict[str, list[NDArray[np.int64]]] = {"exact": [], "used": []}
    passes = {
        "exact": ForwardPass(exact.model, device, batch_size),
        "used": ForwardPass(used.model, device, batch_size),
    }
    for start in range(0, len(sample.labels), batch_size):
        images = sample.read(start, min(start + batch_size, len(sample.labels)))
        for name, forward in passes.items():
            logits = benchmark.suite.of_classes_used(forward.logits(images))
            found[name].append(logits.argmax(1).numpy())
    before, after = (np.concatenate(found[name]) for name in ("exact", "used"))
    return ChangeOfError(
        images=len(before),
        errors_fp32=int(np.count_nonzero(before != sample.labels)),
        errors=int(np.count_nonzero(after != sample.labels)),
        predictions_changed=int(np.count_nonzero(before != after)),
    )
