"""What a second core adds: to one call with two threads, and to two processes that share nothing.

The processes are what the machine allows for this work: they have the two cores, their caches and the memory's
bandwidth in common, but no interpreter lock, no allocator and no end of a batch to wait for together.
"""

import os
import time
from collections.abc import Sequence

import numpy as np

from corruptions import corrupt

Case = tuple[str, int]  # corruption and severity


class SecondProcess:
    """A copy of this process that corrupts its half of the images whenever it is told to.

    Args:
        images: uint8 (N, H, W, 3), its half.
        cases: what it can be asked for.
    """

    def __init__(self, images: np.ndarray, cases: Sequence[Case]) -> None:
        orders, self._orders = os.pipe()
        self._reports, reports = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._orders)
            while order := os.read(orders, 2):
                _corrupt(images, cases[int.from_bytes(order, "little")], 1)
                os.write(reports, b"done")
            os._exit(0)
        os.close(orders)
        os.close(reports)

    def begin(self, number: int) -> None:
        """Make it corrupt its images as the case of that ``number`` says."""
        os.write(self._orders, number.to_bytes(2, "little"))

    def wait(self) -> None:
        """Return when it has."""
        if not os.read(self._reports, 4):
            raise RuntimeError("the second process ended; its own message is above")

    def close(self) -> None:
        """End it."""
        os.close(self._orders)
        os.waitpid(self._process, 0)


def gains(images: np.ndarray, cases: Sequence[Case], seconds: float) -> np.ndarray:
    """Return the best milliseconds an image, float64 (cases, 3): one thread, two threads, two processes.

    All take turns, round after round through the cases, for as long as given and for two rounds at
    least: what disturbs a machine comes in stretches.
    """
    for name, severity in cases:
        _corrupt(images[:2], (name, severity), 1)
    half = len(images) // 2
    mine, other = images[:half].copy(), images[half:].copy()
    second = SecondProcess(other, cases)
    best = np.full((len(cases), 3), np.inf)
    end, rounds = time.perf_counter() + seconds, 0
    while rounds < 2 or time.perf_counter() < end:
        for number, case in enumerate(cases):
            times = [time.perf_counter()]
            for threads in (1, 2):
                _corrupt(images, case, threads)
                times.append(time.perf_counter())
            second.begin(number)
            _corrupt(mine, case, 1)
            second.wait()
            times.append(time.perf_counter())
            best[number] = np.minimum(best[number], np.diff(times))
        rounds += 1
    second.close()
    return 1000 * best / len(images)


def _corrupt(images: np.ndarray, case: Case, threads: int) -> None:
    name, severity = case
    corrupt(images, name, severity, preset="imagenet", threads=threads)
