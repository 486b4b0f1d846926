import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from robench.errors import RobenchError
from robench.records import COLUMNS, Run, merge_runs, open_run, prepare_run, records_of, start_run
from robench.suites import CLEAN, Condition

FOG = Condition("fog", 3)


def info(**changes: object) -> dict:
    return {
        "format": 1,
        "robench": "1.0",
        "name": "toy",
        "command": ["first"],
        "started": "then",
        "model": {"sha256": "abc", "architecture": "resnet20"},
        "preprocessing": {"mean": [0.5] * 3, "std": [0.5] * 3},
        "suite": "digits-c",
        "preset": "cifar",
        "seed": 0,
        "data": {"description": "digits", "manifest_sha256": "def", "limit": None, "images": 4},
        "conditions": ["clean", "fog-3"],
        "precision": "fp32",
        "libraries": {"torch": "2.0"},
        "seconds": 1.0,
        **changes,
    }


def some_records() -> "tuple[torch.Tensor, np.ndarray, np.ndarray]":
    logits = torch.tensor([[1.0, 2.0, 0.0], [5.0, 5.0, 1.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 3.0]])
    return logits, np.array([1, 1, 2, 0]), np.array([3, 7, 8, 9])


def test_a_record_by_hand() -> None:
    table = records_of(*some_records())
    assert table["prediction"].tolist() == [1, 0, 0, 2]
    assert table["label_rank"].tolist() == [0, 1, 2, 2]  # ties: the smaller class comes first
    uniform = table.iloc[2]
    assert uniform["confidence"] == pytest.approx(1 / 3)
    assert uniform["nll"] == pytest.approx(np.log(3))
    assert uniform["entropy"] == pytest.approx(np.log(3))
    assert uniform["sum_p_squared"] == pytest.approx(1 / 3)
    assert uniform["logsumexp"] == pytest.approx(np.log(3))
    assert uniform["max_logit"] == 0
    p = np.exp([1.0, 2.0, 0.0]) / np.exp([1.0, 2.0, 0.0]).sum()
    assert table["confidence"][0] == pytest.approx(p[1])
    assert table["nll"][0] == pytest.approx(-np.log(p[1]))
    assert table["entropy"][0] == pytest.approx(-(p * np.log(p)).sum())


def test_a_certain_prediction_has_zero_entropy_and_no_nan() -> None:
    table = records_of(torch.tensor([[1e4, 0.0]]), np.array([1]), np.array([0]))
    assert table["entropy"][0] == 0
    assert table["nll"][0] == 1e4
    assert not table.isna().any().any()


def test_columns_are_small_and_survive_the_disk(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info())
    table = records_of(*some_records())
    run.write(FOG, table)
    assert run.conditions() == (FOG,)
    again = open_run(tmp_path / "run").read(FOG)
    assert again.equals(table)
    assert {name: again[name].dtype for name in again} == {
        n: np.dtype(t) for n, t in COLUMNS.items()
    }
    assert sum(np.dtype(t).itemsize for t in COLUMNS.values()) <= 36


def test_conditions_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info(conditions=["clean", "snow-1", "fog-3"]))
    for condition in (FOG, CLEAN, Condition("snow", 1)):
        run.write(condition, records_of(*some_records()))
    assert list(map(str, run.conditions())) == ["clean", "snow-1", "fog-3"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_run(tmp_path / "run", info())
    table = records_of(*some_records())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    with pytest.raises(RobenchError, match="No space left on device"):
        run.write(FOG, table)
    assert run.conditions() == ()
    assert [path.name for path in run.path.rglob("*") if path.is_file()] == ["run.json"]


def test_a_damaged_record_file_is_named(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info())
    run.write(FOG, records_of(*some_records()))
    path = tmp_path / "run/records/digits-c/fog-3.parquet"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(
        RobenchError, match=r"fog-3\.parquet is damaged .* delete it and evaluate again"
    ):
        run.read(FOG)


def test_a_function_in_no_file_may_be_another_and_is_only_continued_if_said_to_be_the_same(
    tmp_path: Path,
) -> None:
    unknown = info(model={"sha256": None, "architecture": None})
    start_run(tmp_path / "run", unknown).write(FOG, records_of(*some_records()))
    with pytest.raises(RobenchError, match="nothing tells whether it is of this model"):
        start_run(tmp_path / "run", unknown)
    assert start_run(tmp_path / "run", unknown, resume=True).conditions() == (FOG,)


def test_a_run_in_which_nothing_was_stored_is_not_in_the_way(tmp_path: Path) -> None:
    start_run(tmp_path / "run", info())
    (tmp_path / "run" / ".run.json.123.tmp").write_text("{")
    later = info(seed=1)
    assert start_run(tmp_path / "run", later).info == later
    assert open_run(tmp_path / "run").info == later


def test_a_kill_while_the_first_file_is_written_leaves_the_folder_usable(tmp_path: Path) -> None:
    (tmp_path / ".run.json.123.tmp").write_text("{")
    (tmp_path / ".lock").touch()
    assert start_run(tmp_path, info()).info == info()


def test_preparing_writes_nothing(tmp_path: Path) -> None:
    run = prepare_run(tmp_path / "run", info())
    assert not run.is_begun()
    assert not (tmp_path / "run").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(RobenchError, match="is not empty and is not a run"):
        start_run(tmp_path, info())


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"seed": 1}, "seed is 0, this one's is 1"),
        ({"robench": "1.1"}, "its robench version is 1.0, this one's is 1.1"),
        ({"preset": "imagenet"}, "preset is cifar"),
        ({"suite": "cifar-10-c"}, "suite is digits-c"),
        ({"model": {"sha256": "xyz", "architecture": "resnet20"}}, "model sha256 is abc"),
        (
            {"data": {"description": "digits", "manifest_sha256": "def", "limit": 2, "images": 2}},
            "data limit is none",
        ),
        ({"preprocessing": {"mean": [0] * 3, "std": [0.5] * 3}}, "preprocessing mean"),
    ],
)
def test_another_run_is_not_resumed(tmp_path: Path, changes: dict, difference: str) -> None:
    start_run(tmp_path / "run", info()).write(FOG, records_of(*some_records()))
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RobenchError, match=difference):
        start_run(tmp_path / "run", info(**changes), resume=True)
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_versions_of_libraries_that_were_in_use_before_are_kept(tmp_path: Path) -> None:
    old, new = {"torch": "2.0"}, {"torch": "2.1"}
    start_run(tmp_path / "run", info(libraries=old))
    for libraries in (old, new, new, old):
        run = start_run(tmp_path / "run", info(libraries=libraries), resume=True)
        assert open_run(tmp_path / "run").info == run.info
    assert run.info["libraries"] == old
    assert run.info["earlier_libraries"] == [old, new]


