import numpy as np
import torch

from robench.reading import Batch, Unreadable
from robench.suites import CLEAN, Chunk
from robench.upload import uploaded


def test_on_a_cpu_batches_stay_as_they_are() -> None:
    chunk = Chunk(CLEAN, 0, 2)
    images = np.zeros((2, 4, 4, 3), np.uint8)
    batches = [Batch(chunk, images, np.zeros(2), np.arange(2), True), Unreadable(chunk, "gone")]
    assert list(uploaded(batches, torch.device("cpu"))) == batches
