"""What is measured after every epoch: the error on the clean test images, and on a few of them corrupted."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.methods.method import bare
from corruptions import BENCHMARK, corrupt, preset_for
from robench.datasets import stratified
from robench.errors import RobenchError
from robench.training.execution import Execution
from robench.training.plan import Plan

TEST_BATCH = 500
SEVERITY = 3


def test_error(network: nn.Module, plan: Plan, how: Execution) -> float:
    """Return the fraction of the clean test images that is misclassified; the processes share the work."""
    how.workers.agree(network)
    share = how.workers.part(len(plan.test))
    wrong = 0
    for start in range(share.start, share.stop, TEST_BATCH):
        stop = min(start + TEST_BATCH, share.stop)
        predictions = _predictions(network, plan, how, plan.test.source.read(start, stop))
        wrong += int((predictions != plan.test.labels[start:stop]).sum())
    # With fewer images than processes, each has all of them.
    return how.workers.total(wrong) / how.workers.total(share.stop - share.start)


@dataclass(frozen=True)
class Corrupted:
    """``count`` test images, spread over the classes, under each of the 15 corruptions at severity 3.

    They are corrupted here, whatever published images there may be, and are only to follow a run by: of
    one severity and few images, they give no benchmark's number.
    """

    labels: NDArray[np.int64]
    images: dict[str, NDArray[np.uint8]]

    def error(self, network: nn.Module, plan: Plan, how: Execution) -> float:
        """Return the mean over the corruptions of the fraction that is misclassified."""
        wrong = [
            (_predictions(network, plan, how, images) != self.labels).mean()
            for images in self.images.values()
        ]
        return float(np.mean(wrong))


def corrupted(plan: Plan, count: int) -> Corrupted:
    """Corrupt ``count`` of the test images; raise RobenchError for more than there are."""
    if not 1 <= count <= len(plan.test):
        raise RobenchError(f"--validate-c takes 1 to {len(plan.test)} test images, got {count}")
    part = plan.test.source.select(stratified(plan.test.labels, count))
    clean = part.read(0, count)
    preset = preset_for(*clean.shape[1:3])
    made = {
        name: corrupt(clean, name, SEVERITY, preset=preset, seed=plan.seed, indices=part.indices)
        for name in BENCHMARK
    }
    return Corrupted(part.labels, made)


@torch.inference_mode()
def _predictions(
    network: nn.Module, plan: Plan, how: Execution, images: NDArray[np.uint8]
) -> NDArray[np.int64]:
    evaluated = bare(network).eval()
    batches = []
    for start in range(0, len(images), TEST_BATCH):
        inputs = torch.from_numpy(plan.normalization.apply(images[start : start + TEST_BATCH]))
        batches.append(evaluated(inputs.to(how.device)).argmax(dim=1).cpu().numpy())
    return np.concatenate(batches)
