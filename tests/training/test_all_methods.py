"""One table for all: every method learns digits, resumes to the bit, and records how it was trained."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from baselines import methods
from baselines.architectures.anti_aliased import BlurPool
from robench import datasets
from robench.datasets import Source
from robench.errors import RobenchError
from robench.models import load_checkpoint
from robench.training import Trained, train
from robench.training.batches import epoch_batches
from robench.training.plan import make_plan
from robench.training.workers import Workers
from tests.training.tiny_problem import needs_copy, write_copy

METHODS = sorted(methods.registry())


@pytest.fixture(scope="module")
def digits() -> tuple[Source, Source]:
    """Return 64 and 20 digits."""
    train, test = (datasets.load("digits", split) for split in datasets.SPLITS)
    return train.select(np.arange(64)), test.select(np.arange(20))


def short_run(out: Path, method: str, data: tuple[Source, Source], **changes: Any) -> Trained:
    settings = {"epochs": 3, "batch_size": 20, "lr": 0.02, "device": "cpu"} | changes
    return train(method, "digits_cnn", data, out, **settings)


def stored(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = torch.load(out / "checkpoints/last.pt", weights_only=True)
    return content


def assert_equal(first: Any, second: Any) -> None:
    """Compare nested containers of tensors bit by bit."""
    if isinstance(first, torch.Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_equal(first[key], second[key])
    elif isinstance(first, list):
        for one, other in zip(first, second, strict=True):
            assert_equal(one, other)
    else:
        assert first == second


@pytest.mark.parametrize("method", METHODS)
def test_a_method_learns_digits_and_resumes_to_the_bit(
    method: str,
    digits: tuple[Source, Source],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {}
    if needs_copy(method):
        options = {"stylised": str(write_copy(digits[0], tmp_path / "copy"))}
    whole = short_run(tmp_path / "whole", method, digits, method_options=options)
    assert whole.log[-1]["train_loss"] < whole.log[0]["train_loss"]

    made = methods.registry()[method]
    prepare = made.prepare

    def interrupted(self: Any, batch: Any) -> Any:
        if batch.epoch == 1 and batch.step % 4 == 2:
            raise KeyboardInterrupt
        return prepare(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(made, "prepare", interrupted)
        with pytest.raises(KeyboardInterrupt):
            short_run(tmp_path / "stopped", method, digits, method_options=options)
    short_run(tmp_path / "stopped", method, digits, method_options=options, resume=True)
    first, second = stored(tmp_path / "whole"), stored(tmp_path / "stopped")
    for content in (first, second):
        for line in content["log"]:
            del line["seconds"]
    assert_equal(first, second)

    info = json.loads((tmp_path / "whole/run.json").read_text())
    assert info["method"] == first["method"] == method
    assert info["method_options"] == first["method_options"]
    assert info["overlaps"] == first["overlaps"] == list(methods.create(method).overlaps())
    assert info["recipe"]["weight_decay"] == made.recipe.get("weight_decay", 5e-4)


@pytest.mark.parametrize("method", [method for method in METHODS if not needs_copy(method)])
def test_a_share_of_a_batch_is_that_part_of_the_whole(
    method: str, digits: tuple[Source, Source]
) -> None:
    plan = make_plan(method, "digits_cnn", digits, changes={"batch_size": 21})
    whole = list(epoch_batches(plan, 1, Workers()))
    shares = [list(epoch_batches(plan, 1, Workers(rank, 2))) for rank in (0, 1)]
    assert [each.count for each in whole] == [21, 21, 21, 1]
    for number, batch in enumerate(whole[:3]):
        parts = [share[number] for share in shares]
        assert [len(part.batch.labels) for part in parts] == [10, 11]
        views = [part.inputs.unflatten(0, (-1, len(part.batch.labels))) for part in parts]
        assert torch.equal(torch.cat(views, dim=1).flatten(0, 1), batch.inputs)
        assert torch.equal(torch.cat([part.targets for part in parts]), batch.targets)
        weights = [Workers(rank, 2).weight(21) for rank in (0, 1)]
        assert weights == [20 / 21, 22 / 21]
    # Too few to share: both take all, and the mean of both is that of the batch.
    assert all(torch.equal(share[3].inputs, whole[3].inputs) for share in shares)
    assert Workers(1, 2).weight(1) == 1


def test_stylised_copies_are_trained_on_with_the_images(
    digits: tuple[Source, Source], tmp_path: Path
) -> None:
    options = {"stylised": str(write_copy(digits[0], tmp_path / "copy"))}
    plan = make_plan("sin", "digits_cnn", digits, method_options=options)
    assert len(plan.train) == 128
    assert len(plan.test) == 20
    alone = make_plan("standard", "digits_cnn", digits)
    assert plan.identity()["train_sha256"] != alone.identity()["train_sha256"]
    with pytest.raises(RobenchError, match="sin and augmix_sin need --stylised DIR"):
        make_plan("augmix_sin", "digits_cnn", digits)


def test_maxblur_trains_the_anti_aliased_network_which_is_evaluated_as_such(
    digits: tuple[Source, Source], tmp_path: Path
) -> None:
    trained = short_run(tmp_path / "run", "maxblur", digits, epochs=1)
    assert stored(tmp_path / "run")["architecture"] == "anti-aliased:digits_cnn"
    model = load_checkpoint(trained.checkpoint, classes=10)
    assert any(isinstance(module, BlurPool) for module in model.network.modules())
    again = make_plan("augmix", "anti-aliased:densenet", digits)
    assert again.recipe.weight_decay == 1e-4
