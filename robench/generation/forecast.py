"""``robench generate --dry-run``: a few images of every corruption, made and encoded, make the forecast."""

import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import corrupt, perturb
from robench.datasets.image_folder import ImageFolder
from robench.forecast import Forecast, peak_memory_bytes
from robench.generation.arrays import LABELS, array_files
from robench.generation.jpeg_file import encode_jpeg
from robench.generation.order import ALL_SEVERITIES, Order, photographs
from robench.generation.tree import estimated_bytes
from robench.generation.tree_job import TreeJob, cells
from robench.generation.video_file import encode_video, is_grainy

SMALL_IMAGES, PHOTOGRAPHS, SEQUENCES = 256, 4, 1  # that are measured, of each corruption


def forecast_generation(
    order: Order, out: str | Path, *, workers: int | None = None, lossless: bool = False
) -> Forecast:
    """Return what ``robench.generation.generate`` would write and take; nothing is written.

    Raises RobenchError for images that cannot be read.
    """
    out = Path(out)
    threads = workers or len(os.sched_getaffinity(0))
    in_tree = isinstance(order.source, ImageFolder)
    count = len(order.source.labels)
    if in_tree:
        conditions = len(cells(order))
        job = TreeJob(order, out, photographs(order), False, lossless, resumed=out.exists())
        share = job.share_missing() * len(job.places) / max(1, count)
        needed = estimated_bytes(job)
        missing = {name: share * conditions / len(order.names) for name in order.names}
    else:
        per_file = 1 if order.sequences else len(ALL_SEVERITIES)
        conditions = len(order.names) * per_file
        files = array_files(order, workers)
        mine = [files[place] for place in order.shard.part(len(files))]
        wanted = [file for file in mine if not (out / file.name).exists()]
        needed = sum(file.byte_count() for file in wanted)
        names = [file.name.removesuffix(".npy") for file in wanted if file.name != LABELS]
        missing = dict.fromkeys(names, float(per_file))
    size = min(count, PHOTOGRAPHS if in_tree else SEQUENCES if order.sequences else SMALL_IMAGES)
    began = time.perf_counter()
    images = order.source.read(0, size)
    reading = (time.perf_counter() - began) / size
    seconds = 0.0
    for name, times in missing.items():
        seconds += times * _seconds(order, name, images, threads, in_tree, lossless)
    # Photographs are read once for all conditions; in a tree every thread makes whole files.
    seconds = (seconds + reading * bool(missing)) * count / (threads if in_tree else 1)
    return Forecast(
        images=count,
        times=conditions,
        times_of="sequences" if order.sequences else "conditions",
        steps=round(sum(missing.values()) * count),
        seconds=seconds,
        measured_on=f"measured on {size} images of {len(missing)} corruptions, {threads} threads",
        memory_bytes=peak_memory_bytes(),
        disk_bytes=needed,
        out=out,
    )


def _seconds(
    order: Order,
    name: str,
    images: NDArray[np.uint8],
    threads: int,
    in_tree: bool,
    lossless: bool,
) -> float:
    """Return the seconds that one image of a condition takes, its file included."""
    took = float("inf")
    for _ in range(2):  # the first time compiles kernels
        began = time.perf_counter()
        inside = 1 if in_tree else threads
        if order.sequences:
            some = images[:SEQUENCES]
            film = perturb(some, name, preset=order.preset, seed=order.seed, threads=inside)
            if in_tree:
                for frames in film:
                    encode_video(frames, grainy=is_grainy(name), lossless=lossless)
            took = min(took, (time.perf_counter() - began) / len(some))
            continue
        middle = order.severities[len(order.severities) // 2]
        made = corrupt(images, name, middle, preset=order.preset, seed=order.seed, threads=inside)
        if in_tree:
            for each in made:
                encode_jpeg(each)
        took = min(took, (time.perf_counter() - began) / len(images))
    return took
