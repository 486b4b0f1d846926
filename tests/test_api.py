"""``robench.evaluate``: scores in one call, whatever the model is, and what was assumed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import robench
from baselines import architectures
from robench import api
from robench.complaints import Complaint, ComplaintsError, corrected_command
from robench.errors import RobenchError
from robench.models import wrap
from robench.order import DEVICES, NORMALISATIONS, PRECISIONS
from robench.records import open_run
from robench.scoring import COLUMNS

SMALL = {"corruptions": ["contrast"], "severities": [1, 3], "limit": 40}


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return architectures.create("digits_cnn", 10)


def test_a_network_gives_a_table_of_scores_and_is_left_as_it_is(tmp_path: Path) -> None:
    net = network().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    result = robench.evaluate(net, "digits-c", normalisation="half", **SMALL)
    assert tuple(result.scores.columns) == COLUMNS
    errors = result.scores[result.scores["metric"] == "error"]
    assert len(errors) == 3
    assert set(errors["n"]) == {40}
    assert list(result.refused.columns) == ["score", "reason"]
    assert "mean_uce" in set(result.refused["score"])
    assert open_run(result.path).info["name"] == result.run.name
    assert net.training
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name])


def test_it_shows_its_table_in_a_terminal_and_in_a_notebook(tmp_path: Path) -> None:
    result = robench.evaluate(
        network(), "digits-c", out=tmp_path / "run", normalisation="half", name="<toy>", **SMALL
    )
    assert result.path == tmp_path / "run"
    text, html = repr(result), result._repr_html_()
    assert text.startswith("<toy> on digits-c (")
    assert "error (%) at severity" in text
    assert "clean error" in text
    assert "&lt;toy&gt; on digits-c" in html
    assert "<toy>" not in html
    shown = 100 * result.scores.query("metric == 'error' and severity == 3")["value"].iloc[0]
    assert f"<td>{shown:.1f}</td>" in html


def test_the_same_network_goes_on_and_another_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = robench.evaluate(network(), "digits-c", out=out, normalisation="half", **SMALL)
    stored = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    again = robench.evaluate(network(), "digits-c", out=out, normalisation="half", **SMALL)
    assert again.scores.equals(first.scores)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == stored
    other = network()
    torch.nn.init.zeros_(next(other.parameters()))
    with pytest.raises(RobenchError, match=r"its model sha256 is .*; choose another out$"):
        robench.evaluate(other, "digits-c", out=out, normalisation="half", **SMALL)


def test_a_function_may_be_another_one(tmp_path: Path) -> None:
    def flat(pixels: torch.Tensor) -> torch.Tensor:
        return 10 * pixels.mean((2, 3)) @ torch.eye(3, 10) - 1

    robench.evaluate(flat, "digits-c", out=tmp_path / "run", **SMALL)
    with pytest.raises(RobenchError, match="give resume=True if it is"):
        robench.evaluate(flat, "digits-c", out=tmp_path / "run", **SMALL)
    robench.evaluate(flat, "digits-c", out=tmp_path / "run", resume=True, **SMALL)


def test_a_model_of_ours_and_mean_and_std_by_numbers() -> None:
    half = ([0.5] * 3, [0.5] * 3)
    by_name = robench.evaluate(network(), "digits-c", normalisation="half", **SMALL)
    by_numbers = robench.evaluate(network(), "digits-c", normalisation=half, **SMALL)
    wrapped = robench.evaluate(wrap(network(), normalisation="half"), "digits-c", **SMALL)
    for other in (by_numbers, wrapped):
        assert other.scores["value"].equals(by_name.scores["value"])
    assert "mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5]" in wrapped.assumed[0]
    assert by_name.assumed == ()


def test_everything_that_is_wrong_is_in_one_message() -> None:
    with pytest.raises(ComplaintsError) as refused:
        robench.evaluate(None, "digit-c", precision="fp61", batch_size=0, severities=[6])
    text = str(refused.value)
    for part in ("no model is named", "fp61", "batch size", "did you mean 'digits-c'", "got 6"):
        assert part in text
    assert "--" not in text


def test_the_corrected_command_has_every_remedy_or_is_none() -> None:
    def option(name: str) -> str:
        return f"--{name}"

    command = ["robench", "eval", "--suite=digit-c", "--model", "a b.pt"]
    wrong = [
        Complaint("suite", "suite", "digits-c"),
        Complaint("model", "model", "ckpt.pt"),
        Complaint("seed", "seed", "0"),
        Complaint("data", first="robench download x"),
    ]
    assert corrected_command(command, wrong, option) == (
        "robench download x && robench eval --suite=digits-c --model ckpt.pt --seed 0"
    )
    assert corrected_command(command, [*wrong, Complaint("who knows")], option) is None


def test_what_is_checked_without_torch_is_what_there_is() -> None:
    from robench import inference, models

    assert set(NORMALISATIONS) == set(models.NORMALISATIONS)
    assert PRECISIONS == inference.PRECISIONS
    for name in DEVICES:
        torch.device(name)


def test_a_forecast_writes_nothing_and_counts_what_is_left(tmp_path: Path) -> None:
    arguments = {**SMALL, "out": tmp_path / "run", "normalisation": "half"}
    whole = api.forecast(network(), "digits-c", **arguments)
    assert (whole.images, whole.times, whole.steps) == (40, 3, 120)
    assert whole.seconds is not None
    assert whole.seconds > 0
    assert list(tmp_path.iterdir()) == []
    robench.evaluate(network(), "digits-c", **arguments)
    rest = api.forecast(network(), "digits-c", **{**arguments, "severities": [1, 3, 5]})
    assert (rest.times, rest.steps) == (4, 40)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"limit": 2.5}, "limit must be a whole number, got 2.5"),
        ({"batch_size": "8"}, "batch_size must be a whole number, got '8'"),
        ({"seed": True}, "seed must be a whole number, got True"),
        ({"device": 5}, "device must be text, got 5"),
        ({"data_dir": 5}, "data_dir must be a path, got 5"),
        ({"corruptions": "fog"}, "corruptions must be a list, got 'fog'"),
        ({"severities": []}, "severities is empty: name some, or leave it out for all"),
        ({"out": ""}, "out is empty: name a folder"),
    ],
)
def test_what_is_of_another_type_is_named(wrong: dict, sentence: str) -> None:
    with pytest.raises(RobenchError, match=re.escape(sentence)):
        robench.evaluate(lambda pixels: pixels, "digits-c", **wrong)


class Unsteady(nn.Module):
    """What a forgotten ``eval()`` leaves, or an order of the batch that is not kept."""

    def __init__(self, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.change = change
        self.linear = nn.Linear(3 * 32 * 32, 10)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.change(self.linear(pixels.flatten(1)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda y: y.flip(0), "depend on the rest of its batch or on chance"),
        (lambda y: nn.functional.dropout(y, 0.5), "depend on the rest of its batch or on chance"),
        (lambda y: y, None),
        (lambda y: nn.functional.one_hot(y.argmax(1), 10), "the outputs are decisions"),
    ],
)
def test_outputs_that_mean_less_than_they_seem_are_noted(
    change: Callable[[torch.Tensor], torch.Tensor], sentence: str | None
) -> None:
    torch.manual_seed(0)
    said: list[str] = []
    options = {"corruptions": ["fog"], "severities": [1], "limit": 20, "normalisation": "half"}
    robench.evaluate(Unsteady(change), "digits-c", say=said.append, **options)
    noted = [line for line in said if line.startswith("note: ") and "output" in line]
    assert [sentence in line for line in noted] == ([True] if sentence else [])


def test_percentages_are_refused() -> None:
    with pytest.raises(RobenchError, match="gives percentages that sum to 100"):
        robench.evaluate(
            lambda pixels: 100 * pixels.flatten(1)[:, :10].softmax(1), "digits-c", limit=20
        )
