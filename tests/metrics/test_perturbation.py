"""Flip probability and top-class distances: by hand, and against rank permutations written out plainly."""

import numpy as np
import pytest
import torch

from robench.errors import RobenchError
from robench.metrics.perturbation import (
    SEQUENCE_METRICS,
    STEPS,
    TOP_COLUMNS,
    against_first,
    flip_probability,
    pairs,
    top5_distance,
    zipf_distances,
)
from robench.sequence_records import SEQUENCE_COLUMNS, sequence_records_of

VIDEOS, FRAMES, CLASSES = 5, 9, 12


def logits(seed: int = 0) -> np.ndarray:
    """Return logits that drift, rounded so that some of them tie: float64 (N, F, K)."""
    random = np.random.default_rng(seed)
    start = random.normal(size=(VIDEOS, 1, CLASSES))
    return np.round(start + 0.4 * random.normal(size=(VIDEOS, FRAMES, CLASSES)), 1)


def ranked(frame: np.ndarray) -> list[int]:
    """Return the classes of a frame, the largest logit first, equal ones by number."""
    return sorted(range(len(frame)), key=lambda k: (-frame[k], k))


def plain(video: np.ndarray, to_first: bool, step: int) -> tuple[float, float, float]:
    """Return the three values of one video as the paper writes them: a permutation per pair of frames."""
    flips, tops, zipfs = [], [], []
    starts = range(1) if to_first else range(step)
    for start in starts:
        frames = video if to_first else video[start::step]
        reference = ranked(frames[0])
        for frame in frames[1:]:
            now = ranked(frame)
            sigma = [now.index(k) + 1 for k in reference]
            c = [min(i, 5) for i in range(len(now))]
            flips.append(now[0] != reference[0])
            tops.append(sum(abs(c[i] - c[sigma[i] - 1]) for i in range(5)))
            zipfs.append(sum(abs(1 / (i + 1) - 1 / s) / (i + 1) for i, s in enumerate(sigma)))
            if not to_first:
                reference = now
    return float(np.mean(flips)), float(np.mean(tops)), float(np.mean(zipfs))


@pytest.mark.parametrize(("to_first", "step"), [(True, 1), *((False, step) for step in STEPS)])
def test_records_give_what_the_paper_writes(to_first: bool, step: int) -> None:
    made = logits()
    records = sequence_records_of(
        torch.from_numpy(made), np.arange(VIDEOS), np.arange(VIDEOS) + 7, to_first
    )
    expected = np.array([plain(video, to_first, step) for video in made]).T
    assert (expected > 0).all()
    for metric, values in zip(SEQUENCE_METRICS.values(), expected, strict=True):
        found = metric.per_video(records, to_first, step)
        np.testing.assert_allclose(found, values, rtol=1e-6)


def test_flips_by_hand() -> None:
    predictions = np.array([[3, 3, 4, 3, 3], [1, 2, 2, 2, 1]])
    np.testing.assert_allclose(flip_probability(predictions, to_first=True), [1 / 4, 3 / 4])
    np.testing.assert_allclose(flip_probability(predictions, to_first=False), [2 / 4, 2 / 4])
    # Frames 0-2, 1-3, 2-4; then 0-3 and 1-4.
    np.testing.assert_allclose(flip_probability(predictions, False, 2), [2 / 3, 2 / 3])
    np.testing.assert_allclose(flip_probability(predictions, False, 3), [0, 1])


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 0),
        ([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], 2),
        ([0, 1, 2, 3, 4], [0, 1, 2, 3, 9], 1),
        ([0, 1, 2, 3, 4], [9, 0, 1, 2, 3], 5),
        ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9], 15),
        # Class 1 moves by one and four others leave: 1 + 5 + 3 + 2 + 1; the other way 1 + 4 + 3 + 2 + 1.
        ([0, 1, 2, 3, 4], [1, 6, 7, 8, 9], 12),
        ([1, 6, 7, 8, 9], [0, 1, 2, 3, 4], 11),
    ],
)
def test_top5_distance_by_hand(before: list[int], after: list[int], distance: int) -> None:
    top = np.array([[before, after]])
    assert top5_distance(top, to_first=True) == top5_distance(top, to_first=False) == distance


def test_zipf_distance_by_hand() -> None:
    ranks = np.array([[[1, 2, 3], [2, 1, 3]]])
    # Ranks 1 and 2 change places: (1 - 1/2) * 1 + (1 - 1/2) * 1/2.
    np.testing.assert_allclose(zipf_distances(ranks, to_first=False), [[np.nan, 0.75]])


def test_noise_is_compared_with_its_first_frame() -> None:
    assert list(map(against_first, ("speckle_noise_2", "shot_noise", "tilt", "gaussian_blur"))) == [
        True,
        True,
        False,
        False,
    ]
    assert list(pairs(4, True)) == [(0, 1), (0, 2), (0, 3)]
    assert list(pairs(4, False)) == [(0, 1), (1, 2), (2, 3)]
    assert list(pairs(5, False, 3)) == [(0, 3), (1, 4)]
    with pytest.raises(ValueError, match="without steps; got step 2"):
        list(pairs(4, True, 2))


def test_four_classes_are_too_few() -> None:
    with pytest.raises(RobenchError, match="sequences need at least 5 classes"):
        sequence_records_of(torch.zeros(1, 3, 4), np.zeros(1), np.zeros(1), False)


def test_many_classes_of_equal_logits_rank_by_number() -> None:
    """A sort that is not stable would put them in any order, but only where there are many."""
    made = np.random.default_rng(0).integers(0, 3, (1, 2, 1000)).astype(float)
    records = sequence_records_of(torch.from_numpy(made), np.zeros(1), np.zeros(1), False)
    expected = [ranked(frame)[:5] for frame in made[0]]
    assert records[list(TOP_COLUMNS)].to_numpy().tolist() == expected


def test_records_are_small_and_name_every_frame() -> None:
    records = sequence_records_of(
        torch.from_numpy(logits()).float(), np.arange(VIDEOS) % 3, np.arange(VIDEOS) * 10, False
    )
    assert {name: records[name].dtype for name in records} == {
        name: np.dtype(kind) for name, kind in SEQUENCE_COLUMNS.items()
    }
    assert sum(np.dtype(kind).itemsize for kind in SEQUENCE_COLUMNS.values()) <= 30
    assert records["index"].tolist() == np.repeat(np.arange(VIDEOS) * 10, FRAMES).tolist()
    assert records["frame"].tolist() == list(range(FRAMES)) * VIDEOS
    assert records["label"].tolist() == np.repeat(np.arange(VIDEOS) % 3, FRAMES).tolist()
    assert records["zipf_distance_3"].isna().tolist() == [k < 3 for k in range(FRAMES)] * VIDEOS
