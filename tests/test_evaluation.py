from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from robench import scoring, suites
from robench.errors import RobenchError
from robench.evaluation import evaluate
from robench.models import NORMALISATIONS, Model
from robench.records import open_run
from robench.suites.benchmark import Benchmark, open_benchmark

SUITE = suites.registry()["digits-c"]
CONDITIONS = SUITE.conditions(("gaussian_noise", "fog"), (1, 5))


def benchmark(limit: int | None = 37) -> Benchmark:
    return open_benchmark(SUITE, limit=limit)


def linear(classes: int = 10) -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, classes))


def model(network: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Model:
    return Model(network or linear(), "toy", NORMALISATIONS["half"], "test", "abc")


def table(path: Path, condition: str) -> pd.DataFrame:
    return pd.read_parquet(path / "records" / "digits-c" / f"{condition}.parquet")


def test_every_condition_has_one_record_per_image(tmp_path: Path) -> None:
    run = evaluate(model(), benchmark(), tmp_path / "run", conditions=CONDITIONS).run
    assert run.conditions() == CONDITIONS
    for condition in CONDITIONS:
        records = run.read(condition)
        assert records["index"].tolist() == benchmark().clean.indices.tolist()
        assert records["label"].tolist() == benchmark().clean.labels.tolist()
    assert open_run(tmp_path / "run").info["finished"]


def test_run_json_says_in_fields_what_a_reader_is_cautioned_of(tmp_path: Path) -> None:
    measured = replace(NORMALISATIONS["half"], is_measured=True)
    assumed = replace(model(), normalisation=measured, notes=("an assumption",))
    info = evaluate(assumed, benchmark(), tmp_path / "run", conditions=CONDITIONS).run.info
    whole = benchmark()
    assert {key: info["data"][key] for key in ("available", "subset", "on_the_fly", "notes")} == {
        "available": len(whole.full.labels),
        "subset": None,
        "on_the_fly": True,
        "notes": [],
    }
    assert info["data"]["other_images"] is False
    assert info["preprocessing"]["measured"] is True
    assert info["model"]["notes"] == ["an assumption"]


def test_predictions_are_the_networks_on_the_suites_pixels(tmp_path: Path) -> None:
    run = evaluate(model(), benchmark(), tmp_path / "run", conditions=CONDITIONS).run
    for condition in CONDITIONS:
        images = benchmark().source(condition).read(0, 37)
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            expected = linear()((pixels - 0.5) / 0.5).argmax(1)
        assert run.read(condition)["prediction"].tolist() == expected.tolist()


def test_the_batch_size_changes_rounding_only(tmp_path: Path) -> None:
    for size in (1, 7, 64):
        evaluate(model(), benchmark(), tmp_path / str(size), conditions=CONDITIONS, batch_size=size)
    for condition in map(str, CONDITIONS):
        one, seven, many = (table(tmp_path / str(size), condition) for size in (1, 7, 64))
        for other in (one, seven):
            assert other["prediction"].equals(many["prediction"])
            np.testing.assert_allclose(other["max_logit"], many["max_logit"], rtol=1e-5, atol=1e-5)


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        scoring.write_scores(
            evaluate(model(), benchmark(), tmp_path / name, conditions=CONDITIONS).run
        )
    assert (tmp_path / "a/scores.csv").read_bytes() == (tmp_path / "b/scores.csv").read_bytes()


def test_a_finished_condition_is_never_computed_again(tmp_path: Path) -> None:
    seen = 0
    network = linear()

    def counting(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal seen
        seen += len(pixels)
        return network(pixels)

    first = CONDITIONS[:3]
    evaluate(model(counting), benchmark(), tmp_path / "run", conditions=first)
    assert seen == 3 * 37
    evaluate(model(counting), benchmark(), tmp_path / "run", conditions=CONDITIONS, resume=True)
    assert seen == 5 * 37
    evaluate(model(), benchmark(), tmp_path / "whole", conditions=CONDITIONS)
    for condition in map(str, CONDITIONS):
        assert table(tmp_path / "run", condition).equals(table(tmp_path / "whole", condition))


class _Stopped(BaseException):
    pass


def test_an_interruption_loses_the_condition_in_flight_only(tmp_path: Path) -> None:
    calls = 0
    network = linear()

    def stopping(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == 6:  # the second batch of the third condition
            raise _Stopped
        return network(pixels)

    with pytest.raises(_Stopped):
        evaluate(
            model(stopping), benchmark(), tmp_path / "run", conditions=CONDITIONS, batch_size=20
        )
    assert open_run(tmp_path / "run").conditions() == CONDITIONS[:2]


def test_logits_that_are_not_finite_cost_their_condition_only(tmp_path: Path) -> None:
    network = linear()

    def failing(pixels: torch.Tensor) -> torch.Tensor:
        logits = network(pixels)
        return logits / 0 if pixels.std() < 0.5 else logits  # heavy fog is flat

    result = evaluate(model(failing), benchmark(), tmp_path / "run", conditions=CONDITIONS)
    failed = [str(condition) for condition in result.failed]
    assert failed == ["fog-5"]
    assert "fog-5" in result.failure_sentence()
    assert "NaN or infinite" in result.failure_sentence()
    assert result.run.conditions() == CONDITIONS[:-1]
    assert open_run(tmp_path / "run").info["finished"] is None


def test_one_bad_batch_costs_its_whole_condition(tmp_path: Path) -> None:
    """What follows the bad batch is fine, and must not be stored as if it were all."""
    network, calls = linear(), 0

    def failing(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return network(pixels) * (float("nan") if calls == 3 else 1)

    # 37 images in batches of 20: the third batch is the first of two of the second condition.
    result = evaluate(
        model(failing), benchmark(), tmp_path / "run", conditions=CONDITIONS, batch_size=20
    )
    assert list(result.failed) == [CONDITIONS[1]]
    assert result.run.conditions() == (CONDITIONS[0], *CONDITIONS[2:])
    assert list(tmp_path.rglob("*.parts")) == []
    assert all(len(result.run.read(condition)) == 37 for condition in result.run.conditions())


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (linear(7), r"logits of shape \(37, 7\) where digits-c needs \(37, 10\)"),
        (linear(1000), r"logits of shape \(37, 1000\) where digits-c needs \(37, 10\)"),
        (torch.nn.Identity(), "logits of shape"),
        (
            torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 10)),
            "cannot take images of 32 x 32",
        ),
    ],
)
def test_a_model_that_does_not_fit_the_suite_is_named(
    tmp_path: Path, network: torch.nn.Module, sentence: str
) -> None:
    with pytest.raises(RobenchError, match=sentence):
        evaluate(model(network), benchmark(), tmp_path / "run", conditions=CONDITIONS)


