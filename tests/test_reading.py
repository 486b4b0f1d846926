from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from robench import reading
from robench.reading import AHEAD, Batch, read_ahead
from robench.suites import CLEAN, Chunk, Condition

FOG = Condition("fog", 1)
CHUNKS = tuple(Chunk(each, start, start + 20) for each in (CLEAN, FOG) for start in (0, 20, 40))


class _Data:
    """Sixty images whose pixels are their number; remembers what was opened and read."""

    labels = indices = np.arange(60)

    def __init__(self) -> None:
        self.opened: list[Condition] = []
        self.read_count = 0

    def source(self, condition: Condition) -> "_Data":
        self.opened.append(condition)
        return self

    def frame_count(self, condition: Condition) -> int:
        return 1

    def read(self, start: int, stop: int) -> np.ndarray:
        self.read_count += 1
        return np.arange(start, stop, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, 3)


@pytest.mark.parametrize("readers", [1, 2, 4])
def test_every_image_comes_once_and_in_order(readers: int) -> None:
    batches = list(read_ahead(_Data(), CHUNKS, 8, readers))
    assert [len(batch.images) for batch in batches if isinstance(batch, Batch)] == [8, 8, 4] * 6
    found = [int(image[0, 0, 0]) for batch in batches for image in batch.images]  # type: ignore[union-attr]
    assert found == 2 * list(range(60))
    assert [batch.chunk for batch in batches] == [chunk for chunk in CHUNKS for _ in range(3)]


def test_a_condition_is_opened_once() -> None:
    data = _Data()
    list(read_ahead(data, CHUNKS, 8))
    assert data.opened == [CLEAN, FOG]


class _AtOnce:
    """Does all work when it is given, as the fastest of readers would."""

    def __init__(self, threads: int) -> None:
        pass

    def __enter__(self) -> "_AtOnce":
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def submit(self, work: Any, *arguments: object) -> "Future[object]":
        done: Future[object] = Future()
        done.set_result(work(*arguments))
        return done


@pytest.mark.parametrize("readers", [1, 2])
def test_memory_stays_flat_however_slow_the_network(
    monkeypatch: pytest.MonkeyPatch, readers: int
) -> None:
    monkeypatch.setattr(reading, "ThreadPoolExecutor", _AtOnce)
    data = _Data()
    for taken, _ in enumerate(read_ahead(data, CHUNKS, 8, readers), start=1):
        assert data.read_count == min(taken + AHEAD + readers - 1, 18)
