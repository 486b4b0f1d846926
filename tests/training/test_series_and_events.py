"""Several seeds, the evaluation at the end, a small -C validation and TensorBoard's events."""

import json
import resource
from functools import partial
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from robench import suites
from robench.cli import main
from robench.errors import RobenchError
from robench.evaluation import evaluate
from robench.training import evaluation, train, train_and_evaluate
from robench.training.execution import Float32Logits
from tests.training.tiny_problem import tiny_pair

TINY = {"epochs": 1, "batch_size": 16, "lr": 0.02, "device": "cpu"}


def test_each_seed_has_a_run_and_finished_ones_stay(tmp_path: Path) -> None:
    arguments = ("standard", None, "digits", tmp_path / "runs")
    settings = {**TINY, "batch_size": 400, "suites": ()}
    first = train_and_evaluate(*arguments, seeds=(3,), **settings).trained
    before = first[0].checkpoint.read_bytes()
    both = train_and_evaluate(*arguments, seeds=(3, 4), **settings).trained
    folders = [each.checkpoint.parent.parent.name for each in both]
    assert folders == ["seed-3", "seed-4"]
    assert both[0].checkpoint.read_bytes() == before != both[1].checkpoint.read_bytes()
    seeds = [
        json.loads((tmp_path / "runs" / name / "run.json").read_text())["seed"] for name in folders
    ]
    assert seeds == [3, 4]
    with pytest.raises(
        RobenchError, match=r"already holds a run: its lr is 0\.02, this run's is 0\.05"
    ):
        train_and_evaluate(*arguments, seeds=(3,), **(settings | {"lr": 0.05}))
    with pytest.raises(RobenchError, match="takes different numbers"):
        train_and_evaluate(*arguments, seeds=(3, 3), **settings)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "1", "--seeds", "1,2"], "give --seed or --seeds, not both"),
        (["--ensemble", "--seeds", "1"], "--ensemble is evaluated of at least two --seeds"),
        (["--ensemble"], "--ensemble is evaluated of at least two --seeds"),
        (["--no-eval", "--eval", "digits-c"], "--no-eval and --eval contradict each other"),
        (["--eval", "digits-d"], "unknown suite 'digits-d', did you mean 'digits-"),
        (["--seeds", "1,x"], "--seeds takes whole numbers"),
        (["--validate-c", "501"], "--validate-c takes 1 to 500 test images, got 501"),
    ],
)
def test_what_does_not_go_together_is_refused(
    words: list[str], message: str, tmp_path: Path
) -> None:
    base = ["train", "standard", "--dataset", "digits", "--arch", "digits_cnn", "--device", "cpu"]
    result = CliRunner().invoke(main, [*base, "--out", str(tmp_path / "run"), *words])
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") <= 2


def test_seeds_are_evaluated_alone_and_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = suites.registry()["digits-c"]
    conditions = suite.conditions(("pixelate",), (1, 2))
    monkeypatch.setattr(evaluation, "evaluate", partial(evaluate, conditions=conditions))
    settings = {**TINY, "batch_size": 400, "data_dir": None}
    out = tmp_path / "cutout"
    done = train_and_evaluate(
        "cutout", "digits_cnn", "digits", out, seeds=(0, 1), ensemble=True, **settings
    ).evaluated
    names = ("seed-0", "seed-1", "ensemble")
    assert [each.path for each in done] == [out / name / "digits-c" for name in names]
    infos = [json.loads((each.path / "run.json").read_text()) for each in done]
    assert [info["name"] for info in infos] == [f"cutout-{name}" for name in names]
    assert len(infos[2]["model"]["members"]) == 2
    assert all(info["finished"] for info in infos)
    assert all("was trained with cutout" in str(each.warning) for each in done)


def test_the_error_on_corrupted_test_images_is_logged(tmp_path: Path) -> None:
    log = train("standard", "digits_cnn", tiny_pair(), tmp_path / "run", validate_c=6, **TINY).log
    assert 0 <= log[0]["corruption_error"] <= 1
    assert log[0]["corruption_error"] * 6 * 15 == pytest.approx(
        round(log[0]["corruption_error"] * 6 * 15)
    )


def test_tensorboard_gets_every_epoch_once(tmp_path: Path) -> None:
    event_file = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    settings = {**TINY, "epochs": 2, "tensorboard": True}
    log = train("standard", "digits_cnn", tiny_pair(), tmp_path / "run", **settings).log
    events = event_file.EventAccumulator(str(tmp_path / "run/tensorboard"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"lr", "train_loss", "test_error", "seconds"}
    losses = [(each.step, each.value) for each in events.Scalars("train_loss")]
    assert [step for step, _ in losses] == [1, 2]
    assert [value for _, value in losses] == pytest.approx([line["train_loss"] for line in log])


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    first = train("standard", "digits_cnn", tiny_pair(), tmp_path / "run", **TINY)
    before = first.checkpoint.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(RobenchError, match=r"cannot write .*last\.pt: File too large"):
            train("standard", "digits_cnn", tiny_pair(), tmp_path / "other", **TINY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list((tmp_path / "other").rglob("*.pt"))
    assert not list((tmp_path / "other").rglob("*.tmp"))
    assert first.checkpoint.read_bytes() == before


def test_logits_are_float32_where_the_network_is_not(tmp_path: Path) -> None:
    seen: list[torch.dtype] = []
    layer = torch.nn.Linear(4, 2)
    layer.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    network = torch.nn.Sequential(torch.nn.Flatten(), layer)
    images = torch.ones(3, 1, 2, 2)
    assert Float32Logits(network, "bf16")(images).dtype == torch.float32
    assert Float32Logits(network, "fp32")(images).dtype == torch.float32
    assert seen == [torch.bfloat16, torch.float32]
    trained = train("augmix", "digits_cnn", tiny_pair(), tmp_path / "run", precision="bf16", **TINY)
    content = torch.load(trained.checkpoint, weights_only=True)
    assert content["precision"] == "bf16"
    assert all(value.dtype != torch.bfloat16 for value in content["state_dict"].values())
