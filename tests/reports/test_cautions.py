"""What a reader is warned of."""

import pytest

from reports.cautions import cautions, listed
from reports.results import read_results
from tests.reports.synthetic import write_run

TRAINING = {"method": "x", "dataset": "cifar-10", "seed": 0}


def said(tmp_path, *runs) -> list[str]:
    paths = [
        write_run(tmp_path / str(number), name, conditions=["clean"], **changes)
        for number, (name, changes) in enumerate(runs)
    ]
    return cautions(read_results(paths, mixed=True))


def test_runs_that_share_a_caution_share_its_sentence(tmp_path):
    known = {"model": {"training": {**TRAINING, "overlaps": ["noise"]}}}
    sentences = said(tmp_path, ("a", known), ("b", known), ("c", {}))
    assert "a and b: trained with noise, which overlap with test corruptions." in sentences[0]
    assert sentences[1].startswith("c: training is not on record")


def test_a_training_on_record_without_overlap_needs_no_caution(tmp_path):
    known = {"model": {"training": {**TRAINING, "overlaps": []}}, "data": {"images": 10_000}}
    assert said(tmp_path, ("a", known)) == [
        "a: 1 of 76 conditions are finished; what needs the others is refused."
    ]


def test_a_part_of_the_images_is_said(tmp_path):
    sentences = said(tmp_path, ("a", {"data": {"limit": 300}}))
    assert any(each.startswith("a: evaluated on 300 of 10,000 images") for each in sentences)


def test_a_folder_that_holds_a_part_of_the_test_set_is_said_too(tmp_path):
    sentences = said(tmp_path, ("a", {"data": {"limit": None, "images": 1300}}))
    assert any(each.startswith("a: evaluated on 1,300 of 10,000 images") for each in sentences)
    whole = said(tmp_path / "whole", ("a", {"data": {"limit": None, "images": 10_000}}))
    assert not any("evaluated on" in each for each in whole)


def test_a_checkpoint_of_the_middle_of_a_training_is_said(tmp_path):
    middle = {**TRAINING, "overlaps": [], "epoch": 3, "recipe": {"epochs": 10}}
    sentences = said(
        tmp_path,
        ("a", {"model": {"training": middle}}),
        ("b", {"model": {"training": middle | {"epoch": 10}}}),
    )
    assert "a: a checkpoint of 3 of 10 epochs of its training." in sentences


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abcd", "a, b, c and d"),
        ("abcdefg", "a, b, c, d and 3 more"),
    ],
)
def test_names_in_a_row(names, text):
    assert listed(names) == text
