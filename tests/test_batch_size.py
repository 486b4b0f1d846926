import numpy as np
import pytest
import torch
from torch import nn

from robench import batch_size
from robench.batch_size import (
    BUDGET_S,
    SIZES,
    UNMEASURED,
    WORTH_MEASURING,
    chosen_batch_size,
    measured_batch_size,
)
from robench.models import NORMALISATIONS, Model

CPU = torch.device("cpu")


class _Counting(nn.Module):
    """Counts its images in a clock: so many seconds a pass, so many an image up to a size, twice that beyond.

    ``slow`` are sizes that take three times as long.
    """

    def __init__(
        self,
        per_pass_s: float = 0.001,
        cached: int = 64,
        room: int = 1000,
        slow: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.per_pass_s, self.cached, self.room, self.slow = per_pass_s, cached, room, slow
        self.clock_s = 0.0
        self.sizes: list[int] = []

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        count = len(pixels)
        if count > self.room:
            raise torch.OutOfMemoryError("out of memory")
        self.sizes.append(count)
        took_s = self.per_pass_s + count * 0.0001 * (1 if count <= self.cached else 2)
        self.clock_s += took_s * (3 if count in self.slow else 1)
        return pixels.flatten(1)[:, :2]


def measured(network: _Counting, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(batch_size.time, "perf_counter", lambda: network.clock_s)
    model = Model(network, "toy", NORMALISATIONS["none"], "test")
    return measured_batch_size(model, CPU, (4, 4))


def test_the_fastest_size_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(_Counting(cached=64), monkeypatch) == 64
    assert measured(_Counting(cached=32), monkeypatch) == 32
    assert (
        measured(_Counting(per_pass_s=0, cached=1000), monkeypatch) == SIZES["cpu"][0]
    )  # nothing to gain


def test_a_slow_network_is_not_measured_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    network = _Counting(per_pass_s=30)
    smallest = SIZES["cpu"][0]
    assert measured(network, monkeypatch) == smallest
    assert network.sizes == [smallest, smallest]


def test_the_measurement_takes_its_time_and_not_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for per_pass_s in (0.0001, 0.001, 0.01, 0.1):
        network = _Counting(per_pass_s=per_pass_s)
        measured(network, monkeypatch)
        assert 0.5 * BUDGET_S < network.clock_s < 1.5 * BUDGET_S


def test_a_size_that_is_slow_does_not_hide_faster_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(_Counting(cached=128, slow=(32,)), monkeypatch) == 128


def test_a_size_that_memory_is_too_small_for_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(_Counting(cached=1000, room=40), monkeypatch) == 32


def test_neither_functions_nor_short_runs_are_measured() -> None:
    def function(pixels: torch.Tensor) -> torch.Tensor:
        raise AssertionError("called")

    plain = Model(function, "toy", NORMALISATIONS["none"], "test")
    assert chosen_batch_size(plain, CPU, (4, 4), 10**6) == (UNMEASURED, "default")
    network = _Counting()
    model = Model(network, "toy", NORMALISATIONS["none"], "test")
    assert chosen_batch_size(model, CPU, (4, 4), WORTH_MEASURING - 1) == (UNMEASURED, "default")
    assert chosen_batch_size(model, CPU, (224, 224), 100) == (4, "default")
    assert network.sizes == []
    size, origin = chosen_batch_size(model, CPU, (4, 4), WORTH_MEASURING)
    assert origin == "measured"
    assert size in network.sizes
    assert np.log2(size) % 1 == 0
