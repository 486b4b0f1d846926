"""The batch size at which a network is fastest, found by a short measurement.

On a CPU that is mostly a small one, whose activations stay in the cache from one layer to the next; on a GPU a large
one. Logits depend on the batch size by float rounding only.
"""

import time

import numpy as np
import torch
from torch import nn

from robench.forward_pass import ForwardPass
from robench.models import Model

# Where the measurement would cost more than it gains. Of photographs, on a CPU, 64 take twice the time each, and with 8
# the first activations of some networks are above 32 MiB, which the C library gets anew from the system each time.
UNMEASURED, UNMEASURED_PHOTOGRAPHS = 64, 4
PHOTOGRAPH_SIDE_PX = 128
WORTH_MEASURING = 20_000  # images
SIZES = {"cpu": (4, 8, 16, 32, 64, 128, 256), "cuda": (64, 128, 256, 512, 1024)}
WORTH_MORE = 1.03  # times as fast; less is noise, and memory for nothing
BUDGET_S = 1.0


def chosen_batch_size(
    model: Model, device: torch.device, size_px: tuple[int, int], images: int
) -> tuple[int, str]:
    """Return a batch size for a run of so many images, and in a word how it was chosen.

    Only a network is measured: a plain callable is shown nothing but the images that it is to classify.
    """
    if images < WORTH_MEASURING or not isinstance(model.network, nn.Module):
        photographs = device.type == "cpu" and max(size_px) >= PHOTOGRAPH_SIDE_PX
        return UNMEASURED_PHOTOGRAPHS if photographs else UNMEASURED, "default"
    return measured_batch_size(model, device, size_px), "measured"


def measured_batch_size(model: Model, device: torch.device, size_px: tuple[int, int]) -> int:
    """Return the smallest of ``SIZES`` that is about as fast, in images a second, as the fastest of them.

    All that time allows are tried, not only until speed rises no more: it does not rise and fall evenly. Takes about
    ``BUDGET_S`` seconds, or two forward passes of the smallest size where they take longer. Raises RobenchError as
    ``ForwardPass.logits`` does.
    """
    smallest, *larger = SIZES["cuda" if device.type == "cuda" else "cpu"]
    trials = [_Trial(model, device, size_px, smallest)]
    began = time.perf_counter()
    took = trials[0].run()
    for size in larger:
        # Twice the images of the last, once to set up what a library sets up for every shape, and once to be timed.
        if time.perf_counter() - began + 4 * took > BUDGET_S:
            break
        trial = _Trial(model, device, size_px, size)
        took = trial.run()
        if not trial.fits():
            break
        trials.append(trial)
    # In turn, so that what else the machine does for a moment hits all of them.
    while len(trials) > 1 and time.perf_counter() - began < BUDGET_S:
        for trial in trials:
            trial.run()
    fastest = min(trial.per_image_s for trial in trials)
    return next(trial.size for trial in trials if trial.per_image_s <= fastest * WORTH_MORE)


class _Trial:
    """A batch size, and the least time an image took in it."""

    def __init__(
        self, model: Model, device: torch.device, size_px: tuple[int, int], size: int
    ) -> None:
        """Make a batch, and let the libraries set up what they do once for its shape."""
        self.size, self.per_image_s = size, float("inf")
        self._images = np.random.default_rng(0).integers(0, 256, (size, *size_px, 3), np.uint8)
        self._forward = ForwardPass(model, device, size)
        self._forward.logits(self._images)

    def fits(self) -> bool:
        """Return whether memory was large enough for the batch."""
        return self._forward.batch_size == self.size

    def run(self) -> float:
        """Return the seconds that a pass takes now."""
        start = time.perf_counter()
        self._forward.logits(self._images)
        took = time.perf_counter() - start
        self.per_image_s = min(self.per_image_s, took / self.size)
        return took
