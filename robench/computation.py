"""How the logits of a run are computed: the prepared network, the batch size, and what its precision costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from robench.batch_size import chosen_batch_size
from robench.change_of_error import change_of_error
from robench.errors import RobenchError
from robench.hardware import device_name
from robench.inference import Inference, prepare
from robench.models import Model
from robench.suites.benchmark import Benchmark


@dataclass(frozen=True)
class Computation:
    """The way to logits that a run takes.

    Attributes:
        inference: the prepared network.
        device: where it is.
        batch_size: images in a forward pass, to begin with.
        batch_size_origin: ``"given"``, ``"measured"`` or ``"default"``, and what became of it.
        change_of_error: what run.json says of bfloat16's or the compiler's effect; None where there can be none.
    """

    inference: Inference
    device: torch.device
    batch_size: int
    batch_size_origin: str
    change_of_error: Mapping[str, Any] | None

    def record(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        return {
            "batch_size": self.batch_size,
            "batch_size_origin": self.batch_size_origin,
            "device": str(self.device),
            "device_name": device_name(self.device),
            "threads": torch.get_num_threads(),
            "precision": self.inference.precision,
            "inference": self.inference.description,
            "change_of_error": self.change_of_error,
        }


def arranged(
    model: Model,
    benchmark: Benchmark,
    inference: Inference,
    device: torch.device,
    *,
    batch_size: int | None,
    images: int,
    recorded: Mapping[str, Any] | None,
    say: Callable[[str], object],
) -> Computation:
    """Choose a batch size and find out what the precision and the compiler cost.

    Args:
        model: what is evaluated.
        benchmark: on what.
        inference: the model, prepared.
        device: where it is.
        batch_size: images in a forward pass; chosen when None.
        images: how many a run has, in all conditions.
        recorded: run.json of the run that is continued, whose batch size and change of error hold for all of it.
        say: is told in a line what was chosen and what was found.

    Raises:
        RobenchError: as ``ForwardPass.logits`` does.
    """
    recorded = recorded or {}
    origin, told = "given", "given"
    if batch_size is None and "batch_size" in recorded:
        batch_size, told = int(recorded["batch_size"]), "that of the run"
        origin = str(recorded.get("batch_size_origin", origin))
    elif batch_size is None:
        tried = inference
        if inference.compiled:  # the compiler would be at work for every size that is tried
            tried = prepare(model, device, benchmark.size_px, precision=inference.precision)
        batch_size, origin = chosen_batch_size(tried.model, device, benchmark.size_px, images)
        told = origin
    say(f"batch size: {batch_size} ({told})")
    change = recorded.get("change_of_error")
    if change is None and (inference.precision != "fp32" or inference.compiled):
        change = _measured_change(model, benchmark, device, inference, batch_size)
    if change is not None:
        say(change["sentence"])
    return Computation(inference, device, batch_size, origin, change)


def _measured_change(
    model: Model, benchmark: Benchmark, device: torch.device, used: Inference, batch_size: int
) -> dict[str, Any]:
    exact = prepare(model, device, benchmark.size_px)
    way = " ".join(["compiled"] * used.compiled + [used.precision])
    try:
        found = change_of_error(exact, used, benchmark, device, batch_size)
    except RobenchError as error:
        return {"sentence": f"{way}: change of error not known ({error})"}
    return {"sentence": found.sentence(way), **found.record()}
