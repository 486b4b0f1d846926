"""An archive arrives whole or not at all, and the next attempt goes on from wherever the last one stopped."""

import dataclasses
import fcntl
import io
import zipfile
from pathlib import Path

import pytest

from robench.download import Archive, UnreachableError, arrival
from robench.download.arrival import bring, remove_leftovers
from robench.errors import RobenchError
from tests.download.conftest import IMPATIENT, Site, tar_of, tree
from tests.download.test_unpacking import HOSTILE

CONTENT = {"fog.npy": b"fog" * 50_000, "labels.npy": b"labels", "snow/1/n01/a.JPEG": b"snow"}
SHELLED = {f"Toy-C/{name}": content for name, content in CONTENT.items()}


def arrive(archive: Archive, data_dir: Path) -> list[str]:
    said: list[str] = []
    bring(archive, data_dir, patience=IMPATIENT, say=said.append)
    return said


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("Toy-C.tar", tar_of(SHELLED)),
        ("toy.tar.gz", tar_of(SHELLED, "w:gz")),
        ("toy.tar", tar_of(CONTENT)),
        ("toy.tar", tar_of({f"toy/Toy-C/{name}": data for name, data in CONTENT.items()})),
        ("toy.zip", zip_of(SHELLED)),
    ],
)
def test_the_content_lies_in_its_folder_and_nothing_else_remains(
    name: str, packed: bytes, site: Site, tmp_path: Path
) -> None:
    archive = site.archive(name, packed)
    assert archive.presence(tmp_path) is None
    arrive(archive, tmp_path)
    assert tree(tmp_path) == {f"Toy-C/{path}": data for path, data in CONTENT.items()}
    assert [path.name for path in tmp_path.iterdir()] == ["Toy-C"]
    assert archive.presence(tmp_path) == "downloaded and checked"
    (tmp_path / "Toy-C" / "fog.npy").unlink()
    assert archive.presence(tmp_path) is None


def test_another_file_than_the_published_one_is_refused_and_deleted(
    site: Site, tmp_path: Path
) -> None:
    archive = dataclasses.replace(site.archive("Toy-C.tar", tar_of(SHELLED)), md5=32 * "0")
    with pytest.raises(RobenchError, match=r"Toy-C.tar has md5 \w{32}, the published file 0{32}"):
        arrive(archive, tmp_path)
    assert tree(tmp_path) == {}
    assert not (tmp_path / "Toy-C").exists()


def test_a_damaged_beginning_of_an_earlier_attempt_costs_one_more_attempt(
    site: Site, tmp_path: Path
) -> None:
    archive = site.archive("Toy-C.tar", tar_of(SHELLED))
    part = archive.workplace(tmp_path) / "Toy-C.tar.part"
    part.parent.mkdir()
    part.write_bytes(b"another file's beginning")
    with pytest.raises(RobenchError, match="repeat the command"):
        arrive(archive, tmp_path)
    arrive(archive, tmp_path)
    assert (tmp_path / "Toy-C" / "labels.npy").read_bytes() == b"labels"


@pytest.mark.parametrize("name", ["parent", "absolute", "symlink out", "character device"])
def test_a_hostile_archive_leaves_nothing_in_place(name: str, site: Site, tmp_path: Path) -> None:
    archive = site.archive("Toy-C.tar", tar_of(SHELLED, "w", HOSTILE[name]))
    data_dir = tmp_path / "data"
    with pytest.raises(RobenchError, match="nothing was unpacked"):
        arrive(archive, data_dir)
    assert list(tree(tmp_path)) == ["data/Toy-C.download/Toy-C.tar"]


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


