"""``robench eval --dry-run``: a few images of each corruption, corrupted and through the network, make the forecast."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from robench.batch_size import chosen_batch_size
from robench.forecast import Forecast, peak_memory_bytes
from robench.forward_pass import ForwardPass
from robench.inference import chosen_device, prepare
from robench.models import Model
from robench.records import Run
from robench.shard import WHOLE, Shard
from robench.suites import Condition
from robench.suites.benchmark import Benchmark

IMAGES = 64  # of each corruption, at most
SEQUENCES = 2
# Of a stored record, measured: those of a finished run of ResNet-20 on CIFAR-10-C, and of its sequences.
BYTES_PER_IMAGE, BYTES_PER_FRAME = 28.0, 14.0
BYTES_PER_CONDITION = 10_000.0  # a Parquet file's own frame, its rows in scores.csv


def forecast_evaluation(
    model: Model,
    benchmark: Benchmark,
    conditions: Sequence[Condition],
    out: Path | None,
    *,
    same_run: Run | None = None,
    batch_size: int | None = None,
    device: str | None = None,
    precision: str = "fp32",
    shard: Shard = WHOLE,
) -> Forecast:
    """Return what an evaluation would take, from one batch of each corruption; nothing is written.

    Arguments are those of ``robench.evaluation.evaluate``, and ``same_run`` is the run that would be continued. Raises
    RobenchError for a network that does not take these images, and for data that cannot be read.
    """
    place = chosen_device(device)
    inference = prepare(model, place, benchmark.size_px, precision=precision)
    count = len(benchmark.positions)
    done = set(same_run.conditions()) if same_run is not None else set()
    missing = [each for each in conditions if each not in done]
    frames = {each: benchmark.frame_count(each) for each in missing}
    steps = sum(frames.values()) * count // shard.count
    if batch_size is None:
        batch_size, _ = chosen_batch_size(inference.model, place, benchmark.size_px, steps)
    forward = ForwardPass(inference.model, place, batch_size)
    if place.type == "cuda":
        torch.cuda.reset_peak_memory_stats(place)
    by_corruption: dict[str, list[Condition]] = {}
    for each in missing:
        by_corruption.setdefault(each.corruption, []).append(each)
    seconds = 0.0
    for these in by_corruption.values():
        middle = these[len(these) // 2]  # stands for all severities, which cost about the same
        seconds += _seconds(forward, benchmark, middle, batch_size) * count * len(these)
    used = torch.cuda.max_memory_allocated(place) if place.type == "cuda" else peak_memory_bytes()
    stored = sum(
        BYTES_PER_CONDITION
        + count * (BYTES_PER_FRAME * frames[each] if each.is_sequence else BYTES_PER_IMAGE)
        for each in missing
    )
    return Forecast(
        images=count,
        times=len(conditions),
        times_of="conditions",
        steps=steps,
        seconds=seconds / shard.count,
        measured_on=f"measured on {len(by_corruption)} batches of {batch_size} on {place}",
        memory_bytes=used,
        disk_bytes=stored / shard.count,
        out=out,
    )


def _seconds(
    forward: ForwardPass, benchmark: Benchmark, condition: Condition, batch_size: int
) -> float:
    """Return the seconds that an image of a condition takes, read or corrupted and through the network."""
    source = benchmark.source(condition)
    count = SEQUENCES if condition.is_sequence else min(IMAGES, batch_size)
    count = min(count, len(benchmark.positions))
    took = float("inf")
    for _ in range(2):  # the first time compiles kernels, and sets up what libraries set up once
        began = time.perf_counter()
        images = source.read(0, count)
        forward.logits(images.reshape(-1, *images.shape[-3:]))
        took = min(took, time.perf_counter() - began)
    return took / count
