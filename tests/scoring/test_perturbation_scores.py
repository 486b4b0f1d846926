"""Scores of sequences from made-up records whose every mean is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from robench import scoring, suites
from robench.errors import RobenchError
from robench.records import Run, start_run
from robench.sequence_records import SEQUENCE_COLUMNS
from robench.suites import Condition, Suite
from tests.test_records import info

CIFAR = suites.registry()["cifar-10-p"]
VIDEOS, FRAMES = 20, 11


def records(flips: np.ndarray) -> pd.DataFrame:
    """Return records of which video ``v`` predicts a new class in each of its last ``flips[v]`` frames."""
    frame = np.tile(np.arange(FRAMES), VIDEOS)
    changed = frame - (FRAMES - 1 - np.repeat(flips, FRAMES))
    columns = dict.fromkeys(SEQUENCE_COLUMNS, np.zeros(len(frame)))
    columns |= {"index": np.repeat(np.arange(VIDEOS), FRAMES), "frame": frame}
    columns |= {"prediction": changed.clip(0), "zipf_distance": (changed > 0) * 0.5}
    # The four classes below are never among the predictions.
    columns |= {name: np.full(len(frame), 90 + k) for k, name in enumerate(list(columns)[4:8])}
    return pd.DataFrame(
        {name: np.asarray(columns[name], t) for name, t in SEQUENCE_COLUMNS.items()}
    )


def run_of(path: Path, suite: Suite, flips: dict[str, np.ndarray]) -> Run:
    asked = [str(condition) for condition in suite.conditions()]
    data = {"description": "", "manifest_sha256": "", "limit": None, "images": VIDEOS}
    run = start_run(path, info(suite=suite.name, conditions=asked, data=data))
    for name, count in flips.items():
        run.write(Condition(name, 0), records(count))
    return run


def steps(suite: Suite) -> dict[str, np.ndarray]:
    """Return number of sequence + number of video, modulo 11, flips."""
    return {
        name: (number + np.arange(VIDEOS)) % FRAMES for number, name in enumerate(suite.corruptions)
    }


def value(scores: scoring.Scores, metric: str, corruption: str) -> "pd.Series[float]":
    table = scores.table
    chosen = table[(table["metric"] == metric) & (table["corruption"] == corruption)]
    (row,) = (chosen.iloc[k] for k in range(len(chosen)))
    return row


def assert_interval(row: "pd.Series[float]", per_video: np.ndarray) -> None:
    """The interval is that of a mean over videos, here about the normal one."""
    half = 1.96 * per_video.std(ddof=1) / VIDEOS**0.5
    assert (row["low"], row["high"]) == pytest.approx(
        (per_video.mean() - half, per_video.mean() + half), abs=0.2 * half
    )


def test_means_by_hand(tmp_path: Path) -> None:
    flips = steps(CIFAR)
    scores = scoring.score(run_of(tmp_path / "run", CIFAR, flips))
    # In noise, all frames after the first change differ from the first frame; elsewhere each differs from the last one.
    rates = {name: count / (FRAMES - 1) for name, count in flips.items()}
    for name, rate in rates.items():
        row = value(scores, "flip_probability", name)
        assert row["value"] == pytest.approx(rate.mean())
        assert_interval(row, rate)
        assert row["n"] == VIDEOS
        assert value(scores, "zipf_distance", name)["value"] == pytest.approx(rate.mean() / 2)
        # The top class leaves the first five, the others stay.
        assert value(scores, "top5_distance", name)["value"] == pytest.approx(5 * rate.mean())
    mean = value(scores, "mean_flip_probability", "all")
    per_video = np.mean(list(rates.values()), axis=0)
    assert mean["value"] == pytest.approx(per_video.mean())
    assert_interval(mean, per_video)
    assert value(scores, "mean_top5_distance", "all")["value"] == pytest.approx(5 * mean["value"])
    assert scores.table["severity"].isna().all()
    assert scores.refused == {}


def test_steps_are_of_all_but_noise(tmp_path: Path) -> None:
    scores = scoring.score(run_of(tmp_path / "run", CIFAR, steps(CIFAR)))
    flips = steps(CIFAR)["tilt"]
    # Of the 9 pairs two apart, those whose later frame is one of the last f differ.
    expected = np.minimum(flips, 9) / 9
    assert value(scores, "flip_probability_2", "tilt")["value"] == pytest.approx(expected.mean())
    stepped = scores.table[scores.table["metric"].str.endswith(("_2", "_3"))]["corruption"]
    assert set(stepped) == {name for name in CIFAR.corruptions if "noise" not in name}


def test_higher_difficulty_takes_the_stronger_noises(tmp_path: Path) -> None:
    flips = steps(CIFAR)
    run = run_of(tmp_path / "run", CIFAR, flips)
    run.write(Condition("gaussian_noise_2", 0), records(np.full(VIDEOS, 10)))
    scores = scoring.score(run)
    assert "1 of 10 conditions missing (shot_noise_2)" in scores.refused["mean_flip_probability_2"]
    assert "mean_flip_probability_3" not in scores.refused
    run.write(Condition("shot_noise_2", 0), records(np.full(VIDEOS, 10)))
    scores = scoring.score(run)
    others = [name for name in CIFAR.corruptions if "noise" not in name]
    expected = 2 * 1 + sum(value(scores, "flip_probability_2", name)["value"] for name in others)
    mean = value(scores, "mean_flip_probability_2", "all")["value"]
    assert mean == pytest.approx(expected / 10)
    assert scores.refused == {}


def test_a_missing_sequence_costs_the_mean_by_name(tmp_path: Path) -> None:
    flips = steps(CIFAR)
    del flips["spatter"]
    scores = scoring.score(run_of(tmp_path / "run", CIFAR, flips))
    assert "1 of 10 conditions missing (spatter)" in scores.refused["mean_flip_probability"]
    assert "all" not in set(scores.table["corruption"])


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    whole = run_of(tmp_path / "a", CIFAR, steps(CIFAR))
    shuffled = run_of(tmp_path / "b", CIFAR, steps(CIFAR))
    tilt = Condition("tilt", 0)
    shuffled.write(tilt, whole.read(tilt).sample(frac=1, random_state=0))
    pd.testing.assert_frame_equal(scoring.score(whole).table, scoring.score(shuffled).table)


@pytest.mark.parametrize("change", [lambda r: r.assign(index=r["index"] + 1), lambda r: r[:-1]])
def test_sequences_of_other_images_or_with_holes_are_refused(
    tmp_path: Path, change: object
) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    tilt = Condition("tilt", 0)
    run.write(tilt, change(run.read(tilt)))  # type: ignore[operator]
    with pytest.raises(
        RobenchError, match="tilt holds other images or labels than the rest, or not every"
    ):
        scoring.score(run)


IMAGENET = suites.registry()["imagenet-p"]


def baseline_of(path: Path, suite: Suite) -> Run:
    """Return a run that flips five times in every video, and its top class leaves the first five each time."""
    return run_of(path, suite, {name: np.full(VIDEOS, 5) for name in suite.corruptions})


def test_ratios_to_a_baseline_by_hand(tmp_path: Path) -> None:
    other = baseline_of(tmp_path / "alexnet", IMAGENET)
    run = run_of(tmp_path / "run", IMAGENET, steps(IMAGENET))
    scores = scoring.write_scores(run, scoring.open_baseline(other.path, IMAGENET))
    assert scores.divided_by == other.name
    assert scores.refused == {}
    # The baseline's flip probability is 1/2 everywhere, its top-5 distance 5/2.
    for metric, ratio, mean, divisor in (
        ("flip_probability", "flip_rate", "mfr", 0.5),
        ("top5_distance", "t5d", "mt5d", 2.5),
    ):
        for name in IMAGENET.corruptions:
            expected = value(scores, metric, name)["value"] / divisor
            assert value(scores, ratio, name)["value"] == pytest.approx(expected)
        whole = value(scores, f"mean_{metric}", "all")["value"] / divisor
        assert value(scores, mean, "all")["value"] == pytest.approx(whole)


def test_a_run_divided_by_itself_is_exactly_one(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    flips = {name: random.integers(1, 11, VIDEOS) for name in IMAGENET.corruptions}
    first, second = (run_of(tmp_path / name, IMAGENET, flips) for name in "ab")
    table = scoring.write_scores(first, second).table
    ratios = table[table["metric"].isin(["flip_rate", "mfr", "t5d", "mt5d"])]
    assert len(ratios) == 2 * (len(IMAGENET.corruptions) + 1)
    assert (ratios["value"] == 1.0).all()


def test_the_mean_ratio_is_not_the_ratio_of_means(tmp_path: Path) -> None:
    flips = {name: np.full(VIDEOS, 5) for name in IMAGENET.corruptions} | {
        "tilt": np.full(VIDEOS, 1)
    }
    other = run_of(tmp_path / "alexnet", IMAGENET, flips)
    run = baseline_of(tmp_path / "run", IMAGENET)
    scores = scoring.write_scores(run, other)
    assert value(scores, "flip_rate", "tilt")["value"] == pytest.approx(5)
    assert value(scores, "mfr", "all")["value"] == pytest.approx((9 + 5) / 10)


def test_a_baseline_stays_with_the_run(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    first = scoring.write_scores(run, baseline_of(tmp_path / "alexnet", CIFAR))
    for path in sorted((tmp_path / "alexnet").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert scoring.score(run).table.equals(first.table)
    (run.path / "baseline.json").write_text("{")
    with pytest.raises(RobenchError, match=r"baseline\.json cannot be read"):
        scoring.score(run)


def test_without_a_baseline_imagenet_ps_ratios_are_refused_by_name(tmp_path: Path) -> None:
    scores = scoring.score(run_of(tmp_path / "a", IMAGENET, steps(IMAGENET)))
    assert set(scores.refused) == {"mfr", "mt5d"}
    assert "--model torchvision:alexnet --suite imagenet-p" in scores.refused["mfr"]
    assert value(scores, "mean_flip_probability", "all")["n"] == VIDEOS
    assert scoring.score(run_of(tmp_path / "b", CIFAR, steps(CIFAR))).refused == {}


def test_a_baseline_that_never_flips_divides_nothing(tmp_path: Path) -> None:
    flips = steps(IMAGENET) | {"tilt": np.zeros(VIDEOS, int)}
    other = run_of(tmp_path / "alexnet", IMAGENET, flips)
    scores = scoring.write_scores(run_of(tmp_path / "run", IMAGENET, steps(IMAGENET)), other)
    assert "flip_probability of toy is 0 on tilt" in scores.refused["mfr"]
    assert not {"mfr", "flip_rate"} & set(scores.table["metric"])


def test_what_is_no_baseline_is_refused(tmp_path: Path) -> None:
    other = run_of(tmp_path / "alexnet", IMAGENET, {"tilt": np.full(VIDEOS, 5)})
    with pytest.raises(RobenchError, match="is no baseline of imagenet-p yet: 9 of 10 conditions"):
        scoring.open_baseline(other.path, IMAGENET)
    with pytest.raises(RobenchError, match="of cifar-10-p: it is a run of imagenet-p"):
        scoring.open_baseline(other.path, CIFAR)
    with pytest.raises(RobenchError, match="for -C and -P suites, which imagenet-r is not"):
        scoring.open_baseline(other.path, suites.registry()["imagenet-r"])
    run = run_of(tmp_path / "run", CIFAR, steps(CIFAR))
    strange = baseline_of(tmp_path / "strange", CIFAR)
    strange.info["data"] = {**strange.info["data"], "manifest_sha256": "other"}
    with pytest.raises(RobenchError, match="its data manifest_sha256 is other, the run's is ;"):
        scoring.write_scores(run, strange)
