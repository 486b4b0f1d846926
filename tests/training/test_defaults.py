"""What is trained, and where, when nobody says."""

from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from robench import suites
from robench.datasets import cifar, imagenet, tiny_imagenet
from robench.errors import MissingDataError, RobenchError
from robench.folder_lock import locked
from robench.training import train
from robench.training.defaults import SUBJECTS, default_folder, find_training_data
from robench.training.plan import Plan, make_plan
from robench.training.run_folder import claimed, free_folder
from tests.training.tiny_problem import tiny_pair

TINY = {"epochs": 1, "batch_size": 16, "lr": 0.02}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ROBENCH_DATA", raising=False)


def tiny_plan(**changes: object) -> Plan:
    return make_plan("standard", "digits_cnn", tiny_pair(), changes=TINY, **changes)  # type: ignore[arg-type]


def test_the_folders_that_show_a_dataset_are_those_that_it_is_read_from() -> None:
    assert SUBJECTS["cifar-10"].folders == (cifar.CIFAR_10.folder,)
    assert SUBJECTS["cifar-100"].folders == (cifar.CIFAR_100.folder,)
    assert SUBJECTS["imagenet"].folders == imagenet.IMAGENET.train_folders
    assert SUBJECTS["tiny-imagenet"].folders == (f"{tiny_imagenet.FOLDER}/train",)
    for name, subject in SUBJECTS.items():
        assert suites.registry()[subject.suite].dataset == name


def test_cifar_10_is_taken_where_it_is_and_else_the_digits() -> None:
    nothing = find_training_data(None, None)
    assert (nothing.dataset, nothing.place, nothing.by_default) == ("digits", None, True)
    assert "robench download cifar-10 --data-dir data" in nothing.sentence()
    Path("data/cifar-10-batches-py").mkdir(parents=True)
    found = find_training_data(None, None)
    assert (found.dataset, found.place) == ("cifar-10", Path("data"))
    assert find_training_data("digits", None).sentence() == "the embedded digits"


def test_the_first_place_that_has_the_data_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cifar-10-batches-py").mkdir()
    assert find_training_data(None, None).place == Path()
    Path("data/cifar-10-batches-py").mkdir(parents=True)
    assert find_training_data(None, None).place == Path("data")
    Path("elsewhere/cifar-10-batches-py").mkdir(parents=True)
    monkeypatch.setenv("ROBENCH_DATA", "elsewhere")
    assert find_training_data(None, None).place == Path("elsewhere")


def test_where_a_folder_was_named_nothing_else_is_taken() -> None:
    Path("data/cifar-10-batches-py").mkdir(parents=True)
    Path("mine/cifar-100-python").mkdir(parents=True)
    with pytest.raises(MissingDataError, match="what is there: --dataset cifar-100"):
        find_training_data(None, "mine")
    with pytest.raises(MissingDataError, match="no cifar-10-batches-py in mine"):
        find_training_data("cifar-10", "mine")
    with pytest.raises(RobenchError, match="did you mean 'cifar-10"):
        find_training_data("cifar10", "mine")


def test_a_run_goes_by_its_method_network_and_dataset() -> None:
    Path("photographs/train").mkdir(parents=True)
    Path("photographs/val").mkdir()
    digits = find_training_data("digits", None)
    assert default_folder("augmix", "digits_cnn", digits) == Path("runs/augmix-digits_cnn-digits")
    photographs = find_training_data("folder", "photographs")
    expected = Path("runs/mixup-torchvision-resnet50-photographs")
    assert default_folder("mixup", "torchvision:resnet50", photographs) == expected


def test_another_run_takes_the_next_free_name_and_is_refused_where_a_folder_was_named() -> None:
    plan, other = tiny_plan(), tiny_plan(seed=1)
    train("standard", "digits_cnn", tiny_pair(), "run", device="cpu", **TINY)  # type: ignore[arg-type]
    folder = Path("run")
    with claimed(folder, {".": plan}, named=False) as (same, why):
        assert (same, why) == (folder, None)
    with claimed(folder, {".": other}, named=False) as (next_free, why):
        assert next_free == Path("run-2")
        assert why == "run already holds a run: its seed is 0, this run's is 1"
    assert free_folder(folder, {".": other}, named=False) == (Path("run-2"), why)
    for refused in (claimed(folder, {".": other}, named=True),):
        with pytest.raises(RobenchError, match="its seed is 0, this run's is 1; give"), refused:
            pass
    with claimed(folder, {"seed-0": plan}, named=False) as (series, why):
        assert series == Path("run-2")
        assert why == "run already holds a run of one seed"


def hold(folder: str, held: Event, release: Event) -> None:
    with locked(folder):
        held.set()
        release.wait(60)


def test_a_folder_that_another_process_has_just_taken_is_left_to_it() -> None:
    context = get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=partial(hold, "run", held, release))
    other.start()
    try:
        assert held.wait(60)
        with claimed(Path("run"), {".": tiny_plan()}, named=False) as (folder, why):
            assert folder == Path("run-2")
            assert "is being written by another process" in str(why)
        with (
            pytest.raises(RobenchError, match="is being written by another process"),
            claimed(Path("run"), {".": tiny_plan()}, named=True),
        ):
            pass
    finally:
        release.set()
        other.join()