@pytest.mark.parametrize("step", range(7))
@pytest.mark.parametrize("grouped", [False, True], ids=["new folder", "into a folder"])
def test_killed_at_any_step_the_next_attempt_completes_it(
    step: int, grouped: bool, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = site.archive("Toy-C.tar", tar_of(SHELLED))
    target = tmp_path / "Toy-C"
    if grouped:
        (target / "frost").mkdir(parents=True)
    steps = iter(range(100))

    def until_killed(function):  # type: ignore[no-untyped-def]
        def wrapped(*arguments, **options):  # type: ignore[no-untyped-def]
            if next(steps) == step:
                raise Killed
            return function(*arguments, **options)

        return wrapped

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", until_killed(Path.rename))
        patch.setattr(arrival, "write_atomically", until_killed(arrival.write_atomically))
        patch.setattr(arrival.shutil, "rmtree", until_killed(arrival.shutil.rmtree))
        try:
            arrive(archive, tmp_path)
        except Killed:
            if not grouped and target.exists():
                assert tree(target) == CONTENT
            if archive.presence(tmp_path):
                assert tree(target) == CONTENT
    if archive.presence(tmp_path) is None:
        arrive(archive, tmp_path)
    remove_leftovers(archive, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["Toy-C"]
    assert tree(target) == CONTENT
    assert len(site.gets()) == 1 or step == 0
    receipt = archive.receipt(tmp_path).read_text().splitlines()
    assert receipt == [f"md5 {archive.md5} {archive.url}", "fog.npy", "labels.npy", "snow"]
    assert archive.presence(tmp_path) == "downloaded and checked"


def test_several_archives_share_a_folder(site: Site, tmp_path: Path) -> None:
    blur = site.archive("blur.tar", tar_of({"blur/zoom_blur/1/a": b"1"}))
    noise = site.archive("noise.tar", tar_of({"shot_noise/1/a": b"2"}))
    arrive(blur, tmp_path)
    assert noise.presence(tmp_path) is None
    arrive(noise, tmp_path)
    assert tree(tmp_path) == {"Toy-C/zoom_blur/1/a": b"1", "Toy-C/shot_noise/1/a": b"2"}
    assert blur.presence(tmp_path) and noise.presence(tmp_path)
    assert (blur.title, site.archive("Toy-C.tar", b"").title) == ("Toy-C/blur.tar", "Toy-C.tar")


def test_nothing_is_overwritten_and_nothing_fetched_twice(site: Site, tmp_path: Path) -> None:
    archive = site.archive("Toy-C.tar", tar_of(SHELLED))
    mine = tmp_path / "Toy-C" / "fog.npy"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    with pytest.raises(RobenchError, match=r"already holds fog\.npy, which may not be"):
        arrive(archive, tmp_path)
    assert mine.read_bytes() == b"mine"
    mine.parent.rename(tmp_path / "mine")
    arrive(archive, tmp_path)
    assert tree(tmp_path / "Toy-C") == CONTENT
    assert len(site.gets()) == 1


def test_without_a_network_the_sentence_says_what_to_put_where_and_that_works(
    site: Site, nobody_listens: str, tmp_path: Path
) -> None:
    packed = tar_of(SHELLED)
    archive = dataclasses.replace(
        site.archive("Toy-C.tar", packed), url=f"{nobody_listens}/Toy-C.tar"
    )
    place = tmp_path / "Toy-C.download" / "Toy-C.tar"
    with pytest.raises(UnreachableError) as caught:
        arrive(archive, tmp_path)
    assert f"get {archive.url} by other means, put it at {place}" in str(caught.value)
    place.write_bytes(packed)
    arrive(archive, tmp_path)
    assert tree(tmp_path / "Toy-C") == CONTENT


def test_what_was_unpacked_by_hand_is_recognised_grouped_or_not(tmp_path: Path) -> None:
    holds = ("zoom_blur", "glass_blur")
    archive = Archive("http://localhost/blur.tar", 32 * "0", "Toy-C", holds)
    (tmp_path / "Toy-C" / "zoom_blur").mkdir(parents=True)
    assert archive.presence(tmp_path) is None
    (tmp_path / "Toy-C" / "blur" / "glass_blur").mkdir(parents=True)
    assert archive.presence(tmp_path) == "put there by other means, its content not checked"


def test_two_at_once_are_refused(site: Site, tmp_path: Path) -> None:
    archive = site.archive("Toy-C.tar", tar_of(SHELLED))
    archive.workplace(tmp_path).mkdir()
    with (archive.workplace(tmp_path) / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RobenchError, match="is being written by another process"):
            arrive(archive, tmp_path)
    assert site.requests == []
