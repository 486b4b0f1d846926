"""What a report refuses to be made of, in one line each."""

import pytest

from reports.results import read_results
from robench.errors import RobenchError
from tests.reports.synthetic import write_run

FEW = ["clean", "fog-1"]


def refusal(paths, mixed: bool = False) -> str:
    with pytest.raises(RobenchError) as caught:
        read_results(paths, mixed)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_no_runs():
    assert "at least one run folder" in refusal([])


def test_not_a_run(tmp_path):
    assert "has no run.json" in refusal([tmp_path])
    assert "does not exist" in refusal([tmp_path / "nowhere"])


def test_no_finished_condition(tmp_path):
    assert "no condition" in refusal([write_run(tmp_path / "run", conditions=[])])


def test_a_run_given_twice(tmp_path):
    run = write_run(tmp_path / "run", conditions=FEW)
    assert "given twice" in refusal([run, tmp_path / "other" / ".." / "run"])


@pytest.mark.parametrize(
    ("field", "changes", "values"),
    [
        ("suite", {"suite": "digits-c"}, ("cifar-10-c", "digits-c")),
        ("preset", {"preset": "imagenet"}, ("cifar", "imagenet")),
        ("seed", {"seed": 1}, ("0", "1")),
        ("limit", {"data": {"limit": 100}}, ("all images", "100 images")),
        ("data", {"data": {"manifest_sha256": "ef" * 32}}, ("cdcdcdcd", "efefefef")),
    ],
)
def test_different_protocols(tmp_path, field, changes, values):
    one = write_run(tmp_path / "one", "one", conditions=FEW)
    other = write_run(tmp_path / "other", "other", conditions=FEW, **changes)
    message = refusal([one, other])
    assert f"differ in their {field}" in message
    assert all(value in message for value in values)
    assert "--mixed" in message
    assert list(read_results([one, other], mixed=True).mixed) == [field]


def test_the_same_data_in_another_folder_is_the_same(tmp_path):
    one = write_run(tmp_path / "one", "one", conditions=FEW)
    other = write_run(
        tmp_path / "other", "other", conditions=FEW, data={"description": "elsewhere"}
    )
    assert read_results([one, other]).mixed == {}


def test_equal_names_are_told_apart_by_folder(tmp_path):
    paths = [
        write_run(tmp_path / "a" / "run", "resnet18", conditions=FEW),
        write_run(tmp_path / "b" / "run", "resnet18", conditions=FEW),
        write_run(tmp_path / "c", "augmix", conditions=FEW),
    ]
    assert read_results(paths).names == ("resnet18 (a/run)", "resnet18 (b/run)", "augmix")
