"""Training runs: what they write, that they resume exactly, and what they refuse."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from baselines import architectures, methods
from baselines.methods.standard import Standard
from robench.contamination import contamination_of
from robench.errors import RobenchError
from robench.models import load_checkpoint
from robench.training import Trained, checkpoint, recipe_for, train
from robench.training.batches import epoch_batches, shuffled
from robench.training.plan import make_plan
from robench.training.workers import Workers
from tests.training.tiny_problem import needs_copy, tiny_pair, tiny_source

METHODS = [method for method in sorted(methods.registry()) if not needs_copy(method)]


def tiny_train(
    out: Path, method: str = "augmix", arch: str = "digits_cnn", **changes: Any
) -> Trained:
    settings = {"epochs": 3, "batch_size": 16, "lr": 0.02, "device": "cpu"} | changes
    dataset = settings.pop("dataset", None) or tiny_pair()
    return train(method, arch, dataset, out, **settings)


def stop_after_epoch(
    monkeypatch: pytest.MonkeyPatch, epoch: int, error: type[BaseException]
) -> None:
    """Make the run fail in the first step after ``epoch`` whole epochs, as Ctrl-C would."""
    prepare = Standard.__mro__[1].prepare

    def failing(self: Any, batch: Any) -> Any:
        if batch.epoch == epoch:
            raise error
        return prepare(self, batch)

    monkeypatch.setattr(Standard, "prepare", failing)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_learns_and_writes_all_its_files(method: str, tmp_path: Path) -> None:
    trained = tiny_train(tmp_path / "run", method)
    assert trained.checkpoint == tmp_path / "run/checkpoints/last.pt"
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert log == trained.log
    assert [line["epoch"] for line in log] == [1, 2, 3]
    assert [line["step"] for line in log] == [3, 6, 9]
    assert log[-1]["train_loss"] < log[0]["train_loss"]
    info = json.loads((tmp_path / "run/run.json").read_text())
    assert info["method"] == method
    assert info["recipe"]["batch_size"] == 16
    assert info["train"]["images"] == 40
    assert info["finished"] is not None
    assert not list((tmp_path / "run").rglob("*.tmp"))


def test_a_checkpoint_loads_without_running_code_and_holds_what_readers_need(
    tmp_path: Path,
) -> None:
    path = tiny_train(tmp_path / "run").checkpoint
    content = torch.load(path, weights_only=True)
    assert content["format"] == "robench-checkpoint/1"
    assert content["architecture"] == "digits_cnn"
    assert content["num_classes"] == 2
    assert content["dataset"] == "tiny"
    assert content["mean"] == content["std"] == [0.5, 0.5, 0.5]
    assert content["method"] == "augmix"
    assert content["method_options"]["severity"] == 3
    assert content["recipe"]["epochs"] == content["epoch"] == 3
    assert content["step"] == 9
    (group,) = content["optimizer"]["param_groups"]
    recipe = recipe_for("digits_cnn", "tiny", {}, {"epochs": 3, "lr": 0.02})
    assert group["lr"] == recipe.lr_at(8, 9)  # of the last step
    assert (group["momentum"], group["nesterov"], group["weight_decay"]) == (0.9, True, 5e-4)
    model = load_checkpoint(path, classes=2)
    images = tiny_pair()[1].images
    wrong = model.logits(images, torch.device("cpu")).argmax(1).numpy() != tiny_pair()[1].labels
    assert wrong.mean() == content["log"][-1]["test_error"]


@pytest.fixture
def dropout_cnn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network that draws random numbers of its own while it learns."""

    def make(num_classes: int) -> torch.nn.Module:
        digits_cnn = architectures.create("digits_cnn", num_classes)
        return torch.nn.Sequential(torch.nn.Dropout(0.2), digits_cnn)

    monkeypatch.setitem(architectures.registry(), "dropout_cnn", make)