def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("quantum", "cuda:99"):
        with pytest.raises(RobenchError, match=f"device '{name}' cannot be used"):
            evaluate(model(), benchmark(), tmp_path / "run", device=name)
    assert not (tmp_path / "run").exists()


def test_a_batch_size_of_zero_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="batch size must be at least 1, got 0"):
        evaluate(model(), benchmark(), tmp_path / "run", batch_size=0)


def test_only_the_classes_that_count_are_in_the_records(tmp_path: Path) -> None:
    """Class 3 has the largest logit of every image, and is not one of the suite's."""
    network = linear()
    with torch.no_grad():
        network[1].bias[3] += 1000  # type: ignore[index]
    part = replace(SUITE, classes_used=(0, 1, 7))
    whole = benchmark()
    evaluate(model(network), replace(whole, suite=part), tmp_path / "run", conditions=CONDITIONS)
    found = table(tmp_path / "run", "clean")
    assert set(found["prediction"]) <= {0, 1, 7}
    assert (found["max_logit"] < 900).all()
    evaluate(model(network), whole, tmp_path / "all", conditions=CONDITIONS)
    assert set(table(tmp_path / "all", "clean")["prediction"]) == {3}


def test_without_clean_images_the_other_conditions_are_evaluated(tmp_path: Path) -> None:
    missing = replace(benchmark(), clean_missing="nowhere")
    result = evaluate(model(), missing, tmp_path / "run", conditions=CONDITIONS)
    assert list(map(str, result.failed)) == ["clean"]
    assert "no clean images: nowhere" in result.failure_sentence()
    assert result.run.conditions() == CONDITIONS[1:]


def test_a_plain_function_of_images_in_0_to_1_can_be_evaluated(tmp_path: Path) -> None:
    network = linear()

    def function(pixels: torch.Tensor) -> torch.Tensor:
        return network((pixels - 0.5) / 0.5)

    run = evaluate(function, benchmark(), tmp_path / "a", conditions=CONDITIONS).run
    assert run.info["name"] == "function"
    evaluate(model(), benchmark(), tmp_path / "b", conditions=CONDITIONS)
    for condition in map(str, CONDITIONS):
        assert table(tmp_path / "a", condition).equals(table(tmp_path / "b", condition))
