"""What a reader is warned of."""

import html
import json

import pytest

from reports.cautions import Caution, cautions, listed
from reports.content import CAUTIONS_HEADING
from reports.protocol import differences
from reports.report import write_report
from reports.results import read_results
from reports.terminal import error_table
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import score
from tests.reports.synthetic import write_run

PUBLISHED = {"on_the_fly": False, "other_images": False}
TRAINING = {"method": "x", "dataset": "cifar-10", "seed": 0}


def said(tmp_path, *runs) -> list[str]:
    paths = [
        write_run(tmp_path / str(number), name, conditions=["clean"], **changes)
        for number, (name, changes) in enumerate(runs)
    ]
    return [str(each) for each in cautions(read_results(paths, mixed=True))]


def test_runs_that_share_a_caution_share_its_sentence(tmp_path):
    known = {"model": {"training": {**TRAINING, "overlaps": ["noise"]}}}
    sentences = said(tmp_path, ("a", known), ("b", known), ("c", {}))
    assert "a and b: trained with noise, which overlap with test corruptions." in sentences[-3]
    assert sentences[-1].startswith("All runs: 1 of 76 conditions")
    assert sentences[-2].startswith("c: training is not on record")


def test_a_training_on_record_without_overlap_needs_no_caution(tmp_path):
    known = {
        "model": {"training": {**TRAINING, "overlaps": []}},
        "data": {**PUBLISHED, "images": 10_000},
    }
    assert said(tmp_path, ("a", known)) == [
        "a: 1 of 76 conditions are finished; what needs the others is refused."
    ]


def test_a_part_of_the_images_is_said(tmp_path):
    sentences = said(tmp_path, ("a", {"data": {"limit": 300}}))
    assert any("estimated from 300 of 10,000 images." in each for each in sentences)
    spread = said(tmp_path / "new", ("a", {"data": {"limit": 300, "subset": None}}))
    assert any("300 of 10,000 images spread over the classes" in each for each in spread)


def test_a_named_subset_is_no_estimate_of_the_whole(tmp_path):
    named = {"limit": 300, "subset": "robustbench-5k"}
    (sentence,) = (each for each in said(tmp_path, ("a", {"data": named})) if "subset" in each)
    assert sentence == (
        "a: evaluated on the subset robustbench-5k, 300 of 10,000 images. Only numbers of this subset compare."
    )


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


def kinds(tmp_path, **changes) -> dict[str, Caution]:
    run = write_run(tmp_path, "a", conditions=["clean"], **changes)
    return {each.kind: each for each in cautions(read_results([run]))}


def test_what_was_corrupted_on_the_fly_is_said_by_its_field_not_by_the_name_of_a_folder(tmp_path):
    folder = {"description": "the corrupted images in /scratch/not on the fly/CIFAR-10-C"}
    made = kinds(tmp_path / "made", data={"on_the_fly": True, "description": "the test set"})
    assert made["on_the_fly"].text.startswith("corrupted on the fly with seed 0")
    read = kinds(tmp_path / "read", data={**folder, "on_the_fly": False})
    assert "on_the_fly" not in read
    assert "on_the_fly" in kinds(tmp_path / "old")  # says it in its description alone


def test_images_that_are_not_the_benchmarks_are_said_first_and_kept_apart(tmp_path):
    tiny = {"suite": "tiny-imagenet-c", "preset": "tiny-imagenet"}
    other, own = ({"on_the_fly": True, "other_images": each} for each in (True, False))
    found = kinds(tmp_path / "a", **tiny, data=other)
    assert next(iter(found)) == "other_images"
    assert "tiny-imagenet's own validation images" in found["other_images"].text
    assert "other_images" not in kinds(tmp_path / "b", **tiny, data=own)
    assert "other_images" in kinds(tmp_path / "old", **tiny)  # all were, when no field said it
    infos = [open_run(tmp_path / name).info for name in "ab"]
    assert list(differences(infos)) == ["images"]
    with pytest.raises(RobenchError, match="the runs differ in their images"):
        read_results([tmp_path / "a", tmp_path / "b"])


def test_what_was_assumed_of_the_network_and_noticed_of_the_files_is_said(tmp_path):
    found = kinds(
        tmp_path,
        preprocessing={"mean": [0.49] * 3, "measured": True},
        model={"notes": ["the network expects BGR", "read ema; the file also holds model"]},
        data={"notes": ["the folders are numbered"]},
    )
    assert "measured on images: mean 0.49, 0.49, 0.49, std 0.5" in found["normalisation"].text
    assert found["model"].text == "the network expects BGR; read ema; the file also holds model."
    assert found["image_files"].text == "the folders are numbered."
    assert list(found)[:2] == ["on_the_fly", "part_of_the_images"]


def test_every_format_has_all_cautions_in_one_order(tmp_path):
    run = write_run(tmp_path / "run", "a", conditions=["clean"], preprocessing={"measured": True})
    wanted = cautions(read_results([run]))
    page = write_report([run], tmp_path / "report")
    shown = {suffix: page.with_suffix(f".{suffix}").read_text() for suffix in ("html", "md", "tex")}
    for suffix, content in shown.items():
        text = html.unescape(content).replace("{-}", "-").replace("\\", "")
        places = [text.find(each.text[:30]) for each in wanted]
        assert -1 not in places, (suffix, places)
        assert places == sorted(places), suffix
        assert text.count(CAUTIONS_HEADING) == 1, suffix
    listed_there = json.loads(page.with_suffix(".json").read_text())["cautions"]
    assert [Caution(**{**each, "runs": tuple(each["runs"])}) for each in listed_there] == (
        list(wanted)
    )


def test_the_terminal_says_what_an_interval_of_a_part_is(tmp_path):
    part = {"limit": 300, "subset": None}
    run = open_run(write_run(tmp_path, "a", conditions=["clean"], data=part))
    scores = score(run)
    assert (
        "values and intervals are for the whole set, estimated from 300 of 10,000 images spread over the classes"
        in error_table(scores, run.info).splitlines()
    )
    assert "whole set" not in error_table(scores, {**run.info, "data": {"limit": None}})


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
