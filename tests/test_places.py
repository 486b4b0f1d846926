"""Where things are when nobody says."""

from pathlib import Path

import pytest

from robench.errors import MissingDataError, RobenchError
from robench.places import (
    choose_run_folder,
    data_places,
    folder_name,
    open_where_found,
    taken_folders,
)


def found_in(*holders: Path):
    def open_in(place: Path) -> str:
        if place not in holders:
            raise MissingDataError(f"no images in {place}")
        return f"images of {place}"

    return open_in


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ROBENCH_DATA", raising=False)


def test_data_is_looked_for_in_order(tmp_path, monkeypatch) -> None:
    Path("data").mkdir()
    named = tmp_path / "named"
    monkeypatch.setenv("ROBENCH_DATA", str(named))
    assert data_places() == (Path("data"), Path())
    named.mkdir()
    assert data_places() == (named, Path("data"), Path())
    assert data_places("given") == (Path("given"),)
    assert open_where_found(found_in(Path("data"), Path()), None, "")[1] == Path("data")
    assert open_where_found(found_in(Path()), None, "") == ("images of .", Path())


def test_a_miss_names_the_places_and_the_command() -> None:
    Path("data").mkdir()
    with pytest.raises(MissingDataError, match=r"looked in data, the working folder\); fetch it"):
        open_where_found(found_in(), None, "fetch it")
    with pytest.raises(MissingDataError, match="no images in given; fetch it"):
        open_where_found(found_in(Path()), "given", "fetch it")


def test_damage_is_never_passed_over() -> None:
    Path("data").mkdir()

    def damaged_in_data(place: Path) -> str:
        if place == Path("data"):
            raise RobenchError("damaged")
        return "other images"

    with pytest.raises(RobenchError, match=r"^damaged$"):
        open_where_found(damaged_in_data, None, "")


def test_a_run_goes_on_or_takes_the_next_free_name(tmp_path) -> None:
    preferred = tmp_path / "runs" / "net" / "cifar-10-c"
    assert choose_run_folder(preferred, lambda folder: False) == preferred
    for name in ("cifar-10-c", "cifar-10-c-2"):
        (preferred.parent / name).mkdir(parents=True)
        (preferred.parent / name / "run.json").touch()
    assert choose_run_folder(preferred, lambda folder: False).name == "cifar-10-c-3"
    mine = preferred.parent / "cifar-10-c-2"
    assert choose_run_folder(preferred, lambda folder: folder == mine) == mine


def test_what_a_killed_process_left_is_not_in_the_way(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()
    assert choose_run_folder(tmp_path / "run", lambda folder: False) == tmp_path / "run"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("ckpt.pt", "ckpt"),
        ("last.pt", "last"),
        ("runs/augmix/checkpoints/last.pt", "augmix"),
        ("trained/model_best.pth.tar", "model_best.pth"),
        ("vit/model.safetensors", "vit"),
        ("out/weights/best-12.ckpt", "out"),
        ("timm:resnet50.a1_in1k", "resnet50.a1_in1k"),
        ("timm:hf_hub:someone/vit base", "someone-vit-base"),
        ("torchvision:resnet50@IMAGENET1K_V2", "resnet50-IMAGENET1K_V2"),
        ("net.py:build", "build"),
        ("a name with / and ü", "a-name-with-and"),
        ("...", "model"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_folder_is_named_for_the_model(spec: str, name: str) -> None:
    assert folder_name(spec) == name


def test_folders_that_are_taken_are_listed_up_to_the_first_free_one(tmp_path) -> None:
    for name in ("run", "run-2", "run-4"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").touch()
    taken = taken_folders(tmp_path / "run")
    assert [folder.name for folder in taken] == ["run", "run-2"]
