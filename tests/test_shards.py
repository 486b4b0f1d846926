"""Chunks, shards and stops: however the work is cut, the records are those of one undisturbed run."""

import json
from pathlib import Path

import pandas as pd
import pytest

from robench import evaluation, scoring
from robench.errors import RobenchError
from robench.evaluation import evaluate, merge
from robench.folder_lock import locked
from robench.records import open_run
from robench.shard import Shard
from tests.test_evaluation import CONDITIONS, benchmark, linear, model, table

PART = [Shard(number, 3) for number in (1, 2, 3)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "CHUNK_IMAGES", 10)


def whole(path: Path) -> Path:
    return evaluate(model(), benchmark(), path, conditions=CONDITIONS, batch_size=4).run.path


def same_records(one: Path, other: Path) -> None:
    for condition in map(str, CONDITIONS):
        pd.testing.assert_frame_equal(
            table(one, condition), table(other, condition), check_exact=True
        )


def test_shards_in_one_directory_make_the_single_run(tmp_path: Path) -> None:
    single, shared = whole(tmp_path / "single"), tmp_path / "shared"
    for shard in (PART[2], PART[0], PART[1]):
        arguments = {"conditions": CONDITIONS, "batch_size": 4, "shard": shard}
        result = evaluate(model(), benchmark(), shared, **arguments)  # type: ignore[arg-type]
        assert (result.run.info["finished"] is not None) == (shard is PART[1])
    same_records(single, shared)
    assert list(shared.rglob("*.parts")) == []


def test_every_chunk_is_computed_by_one_shard(tmp_path: Path) -> None:
    seen = []
    network = linear()

    def counting(pixels):
        seen.append(len(pixels))
        return network(pixels)

    for shard in PART:
        evaluate(model(counting), benchmark(), tmp_path / "run", conditions=CONDITIONS, shard=shard)
    assert sum(seen) == 37 * len(CONDITIONS)


def test_a_dead_shards_chunks_are_taken_up_by_whoever_comes(tmp_path: Path) -> None:
    single, shared = whole(tmp_path / "single"), tmp_path / "shared"
    for shard in (PART[0], PART[2]):
        evaluate(model(), benchmark(), shared, conditions=CONDITIONS, batch_size=4, shard=shard)
    assert open_run(shared).info["finished"] is None
    evaluate(model(), benchmark(), shared, conditions=CONDITIONS, batch_size=4, resume=True)
    same_records(single, shared)


def test_a_stop_between_the_last_chunk_and_the_joining_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    single, stopped = whole(tmp_path / "single"), tmp_path / "stopped"
    with monkeypatch.context() as patch:
        patch.setattr("robench.records.Run.join", lambda self, chunks: None)
        whole(stopped)
    assert open_run(stopped).conditions() == ()
    evaluate(model(), benchmark(), stopped, conditions=CONDITIONS, batch_size=4, resume=True)
    same_records(single, stopped)
    assert scoring.score(open_run(stopped)).table.equals(scoring.score(open_run(single)).table)


@pytest.mark.parametrize("batch", range(1, 25, 3))
def test_a_stop_in_any_batch_costs_its_chunk_only(tmp_path: Path, batch: int) -> None:
    class Stopped(BaseException):
        pass

    network, calls = linear(), 0

    def stopping(pixels):
        nonlocal calls
        calls += 1
        if calls == batch:
            raise Stopped
        return network(pixels)

    out = tmp_path / "run"
    with pytest.raises(Stopped):
        evaluate(model(stopping), benchmark(), out, conditions=CONDITIONS, batch_size=4)
    calls = 100
    evaluate(model(stopping), benchmark(), out, conditions=CONDITIONS, batch_size=4, resume=True)
    # 37 images are chunks of 10, 10, 10 and 7: three, three, three and two batches of four.
    batches = [3, 3, 3, 2] * len(CONDITIONS)
    stored = sum(batches[: next(i for i in range(20) if sum(batches[: i + 1]) >= batch)])
    assert calls - 100 == sum(batches) - stored
    same_records(whole(tmp_path / "single"), out)


def test_shards_share_a_directory_with_each_other_only(tmp_path: Path) -> None:
    busy = "is being written by another process"
    with locked(tmp_path, "1-of-2"):
        with locked(tmp_path, "2-of-2"):
            pass
        with pytest.raises(RobenchError, match=busy), locked(tmp_path):
            pass
        with pytest.raises(RobenchError, match=busy), locked(tmp_path, "1-of-2"):
            pass


def test_shards_on_machines_of_their_own_are_merged(tmp_path: Path) -> None:
    single, parts = whole(tmp_path / "single"), [tmp_path / str(shard.number) for shard in PART]
    for path, shard in zip(parts, PART, strict=True):
        evaluate(model(), benchmark(), path, conditions=CONDITIONS, batch_size=4, shard=shard)
    half = merge(parts[:2], tmp_path / "merged")
    assert half.info["finished"] is None
    merged = merge(parts[2:], tmp_path / "merged")
    assert merged.info["finished"]
    same_records(single, merged.path)


def test_runs_of_different_things_are_not_merged(tmp_path: Path) -> None:
    whole(tmp_path / "a")
    evaluate(model(), benchmark(20), tmp_path / "b", conditions=CONDITIONS)
    with pytest.raises(
        RobenchError, match=r"/b with .*/a: its data manifest_sha256 is .*, there it is"
    ):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "merged")
    assert not (tmp_path / "merged" / "run.json").exists()
    merge([tmp_path / "a"], tmp_path / "merged")
    with pytest.raises(RobenchError, match=r"/b with .*/merged: its data manifest_sha256 is"):
        merge([tmp_path / "b"], tmp_path / "merged")
    info = json.loads((tmp_path / "a" / "run.json").read_text())
    (tmp_path / "a" / "run.json").write_text(json.dumps({**info, "robench": "0.0"}))
    with pytest.raises(RobenchError) as refused:
        merge([tmp_path / "merged", tmp_path / "a"], tmp_path / "other")
    assert f"/a with {tmp_path}/merged: its robench version is 0.0, there it is " in str(
        refused.value
    )
    with pytest.raises(RobenchError, match="nothing to merge"):
        merge([], tmp_path / "merged")
