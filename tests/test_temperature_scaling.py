"""``--temperature``: records hold the divided logits' probabilities, and no image's own temperature saw it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from reports.tables.provenance import provenance
from robench import suites
from robench.cli import main
from robench.comparison import compare
from robench.errors import RobenchError
from robench.evaluation import evaluate, merge
from robench.metrics.temperature import cross_fitted_temperatures, folds_of
from robench.models import NORMALISATIONS, Model
from robench.records import Run, records_of
from robench.shard import Shard
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark

SUITE = suites.registry()["digits-c"]
CONDITIONS = SUITE.conditions(("fog",), (1, 5))
BENCHMARK = open_benchmark(SUITE, limit=300)


def pixels_of(condition: Condition) -> torch.Tensor:
    images = torch.from_numpy(BENCHMARK.source(condition).read(0, 300))
    return images.permute(0, 3, 1, 2).float().div_(255).sub_(0.5).div_(0.5)


def means() -> torch.Tensor:
    """Return the mean image of each class, (3072, 10)."""
    member = torch.nn.functional.one_hot(torch.from_numpy(BENCHMARK.clean.labels)).float()
    return pixels_of(CLEAN).flatten(1).T @ member / member.sum(0)


MEANS = means()


def network(pixels: torch.Tensor) -> torch.Tensor:
    """Return logits that are too sure of the class whose mean image is closest."""
    return 0.2 * (pixels.flatten(1) @ MEANS - (MEANS**2).sum(0) / 2)


def evaluated(out: Path, temperature: float | str | None, **options: Any) -> Run:
    model = Model(network, "toy", NORMALISATIONS["half"], "test", "abc")
    settings: Mapping[str, Any] = {"conditions": CONDITIONS, "batch_size": 300, **options}
    return evaluate(model, BENCHMARK, out, temperature=temperature, **settings).run


def test_a_number_divides_the_logits_of_every_condition(tmp_path: Path) -> None:
    run = evaluated(tmp_path / "run", 3.0)
    assert run.info["temperature"] == {"values": [3.0], "origin": "given"}
    assert run.name == "toy (T = 3)"
    for condition in CONDITIONS:
        clean = BENCHMARK.clean
        expected = records_of(network(pixels_of(condition)) / 3, clean.labels, clean.indices)
        found = run.read(condition)
        assert found["prediction"].equals(expected["prediction"])
        np.testing.assert_allclose(found["nll"], expected["nll"], rtol=1e-4, atol=1e-6)


def test_a_fitted_one_comes_of_the_other_nine_tenths_of_the_clean_images(tmp_path: Path) -> None:
    told: list[str] = []
    run = evaluated(tmp_path / "run", "fit", say=told.append)
    clean = BENCHMARK.clean
    logits = network(pixels_of(CLEAN)).numpy()
    expected = cross_fitted_temperatures(logits, clean.labels, clean.indices)
    values = np.array(run.info["temperature"]["values"])
    np.testing.assert_allclose(values, expected, atol=1e-3)
    assert any(line.startswith("temperature: ") and "300 clean images" in line for line in told)
    fog = CONDITIONS[-1]
    divided = network(pixels_of(fog)) / torch.from_numpy(values[folds_of(clean.indices)])[:, None]
    records = records_of(divided, clean.labels, clean.indices)
    np.testing.assert_allclose(run.read(fog)["nll"], records["nll"], rtol=1e-4, atol=1e-6)
    assert "300 clean images" in provenance(run.info, 3)["Temperature"]


def test_errors_stay_and_calibration_moves(tmp_path: Path) -> None:
    paths = [tmp_path / "as-it-is", tmp_path / "tempered"]
    for path, temperature in zip(paths, (None, "fit"), strict=True):
        run = evaluated(path, temperature)
    assert run.name == "toy (T fitted)"
    found = compare(paths, resamples=200).differences.set_index(["corruption", "metric"])
    clean = found.loc["clean"]["difference"]
    assert clean["error"] == clean["top5_error"] == 0
    assert clean["ece"] < -0.02
    assert clean["nll"] < -0.1
    assert "Temperature" not in provenance(json.loads((paths[0] / "run.json").read_text()), 3)


def test_a_run_is_continued_and_sharded_with_its_own_temperature(tmp_path: Path) -> None:
    whole = evaluated(tmp_path / "whole", "fit")
    first = evaluated(tmp_path / "parts", "fit", shard=Shard(1, 2))
    # What the first shard found holds for the second: it must not be fitted again, on what may be another machine.
    changed = {**first.info["temperature"], "values": [2.0] * 10}
    (tmp_path / "parts/run.json").write_text(json.dumps({**first.info, "temperature": changed}))
    second = evaluated(tmp_path / "parts", "fit", shard=Shard(2, 2))
    assert second.info["temperature"] == changed
    for other in (None, 3.0):
        with pytest.raises(RobenchError, match=r"holds another run: its temperature is"):
            evaluated(tmp_path / "whole", other, resume=True)
    given = evaluated(tmp_path / "given", 3.0)
    with pytest.raises(RobenchError, match="cannot merge"):
        merge([whole.path, given.path], tmp_path / "merged")


def test_runs_from_before_there_were_temperatures_are_continued(tmp_path: Path) -> None:
    run = evaluated(tmp_path / "run", None)
    del run.info["temperature"]
    run.write_info()
    assert evaluated(tmp_path / "run", None, resume=True).info["temperature"] is None


@pytest.mark.parametrize(
    ("suite", "temperature", "message"),
    [
        ("digits-c", 0.0, "a temperature is a number from 0.01 to 100 or 'fit', got 0.0"),
        ("digits-c", float("nan"), "got nan"),
        ("digits-c", "warm", "got 'warm'"),
        ("digits-p", 2.0, "a temperature changes no prediction"),
        ("imagenet-r", "fit", "imagenet-r has no clean images to fit a temperature on"),
    ],
)
def test_what_is_no_temperature_is_refused(
    suite: str, temperature: float | str, message: str, tmp_path: Path
) -> None:
    other = replace(BENCHMARK, suite=suites.registry()[suite])
    with pytest.raises(RobenchError, match=message):
        evaluate(network, other, tmp_path / "run", temperature=temperature)
    assert not (tmp_path / "run").exists()


def test_what_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    few = open_benchmark(SUITE, limit=99)
    with pytest.raises(RobenchError, match="on 100 clean images or more, here are 99"):
        evaluate(network, few, tmp_path / "few", temperature="fit")
    absent = replace(BENCHMARK, clean_missing="they are not here")
    with pytest.raises(RobenchError, match="and there are none: they are not here"):
        evaluate(network, absent, tmp_path / "absent", temperature="fit")
    labels = torch.nn.functional.one_hot(torch.from_numpy(BENCHMARK.clean.labels)).float()
    with pytest.raises(RobenchError, match="they are all classified right"):
        evaluate(
            lambda pixels: labels, BENCHMARK, tmp_path / "right", temperature="fit", batch_size=300
        )


def test_the_command_line(tmp_path: Path) -> None:
    words = ["eval", "--model", "x", "--suite", "digits-c", "--out", str(tmp_path / "run")]
    refused = CliRunner().invoke(main, [*words, "--temperature", "hot"])
    assert refused.exit_code == 2
    assert "--temperature takes a number or fit, got 'hot'" in refused.stderr