def test_a_resumed_run_keeps_its_beginning_and_adds_conditions(tmp_path: Path) -> None:
    start_run(tmp_path / "run", info())
    later = info(command=["second"], started="now", conditions=["clean", "snow-1"], batch_size=7)
    run = start_run(tmp_path / "run", later, resume=True)
    assert run.info["command"] == ["first"]
    assert run.info["conditions"] == ["clean", "fog-3", "snow-1"]
    assert open_run(tmp_path / "run").info == run.info


def test_what_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="it does not exist"):
        open_run(tmp_path / "nowhere")
    with pytest.raises(RobenchError, match=r"it has no run\.json"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text('{"format": 2}')
    with pytest.raises(RobenchError, match="run format 2, this robench reads format 1"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text('{"format": "robench-training/1"}')
    with pytest.raises(RobenchError, match=r"is a training run; evaluate its checkpoint: robench"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RobenchError, match="cannot be read"):
        open_run(tmp_path)


def test_a_run_is_only_its_path_and_info(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info())
    assert open_run(run.path) == Run(run.path, info())


def test_no_flip_of_a_bit_changes_a_record(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info())
    table = records_of(*some_records())
    run.write(FOG, table)
    path = tmp_path / "run/records/digits-c/fog-3.parquet"
    whole, noticed = path.read_bytes(), 0
    for place in range(4, len(whole), 37):
        broken = bytearray(whole)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        try:
            assert run.read(FOG).equals(table)
        except RobenchError:
            noticed += 1
    assert noticed > 10


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("prediction", 999),
        ("prediction", -1),
        ("label_rank", 3),
        ("confidence", 7.0),
        ("nll", np.nan),
    ],
)
def test_a_record_that_cannot_be_is_refused_also_without_a_digest(
    tmp_path: Path, column: str, value: float
) -> None:
    model = {"sha256": "abc", "architecture": "resnet20", "num_classes": 3}
    run = start_run(tmp_path / "run", info(model=model))
    table = records_of(*some_records())
    run.write(FOG, table)
    path = tmp_path / "run/records/digits-c/fog-3.parquet"
    table.to_parquet(path, index=False)  # as earlier versions wrote them
    assert run.read(FOG).equals(table)
    table.loc[1, column] = value
    table.astype(COLUMNS).to_parquet(path, index=False)
    with pytest.raises(
        RobenchError, match=rf"fog-3\.parquet is damaged \({column} is .*evaluate again"
    ):
        run.read(FOG)


def test_records_of_another_model_or_condition_are_refused(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", info())
    run.write(FOG, records_of(*some_records()))
    folder = tmp_path / "run/records/digits-c"
    (folder / "clean.parquet").write_bytes((folder / "fog-3.parquet").read_bytes())
    with pytest.raises(RobenchError, match="another condition: fog-3, this run's is clean"):
        run.read(CLEAN)
    with pytest.raises(RobenchError, match="another condition"):
        merge_runs([run.path], tmp_path / "merged")
    other = start_run(tmp_path / "other", info(model={"sha256": "xyz"}))
    with pytest.raises(RobenchError, match="another model: abc, this run's is xyz"):
        (tmp_path / "other/records/digits-c").mkdir(parents=True)
        (tmp_path / "other/records/digits-c/fog-3.parquet").write_bytes(
            (folder / "fog-3.parquet").read_bytes()
        )
        other.read(FOG)


@pytest.mark.parametrize("suite", ["../../x", "/tmp/x", "..", "", "a\nb", "a\\b"])
def test_a_suite_that_names_a_path_is_refused(tmp_path: Path, suite: str) -> None:
    start_run(tmp_path / "run", info(suite=suite))
    with pytest.raises(RobenchError, match="suite must be a plain name"):
        merge_runs([tmp_path / "run"], tmp_path / "out")
    assert not any((tmp_path / "out").glob("*.json"))


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": ["../fog-3"]},
        {"conditions": [3]},
        {"name": "a\nb"},
        {"model": {"sha256": "abc", "num_classes": "3"}},
        {"seed": True},
    ],
)
def test_wrong_entries_are_refused(tmp_path: Path, changes: dict) -> None:
    start_run(tmp_path / "run", info(**changes))
    with pytest.raises(RobenchError, match=r"run\.json is damaged"):
        open_run(tmp_path / "run")


def test_a_run_file_that_is_no_file_or_nested_without_end_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text("[" * 200_000)
    with pytest.raises(RobenchError, match="nested too deeply"):
        open_run(tmp_path)
    file.write_text(json.dumps([]))
    with pytest.raises(RobenchError, match="no object but a list"):
        open_run(tmp_path)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(RobenchError, match="no regular file"):
        open_run(tmp_path)
