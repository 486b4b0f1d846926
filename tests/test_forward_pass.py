from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from robench.errors import RobenchError
from robench.forward_pass import ForwardPass
from robench.models import NORMALISATIONS, Model

CPU = torch.device("cpu")
IMAGES = np.random.default_rng(0).integers(0, 256, (37, 4, 4, 3), np.uint8)
ERRORS = (
    torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory"
    ),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    MemoryError("std::bad_alloc"),
)


def model(network: Callable[[torch.Tensor], torch.Tensor]) -> Model:
    return Model(network, "toy", NORMALISATIONS["none"], "test")


def sums(pixels: torch.Tensor) -> torch.Tensor:
    return torch.stack([pixels.sum((1, 2, 3)), pixels.amax((1, 2, 3))], 1)


class Small:
    """A network that has room for so many images, and remembers how many it was given."""

    def __init__(self, room: int, error: BaseException = ERRORS[0]) -> None:
        self.room, self.error, self.seen = room, error, list[int]()

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        if len(pixels) > self.room:
            raise self.error
        self.seen.append(len(pixels))
        return sums(pixels)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: str(error)[:30])
def test_a_batch_too_large_for_memory_is_halved_and_nothing_is_lost(error: BaseException) -> None:
    network, halvings, done = Small(10, error), [], []
    forward = ForwardPass(model(network), CPU, 32, lambda *sizes: halvings.append(sizes))
    logits = forward.logits(IMAGES, done.append)
    expected = sums(torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255)
    torch.testing.assert_close(logits, expected)
    assert halvings == [(32, 16), (16, 8)]
    assert done == network.seen == [8, 8, 8, 8, 5]
    forward.logits(IMAGES)
    assert len(halvings) == 2  # it stays so


def test_memory_that_runs_out_later_costs_no_image_and_none_is_seen_twice() -> None:
    network = Small(16)
    forward = ForwardPass(model(network), CPU, 16)
    first = forward.logits(IMAGES[:16])
    network.room = 5
    rest = forward.logits(IMAGES[16:])
    expected = sums(torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255)
    torch.testing.assert_close(torch.cat([first, rest]), expected)
    assert sum(network.seen) == len(IMAGES)


def test_no_room_for_one_image_is_a_clear_error() -> None:
    with pytest.raises(RobenchError, match="toy needs more memory than cpu has left for even one"):
        ForwardPass(model(Small(0)), CPU, 4).logits(IMAGES)


@pytest.mark.parametrize(
    "error", [AssertionError("height must be 384"), KeyError("x"), RuntimeError("a\nb")]
)
def test_what_a_network_raises_in_its_first_batch_is_one_line(error: Exception) -> None:
    forward = ForwardPass(replace(model(Small(0, error)), input_size_px=(384, 384)), CPU, 4)
    sentence = rf"cannot take images of 4 x 4 pixels \(it takes 384 x 384; {type(error).__name__}: "
    with pytest.raises(RobenchError, match=sentence) as raised:
        forward.logits(IMAGES)
    assert "\n" not in str(raised.value)


def test_what_a_network_raises_later_is_its_own() -> None:
    network = Small(4, RuntimeError("something else"))
    forward = ForwardPass(model(network), CPU, 4)
    forward.logits(IMAGES)
    network.room = 0
    with pytest.raises(RuntimeError, match="something else") as raised:
        forward.logits(IMAGES)
    assert not isinstance(raised.value, RobenchError)


def test_logits_must_have_a_row_for_every_image() -> None:
    with pytest.raises(RobenchError, match=r"gave logits of shape \(1, 2\) for 4 images"):
        ForwardPass(model(lambda pixels: torch.zeros(1, 2)), CPU, 4).logits(IMAGES)
