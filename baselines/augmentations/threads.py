"""A batch cut into a slice per thread, for kernels that do not hold the interpreter lock."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np


def in_threads(work: Callable[[slice], None], count: int, threads: int | None = None) -> None:
    """Call ``work`` with slices that cover 0 to ``count``, one per thread; as many as cores when None.

    Raises what ``work`` raises.
    """
    edges = np.linspace(0, count, min(threads or _cores(), count) + 1).astype(int)
    parts = [slice(start, stop) for start, stop in itertools.pairwise(edges)]
    if len(parts) <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(len(parts)) as pool:
        for future in [pool.submit(partial(work, part)) for part in parts]:
            future.result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