@pytest.mark.usefixtures("dropout_cnn")
@pytest.mark.parametrize("arch", ["digits_cnn", "dropout_cnn"])
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(
    arch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny_train(tmp_path / "whole", "standard", arch)
    with monkeypatch.context() as patch:
        stop_after_epoch(patch, 2, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            tiny_train(tmp_path / "stopped", "standard", arch)
    kept = torch.load(tmp_path / "stopped/checkpoints/last.pt", weights_only=True)
    assert kept["epoch"] == 2
    resumed = tiny_train(tmp_path / "stopped", "standard", arch, resume=True)
    first, second = (torch.load(run.checkpoint, weights_only=True) for run in (whole, resumed))
    for name, weights in first["state_dict"].items():
        assert torch.equal(weights, second["state_dict"][name]), name
    for number, state in first["optimizer"]["state"].items():
        again = second["optimizer"]["state"][number]
        assert torch.equal(state["momentum_buffer"], again["momentum_buffer"])
    for line, again in zip(whole.log, resumed.log, strict=True):
        assert line | {"seconds": 0} == again | {"seconds": 0}


@pytest.mark.usefixtures("dropout_cnn")
def test_the_callers_random_numbers_do_not_change_a_run(tmp_path: Path) -> None:
    logs = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        trained = tiny_train(tmp_path / str(seed), "standard", "dropout_cnn", epochs=1)
        logs.append(trained.log[0]["train_loss"])
    assert logs[0] == logs[1]


def test_training_does_not_disturb_the_callers_random_numbers(tmp_path: Path) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    tiny_train(tmp_path / "run", epochs=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_stopped_in_its_first_epoch_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after_epoch(patch, 0, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            tiny_train(tmp_path / "run", "standard")
    assert len(tiny_train(tmp_path / "run", "standard", resume=True).log) == 3


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    before = tiny_train(tmp_path / "run")
    weights = before.checkpoint.read_bytes()
    assert tiny_train(tmp_path / "run", resume=True).log == before.log
    assert before.checkpoint.read_bytes() == weights


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "standard"}, "its method is augmix, this run's is standard"),
        ({"arch": "resnet20"}, "its architecture is digits_cnn, this run's is resnet20"),
        ({"seed": 1}, "its seed is 0, this run's is 1"),
        ({"epochs": 4}, "its epochs is 3, this run's is 4"),
        ({"lr": 0.03}, "its lr is 0.02, this run's is 0.03"),
        ({"precision": "bf16"}, "its precision is fp32, this run's is bf16"),
        ({"method_options": {"severity": 1}}, "its option severity is 3.0, this run's is 1"),
        ({"dataset": (tiny_source(40, seed=9), tiny_source(16))}, "its train_sha256 is"),
    ],
)
def test_a_run_is_not_resumed_by_another_plan(changes: dict, message: str, tmp_path: Path) -> None:
    tiny_train(tmp_path / "run")
    with pytest.raises(RobenchError, match=message):
        tiny_train(tmp_path / "run", **({"resume": True} | changes))


def test_a_run_is_not_resumed_with_other_mixing_pictures(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (40, 40), "red").save(pictures / "red.png")
    options = {"method": "pixmix", "method_options": {"mixing_pictures": str(pictures)}}
    tiny_train(tmp_path / "run", **options)
    Image.new("RGB", (40, 40), "blue").save(pictures / "blue.png")
    with pytest.raises(RobenchError, match="its mixing_pictures_sha256 is"):
        tiny_train(tmp_path / "run", **options, resume=True)


def test_the_same_run_again_reads_what_is_finished(tmp_path: Path) -> None:
    before = tiny_train(tmp_path / "run", epochs=1)
    files = {path: path.read_bytes() for path in (tmp_path / "run").rglob("*.*")}
    assert tiny_train(tmp_path / "run", epochs=1).log == before.log
    assert {path: path.read_bytes() for path in files} == files


