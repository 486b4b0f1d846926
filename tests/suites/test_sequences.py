"""The -P suites: official files and sequences made on the fly, and what is wrong with files."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from corruptions import frame_count, perturb
from robench import generation, scoring, suites
from robench.evaluation import Evaluation, evaluate, merge
from robench.models import NORMALISATIONS, Model
from robench.records import Run
from robench.shard import Shard
from robench.suites import Condition
from robench.suites.benchmark import Benchmark, open_benchmark

CIFAR = suites.registry()["cifar-10-p"]
NAMES = ("gaussian_noise", "translate", "motion_blur")
TILT = Condition("tilt", 0)


def model(classes: int = 10) -> Model:
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(8), torch.nn.Flatten(), torch.nn.Linear(3 * 64, classes)
    )
    return Model(network, "toy", NORMALISATIONS["half"], "test", "abc")


def evaluated(benchmark: Benchmark, out: Path, names: tuple[str, ...] = NAMES) -> Evaluation:
    classes = len(benchmark.full.classes)
    chosen = benchmark.suite.conditions(names)
    return evaluate(model(classes), benchmark, out, conditions=chosen, batch_size=64)


def same_records(one: Run, other: Run) -> None:
    assert one.conditions() == other.conditions()
    for condition in one.conditions():
        pd.testing.assert_frame_equal(one.read(condition), other.read(condition), check_exact=True)


def generate(data_dir: Path, out: Path, names: tuple[str, ...] = NAMES) -> None:
    order = generation.order_for(suite="cifar-10-p", data_dir=data_dir, names=names)
    generation.generate(order, out)


def test_arrays_and_on_the_fly_give_the_same_records(cifar_dir: Path, tmp_path: Path) -> None:
    fly = evaluated(open_benchmark(CIFAR, cifar_dir), tmp_path / "fly")
    generate(cifar_dir, cifar_dir / "CIFAR-10-P")
    benchmark = open_benchmark(CIFAR, cifar_dir)
    assert "the sequences in " in benchmark.description()
    folder = evaluated(benchmark, tmp_path / "folder")
    assert folder.failed == fly.failed == {}
    same_records(folder.run, fly.run)
    assert scoring.score(folder.run).table.equals(scoring.score(fly.run).table)
    part = open_benchmark(CIFAR, cifar_dir, limit=7)
    records = evaluated(part, tmp_path / "part").run.read(Condition("translate", 0))
    whole = fly.run.read(Condition("translate", 0))
    chosen = whole[whole["index"].isin(part.clean.indices)].reset_index(drop=True)
    pd.testing.assert_frame_equal(records, chosen, check_exact=True)


def test_predictions_are_the_networks_on_every_frame(cifar_dir: Path, tmp_path: Path) -> None:
    benchmark = open_benchmark(CIFAR, cifar_dir, seed=5)
    name = "shot_noise"
    records = evaluated(benchmark, tmp_path / "run", (name,)).run.read(Condition(name, 0))
    frames = perturb(benchmark.clean.read(0, 40), name, preset="cifar", seed=5)
    pixels = torch.from_numpy(frames).flatten(0, 1).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        order = model().network((pixels - 0.5) / 0.5).argsort(1, descending=True)
    for place, column in enumerate(("prediction", "second", "third", "fourth", "fifth")):
        assert records[column].tolist() == order[:, place].tolist()
    assert records["label"].tolist() == np.repeat(benchmark.clean.labels, 31).tolist()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), r"no .*tilt\.npy; leave it out with corruptions"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1000]),
            r"tilt\.npy is truncated or not a \.npy file",
        ),
        (
            lambda path: np.save(path, np.load(path)[:, :16]),
            r"tilt\.npy: expected uint8 \(40, 31, 32, 32, 3\), got uint8 \(40, 16, 32, 32, 3\)",
        ),
        (lambda path: np.save(path, np.load(path)[1:]), r"got uint8 \(39, 31, 32, 32, 3\)"),
    ],
)
def test_a_damaged_file_costs_its_sequence_and_the_mean(
    cifar_dir: Path, tmp_path: Path, damage: object, reason: str
) -> None:
    folder = cifar_dir / "CIFAR-10-P"
    generate(cifar_dir, folder, ("tilt", "translate"))
    damage(folder / "tilt.npy")  # type: ignore[operator]
    result = evaluated(open_benchmark(CIFAR, cifar_dir), tmp_path / "run", ("tilt", "translate"))
    assert list(result.failed) == [TILT]
    assert re.search(reason, result.failed[TILT])
    assert list(map(str, result.run.conditions())) == ["clean", "translate"]
    scores = scoring.score(result.run)
    assert "9 of 10 conditions missing" in scores.refused["mean_flip_probability"]
    assert set(scores.table["corruption"]) == {"clean", "translate"}


def test_labels_of_other_images_are_refused(cifar_dir: Path, tmp_path: Path) -> None:
    folder = cifar_dir / "CIFAR-10-P"
    generate(cifar_dir, folder, ("tilt",))
    np.save(folder / "labels.npy", np.zeros(40, np.uint8))
    result = evaluated(open_benchmark(CIFAR, cifar_dir), tmp_path / "run", ("tilt",))
    assert "its 40 labels are not the 40 of" in result.failed[TILT]
    (folder / "labels.npy").unlink()  # the published folder need not have any
    assert open_benchmark(CIFAR, cifar_dir).source(TILT).labels.tolist() == [
        i % 10 for i in range(40)
    ]


def test_the_folders_digest_notices_other_sequences(cifar_dir: Path) -> None:
    digests = [open_benchmark(CIFAR, cifar_dir).manifest_sha256()]
    folder = cifar_dir / "CIFAR-10-P"
    generate(cifar_dir, folder, ("tilt",))
    digests.append(open_benchmark(CIFAR, cifar_dir).manifest_sha256())
    np.save(folder / "tilt.npy", np.load(folder / "tilt.npy")[::-1])
    digests.append(open_benchmark(CIFAR, cifar_dir).manifest_sha256())
    (folder / "tilt.npy").write_bytes(b"")
    digests.append(open_benchmark(CIFAR, cifar_dir).manifest_sha256())
    assert len(set(digests)) == 4


class _Stopped(BaseException):
    pass


def test_a_stopped_run_and_shards_give_the_files_of_the_single_one(
    cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robench.evaluation.CHUNK_IMAGES", 8)
    monkeypatch.setattr("robench.evaluation.CHUNK_SEQUENCES", 4)
    benchmark = open_benchmark(CIFAR, cifar_dir, limit=11)
    arguments = {"conditions": CIFAR.conditions(NAMES), "batch_size": 64}

    def whole(name: str, **changes: object) -> Run:
        arguments_now = {**arguments, **changes}
        return evaluate(model(), benchmark, tmp_path / name, **arguments_now).run  # type: ignore[arg-type]

    single = whole("single")
    scoring.write_scores(single)
    assert list(single.path.rglob("*.parts")) == []
    for stop in (1, 6, 9):
        network, calls = model(), 0

        def stopping(pixels: torch.Tensor, network: Model = network, stop: int = stop) -> object:
            nonlocal calls
            calls += 1
            if calls > stop:
                raise _Stopped
            return network.network(pixels)

        stopped = replace(model(), network=stopping)
        with pytest.raises(_Stopped):
            evaluate(stopped, benchmark, tmp_path / f"{stop}", **arguments)  # type: ignore[arg-type]
        resumed = whole(f"{stop}", resume=True)
        scoring.write_scores(resumed)
        assert (resumed.path / "scores.csv").read_bytes() == (
            single.path / "scores.csv"
        ).read_bytes()
        same_records(resumed, single)
    for number in (2, 1):
        whole("a" if number == 1 else "b", shard=Shard(number, 2))
    same_records(merge([tmp_path / "a", tmp_path / "b"], tmp_path / "merged"), single)


@pytest.mark.parametrize("batch_size", [1, 40, 1000])
def test_the_batch_size_and_the_chunks_do_not_matter(
    cifar_dir: Path, tmp_path: Path, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = open_benchmark(CIFAR, cifar_dir, limit=11)
    whole = evaluated(benchmark, tmp_path / "whole", ("translate",)).run
    monkeypatch.setattr("robench.evaluation.CHUNK_SEQUENCES", 4)
    chosen = CIFAR.conditions(("translate",))
    run = evaluate(
        model(), benchmark, tmp_path / "run", conditions=chosen, batch_size=batch_size
    ).run
    records, expected = (each.read(Condition("translate", 0)) for each in (run, whole))
    assert len(records) == 11 * frame_count("translate", preset="cifar")
    for column in ("index", "frame", "label", "prediction", "fifth"):
        assert records[column].tolist() == expected[column].tolist()
