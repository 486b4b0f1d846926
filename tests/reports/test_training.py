"""Training runs in a report: what the log holds, drawn and written; what cannot be shown, refused."""

import json

import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports.figures.curves import curve
from reports.report import write_report
from reports.training import training_article
from robench.errors import RobenchError
from robench.training.loop import train
from tests.reports.synthetic import write_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trainings")
    for seed in (0, 1):
        train(
            "standard",
            "digits_cnn",
            "digits",
            folder / f"a_{seed}$",
            epochs=2,
            seed=seed,
            device="cpu",
            command=["robench", "train", "standard", "--seed", str(seed)],
        )
    return [folder / "a_0$", folder / "a_1$"]


def test_the_curves_are_the_log(trained):
    article, rows = training_article(trained)
    log = [json.loads(line) for line in (trained[1] / "log.jsonl").read_text().splitlines()]
    of_run = rows[rows["run"] == "a_1$"]
    assert list(of_run["train_loss"]) == [line["train_loss"] for line in log]
    drawing = next(each for each in article.drawings if each.stem == "training-test-error")
    axes = drawing.draw(drawing.data, Figure().subplots())
    assert list(axes.lines[1].get_ydata()) == [line["test_error"] for line in log]
    assert axes.lines[1].get_label() == "a_1$"


def test_ends_and_recipe_are_there(trained, tmp_path):
    text = write_report(trained, tmp_path, formats=["markdown"]).read_text()
    assert "| epochs | 2 | 2 |" in text
    assert "| seed | 0 | 1 |" in text
    assert "robench train standard --seed 1" in text
    assert "--suite digits-c" in text
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {
        ".png", ".svg", ".pdf", ".csv"
    }  # fmt: skip


def test_the_same_runs_give_the_same_bytes(trained, tmp_path):
    for name in ("one", "two"):
        write_report(trained, tmp_path / name)
    first = sorted(path for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(first) == 5 + 2 * 4 + 2  # the list of what is ours, and the lock
    for path in first:
        assert (
            path.read_bytes()
            == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
        )


def test_a_gap_is_not_bridged():
    data = pd.DataFrame({"run": "a", "epoch": [1, 2, 3], "loss": [3.0, None, 1.0]})
    axes = curve(data, Figure().subplots(), "loss", "Loss", in_percent=False)
    assert pd.isna(axes.lines[0].get_ydata()[1])


def test_trainings_and_evaluations_do_not_mix(trained, tmp_path):
    run = write_run(tmp_path / "run", conditions=["clean"])
    with pytest.raises(RobenchError, match="is a training run, others are evaluations"):
        write_report([run, trained[0]], tmp_path / "out")


@pytest.mark.parametrize(
    ("log", "version", "message"),
    [
        ("", "robench-training/1", "no epoch of this training is finished"),
        ("{", "robench-training/1", "cannot be read"),
        ("", "robench-training/99", "upgrade robench"),
    ],
)
def test_bad_training_runs(tmp_path, log, version, message):
    (tmp_path / "run.json").write_text(json.dumps({"format": version}))
    (tmp_path / "log.jsonl").write_text(log)
    with pytest.raises(RobenchError, match=message):
        write_report([tmp_path], tmp_path / "out")
