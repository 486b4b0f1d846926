"""Where things are when nobody says."""

from pathlib import Path

import pytest

from robench.errors import MissingDataError, RobenchError
from robench.places import choose_run_folder, data_places, open_where_found


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
