"""The batch size and the change of error of a run: chosen once, recorded, told, and kept when it is continued."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from robench import batch_size, computation, evaluation
from robench.evaluation import evaluate
from robench.records import open_run
from robench.shard import Shard
from tests.test_evaluation import CONDITIONS, benchmark, linear, model, table


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every measurement gives another batch size, as it may on a busy machine."""
    sizes = [7, 11, 13]
    monkeypatch.setattr(batch_size, "WORTH_MEASURING", 0)
    monkeypatch.setattr(batch_size, "measured_batch_size", lambda *arguments: sizes.pop(0))
    return sizes


def test_the_batch_size_is_measured_recorded_and_told(tmp_path: Path, measured: list[int]) -> None:
    said: list[str] = []
    run = evaluate(model(), benchmark(), tmp_path, conditions=CONDITIONS, say=said.append).run
    assert (run.info["batch_size"], run.info["batch_size_origin"]) == (7, "measured")
    assert said == ["batch size: 7 (measured)"]
    evaluate(model(), benchmark(), tmp_path / "given", conditions=CONDITIONS, batch_size=7)
    for condition in map(str, CONDITIONS):
        assert table(tmp_path, condition).equals(table(tmp_path / "given", condition))


def test_a_continued_run_and_its_shards_keep_the_batch_size(
    tmp_path: Path, measured: list[int]
) -> None:
    for number in (1, 2, 3):
        said: list[str] = []
        evaluate(
            model(),
            benchmark(),
            tmp_path,
            conditions=CONDITIONS,
            shard=Shard(number, 3),
            say=said.append,
        )
        assert open_run(tmp_path).info["batch_size"] == 7
        assert said == [f"batch size: 7 ({'measured' if number == 1 else 'that of the run'})"]
    evaluate(model(), benchmark(), tmp_path, conditions=CONDITIONS, resume=True)
    assert (open_run(tmp_path).info["batch_size_origin"], measured) == ("measured", [11, 13])


def test_a_halved_batch_is_told_recorded_and_kept(tmp_path: Path) -> None:
    network, seen = linear(), list[int]()

    def small(pixels: torch.Tensor) -> torch.Tensor:
        if len(pixels) > 10:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        seen.append(len(pixels))
        return network(pixels)

    said: list[str] = []
    evaluate(
        model(small),
        benchmark(),
        tmp_path,
        conditions=CONDITIONS[:2],
        batch_size=32,
        say=said.append,
    )
    assert said[1:] == [
        "batch size: 16, because memory was too small for 32",
        "batch size: 8, because memory was too small for 16",
    ]
    info = json.loads((tmp_path / "run.json").read_text())
    assert info["batch_size"] == 8
    assert info["batch_size_origin"] == (
        "given, halved from 32: out of memory, halved from 16: out of memory"
    )
    evaluate(model(small), benchmark(), tmp_path, conditions=CONDITIONS, resume=True)
    assert seen == [8, 8, 8, 8, 5] * len(CONDITIONS)
    evaluate(model(), benchmark(), tmp_path / "whole", conditions=CONDITIONS, batch_size=8)
    for condition in map(str, CONDITIONS):
        assert table(tmp_path, condition).equals(table(tmp_path / "whole", condition))


class _Rounding(nn.Module):
    """Gives class 0 to dark images and class 1 to others in float32; class 2 to all in bfloat16."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        dark = pixels.float().mean((1, 2, 3)) < -0.4
        classes = torch.where(dark, 0, 1)
        if pixels.dtype == torch.bfloat16:
            classes = torch.full_like(classes, 2)
        return nn.functional.one_hot(classes, 10).to(pixels.dtype) * self.weight


def test_what_bfloat16_changes_is_counted_told_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    run = evaluate(
        model(_Rounding()),
        benchmark(100),
        tmp_path,
        conditions=CONDITIONS[:1],
        precision="bf16",
        say=said.append,
    ).run
    exact = evaluate(
        model(_Rounding()), benchmark(100), tmp_path / "fp32", conditions=CONDITIONS[:1]
    ).run
    (clean,) = CONDITIONS[:1]
    errors = int((exact.read(clean)["prediction"] != exact.read(clean)["label"]).sum())
    assert exact.info["change_of_error"] is None
    assert 0 < errors < 100
    assert run.info["change_of_error"] == {
        "sentence": f"bf16: error 90.00% on 100 clean images, {errors}.00% in fp32; 100.00% of predictions differ",
        "images": 100,
        "errors_fp32": errors,
        "errors": 90,
        "predictions_changed": 100,
    }
    assert said[1:] == [run.info["change_of_error"]["sentence"]]
    monkeypatch.setattr(computation, "change_of_error", None)  # not measured again
    evaluate(
        model(_Rounding()),
        benchmark(100),
        tmp_path,
        conditions=CONDITIONS,
        precision="bf16",
        resume=True,
    )
    assert open_run(tmp_path).info["change_of_error"] == run.info["change_of_error"]


def test_without_clean_images_the_change_is_said_to_be_unknown(tmp_path: Path) -> None:
    said: list[str] = []
    missing = replace(benchmark(), clean_missing="nowhere")
    evaluate(
        model(), missing, tmp_path, conditions=CONDITIONS[1:2], precision="bf16", say=said.append
    )
    assert said[1:] == ["bf16: change of error not known (no clean images: nowhere)"]


def test_other_versions_of_libraries_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(model(), benchmark(), tmp_path, conditions=CONDITIONS[:1])
    info = json.loads((tmp_path / "run.json").read_text())
    now = info["libraries"]["torch"]
    info["libraries"]["torch"] = "1.0"
    (tmp_path / "run.json").write_text(json.dumps(info))
    said: list[str] = []
    evaluate(
        model(), benchmark(), tmp_path, conditions=CONDITIONS[:1], resume=True, say=said.append
    )
    assert said[1:] == [f"note: the run was begun with torch 1.0, now {now}; run.json keeps both"]


def test_pieces_hold_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "PIECE_BYTES", 100 * 32 * 32 * 3)
    pieces = [evaluation._piece_images(benchmark(), size) for size in (1, 32, 99, 100, 101, 999)]
    assert pieces == [100, 96, 99, 100, 101, 999]