def test_a_run_that_stored_nothing_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after_epoch(patch, 0, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            tiny_train(tmp_path / "run", "standard", lr=0.01)
    assert (tmp_path / "run/run.json").exists()
    tiny_train(tmp_path / "run", "standard", epochs=1)
    assert json.loads((tmp_path / "run/run.json").read_text())["recipe"]["lr"] == 0.02


def test_what_a_killed_process_left_under_a_temporary_name_is_in_nobodys_way(
    tmp_path: Path,
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.run.json.123.tmp").write_text('{"format"')
    assert tiny_train(tmp_path / "run", epochs=1).checkpoint.exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("chapter 1")
    with pytest.raises(RobenchError, match="is not empty and holds no run"):
        tiny_train(tmp_path)


def test_the_run_of_an_evaluation_is_not_resumed(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"format": 1}')
    with pytest.raises(RobenchError, match="not that of a training run"):
        tiny_train(tmp_path, resume=True)
    assert (tmp_path / "run.json").read_text() == '{"format": 1}'


def test_a_damaged_run_file_is_named(tmp_path: Path) -> None:
    tiny_train(tmp_path / "run", epochs=1)
    (tmp_path / "run/run.json").write_text("{")
    with pytest.raises(RobenchError, match=r"run\.json cannot be read"):
        tiny_train(tmp_path / "run", epochs=1, resume=True)


def test_there_must_be_something_to_resume(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="nothing to resume"):
        tiny_train(tmp_path / "none", resume=True)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    path = tiny_train(tmp_path / "run", epochs=1).checkpoint
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(RobenchError, match=r"last\.pt is damaged"):
        tiny_train(tmp_path / "run", epochs=1, resume=True)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = Standard.__mro__[1].loss

    def diverging(self: Any, network: Any, inputs: Any, targets: Any, batch: Any) -> Any:
        value = loss(self, network, inputs, targets, batch)
        return value * float("nan") if batch.step == 4 else value

    monkeypatch.setattr(Standard, "loss", diverging)
    with pytest.raises(RobenchError, match=r"loss became nan in epoch 2, step 2 of 3; the check"):
        tiny_train(tmp_path / "run", "standard")
    kept = torch.load(tmp_path / "run/checkpoints/last.pt", weights_only=True)
    assert kept["epoch"] == 1
    assert all(weights.isfinite().all() for weights in kept["state_dict"].values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "augmixx"}, "did you mean 'augmix'"),
        ({"arch": "digits_cn"}, "did you mean 'digits_cnn'"),
        ({"dataset": "digit"}, "did you mean 'digits'"),
        ({"seed": -1}, r"seed must be 0 to 2\*\*64 - 1, got -1"),
        ({"device": "cuda:77"}, "cuda:77"),
        ({"method_options": {"sev": 1}}, "unknown option of augmix 'sev'"),
        ({"precision": "fp8"}, "precision must be one of fp32, bf16, got 'fp8'"),
        ({"recipe": "imagenett"}, "did you mean 'imagenet'"),
        ({"batch_size": 41}, "a batch of 41 is larger than the 40 training images"),
    ],
)
def test_wrong_requests_are_refused_before_anything_is_written(
    changes: dict, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RobenchError, match=message):
        tiny_train(tmp_path / "run", **changes)
    assert not list(tmp_path.rglob("*.json"))


def tiny_plan(**changes: Any) -> Any:
    return make_plan("standard", "digits_cnn", tiny_pair(), changes={"batch_size": 16}, **changes)


def test_an_epoch_holds_every_image_once_and_another_order_each_time() -> None:
    plan = tiny_plan()
    batches = [prepared.batch for prepared in epoch_batches(plan, 1, Workers())]
    assert [len(batch.labels) for batch in batches] == [16, 16, 8]
    assert [batch.step for batch in batches] == [3, 4, 5]
    indices = np.concatenate([batch.indices for batch in batches])
    np.testing.assert_array_equal(np.sort(indices), np.arange(40))
    np.testing.assert_array_equal(indices, shuffled(plan, 1))
    assert not np.array_equal(shuffled(plan, 0), shuffled(plan, 1))
    assert not np.array_equal(shuffled(plan, 1), shuffled(tiny_plan(seed=1), 1))


def test_the_first_weights_follow_from_the_seed() -> None:
    device = torch.device("cpu")
    first, again, other = (
        checkpoint.initial_state(plan, device).network.state_dict()["features.0.weight"]
        for plan in (tiny_plan(), tiny_plan(), tiny_plan(seed=1))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_splits_with_different_classes_are_refused(tmp_path: Path) -> None:
    import dataclasses

    test = dataclasses.replace(tiny_source(16), classes=("bright", "dark"))
    with pytest.raises(RobenchError, match="different classes"):
        tiny_train(tmp_path / "run", dataset=(tiny_source(), test))


def test_what_overlaps_with_test_corruptions_is_recorded(tmp_path: Path) -> None:
    path = tiny_train(tmp_path / "run", "cutout", epochs=1).checkpoint
    assert torch.load(path, weights_only=True)["overlaps"] == ["cutout"]
    assert json.loads((tmp_path / "run/run.json").read_text())["overlaps"] == ["cutout"]
    training = load_checkpoint(path, classes=2).record()["training"]
    assert contamination_of({"training": training}).operations == ("cutout",)
