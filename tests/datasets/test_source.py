import numpy as np
import pytest

from robench import datasets
from robench.datasets import ArraySource, stratified
from robench.errors import RobenchError


def source(count: int = 6, **changes: object) -> ArraySource:
    arguments = {
        "name": "toy",
        "description": "a toy",
        "classes": ("a", "b"),
        "images": np.zeros((count, 32, 32, 3), np.uint8),
        "labels": np.arange(count) % 2,
        "indices": np.arange(count),
    }
    return ArraySource(**{**arguments, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"images": np.zeros((6, 32, 32, 3), np.float32)}, "must be uint8"),
        ({"images": np.zeros((6, 32, 32), np.uint8)}, r"must be uint8 \(N, H, W, 3\)"),
        ({"labels": np.zeros(5, np.int64)}, "6 images but labels of shape"),
        ({"labels": np.full(6, -1)}, "label -1 of image 0 is outside the 2 classes"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict, sentence: str) -> None:
    with pytest.raises(RobenchError, match=sentence):
        source(**changes)


def test_the_manifest_changes_with_pixels_labels_and_selection() -> None:
    other_pixels = np.zeros((6, 32, 32, 3), np.uint8)
    other_pixels[5, 31, 31, 2] = 1
    digests = [
        source().manifest_sha256(),
        source(images=other_pixels).manifest_sha256(),
        source(labels=np.zeros(6, np.int64)).manifest_sha256(),
        source().select(np.array([0, 1, 2, 3, 4])).manifest_sha256(),
    ]
    assert len(set(digests)) == len(digests)
    assert source().manifest_sha256() == digests[0]


def test_a_limit_takes_the_classes_in_turn() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    assert stratified(labels, 3).tolist() == [0, 4, 6]
    assert stratified(labels, 6).tolist() == [0, 1, 2, 4, 5, 6]
    assert stratified(labels, 7).tolist() == list(range(7))


def test_a_limit_below_the_number_of_classes_is_spread_over_them() -> None:
    labels = np.repeat(np.arange(100), 3)
    chosen = labels[stratified(labels, 20)]
    assert len(set(chosen)) == 20
    assert chosen.min() < 20 <= 80 < chosen.max()
    assert stratified(labels, 20).tolist() == stratified(labels, 20).tolist()
    more = stratified(labels, 120)  # one of each class, and a second of twenty
    assert np.bincount(labels[more]).min() == 1
    assert set(labels[more][np.bincount(labels[more])[labels[more]] == 2]) == set(chosen)
    assert set(stratified(labels, 100)) == set(range(0, 300, 3))


@pytest.mark.parametrize("limit", [0, -1, 8])
def test_an_impossible_limit_is_refused(limit: int) -> None:
    with pytest.raises(RobenchError, match="limit must be 1 to 7"):
        stratified(np.zeros(7, np.int64), limit)


def test_digits_are_split_once_and_for_all() -> None:
    train, test = datasets.load("digits", "train"), datasets.load("digits", "test")
    assert (len(train.labels), len(test.labels)) == (1297, 500)
    assert test.indices.tolist() == list(range(1297, 1797))
    images = test.read(0, 500)
    assert images.shape == (500, 32, 32, 3)
    assert np.array_equal(images[..., 0], images[..., 2])  # grey
    assert (images.min(), images.max()) == (0, 255)
    assert sorted(set(test.labels.tolist())) == list(range(10))


def test_an_unknown_dataset_and_split_are_named() -> None:
    with pytest.raises(RobenchError, match="did you mean 'cifar-10'"):
        datasets.load("cifar10")
    with pytest.raises(RobenchError, match="'train' or 'test', got 'val'"):
        datasets.load("digits", "val")
