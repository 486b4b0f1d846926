"""What can only be tested on a GPU; skipped where there is none."""

from pathlib import Path

import numpy as np
import pytest
import torch

from robench.evaluation import evaluate
from robench.reading import Batch, Unreadable
from robench.suites import CLEAN, Chunk
from robench.upload import uploaded
from tests.test_evaluation import CONDITIONS, benchmark, model, table

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")


def test_every_image_arrives_in_its_batch() -> None:
    device = torch.device("cuda")
    random = np.random.default_rng(0)
    sent = [random.integers(0, 256, (64, 32, 32, 3), np.uint8) for _ in range(50)]
    chunk = Chunk(CLEAN, 0, 64)
    batches: list[Batch | Unreadable] = [
        Batch(chunk, images, np.zeros(64, np.int64), np.arange(64), True) for images in sent
    ]
    batches.insert(7, Unreadable(chunk, "gone"))
    arrived = list(uploaded(batches, device))
    assert isinstance(arrived.pop(7), Unreadable)
    for images, batch in zip(sent, arrived, strict=True):
        assert isinstance(batch, Batch)
        assert isinstance(batch.images, torch.Tensor)
        assert batch.images.device.type == "cuda"
        assert torch.equal(batch.images.cpu(), torch.from_numpy(images))


def test_a_gpu_and_the_cpu_predict_the_same(tmp_path: Path) -> None:
    for device in ("cpu", "cuda"):
        out = tmp_path / device
        evaluate(model(), benchmark(), out, conditions=CONDITIONS, device=device)
    for condition in map(str, CONDITIONS):
        cpu, cuda = (table(tmp_path / device, condition) for device in ("cpu", "cuda"))
        assert cuda["prediction"].equals(cpu["prediction"])
        np.testing.assert_allclose(cuda["max_logit"], cpu["max_logit"], rtol=1e-3, atol=1e-3)


def test_a_batch_too_large_for_the_gpu_is_halved(tmp_path: Path) -> None:
    def greedy(pixels: torch.Tensor) -> torch.Tensor:
        if len(pixels) > 8:
            torch.empty(2**50, device=pixels.device)  # a petabyte
        return pixels.flatten(1)[:, :10]

    run = evaluate(
        model(greedy), benchmark(), tmp_path, conditions=CONDITIONS, device="cuda", batch_size=32
    ).run
    assert run.info["batch_size"] == 8
    assert len(run.read(CONDITIONS[0])) == 37
