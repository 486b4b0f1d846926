"""What a suite needs, and the command as a person meets it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from robench import download, suites
from robench.cli import main
from robench.download import DOWNLOADS, Archive, Download, UnreachableError
from robench.errors import RobenchError
from tests.download.conftest import IMPATIENT, Site, tar_of, tree

FILES = {"Toy-C/fog.npy": b"fog" * 500_000, "Toy-C/labels.npy": b"labels"}
ARCHIVES = [archive for wanted in DOWNLOADS.values() for archive in wanted.archives]


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive.title)
def test_an_archive_is_described_completely(archive: Archive) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", archive.md5)
    assert re.fullmatch(r"https?://[\w./~-]+/[\w-]+\.(tar|tar\.gz|zip)(\?download=1)?", archive.url)
    assert archive.stem + archive.name.removeprefix(archive.stem) == archive.name
    same = [other for other in ARCHIVES if other.md5 == archive.md5]
    assert all(other == archive for other in same)


@pytest.mark.parametrize("name", suites.registry())
def test_every_suite_can_be_asked_for(name: str) -> None:
    try:
        assert download.known(name).archives or download.known(name).by_hand
    except RobenchError as error:
        assert re.search("nothing to download|corrupted on the fly", str(error))


@pytest.mark.parametrize("name", DOWNLOADS)
def test_where_names_every_archive_and_its_folder(name: str) -> None:
    text = download.where(name, "data")
    for archive in DOWNLOADS[name].archives:
        assert f"data/{archive.folder}: {archive.name}, md5 {archive.md5}, from " in text
    assert (DOWNLOADS[name].by_hand or "") in text


def invoke(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["download", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


MISTAKES = {
    "imagenet": "robench: imagenet cannot be downloaded. ImageNet's licence forbids",
    "cifar10-c": "robench: unknown download 'cifar10-c'; did you mean 'cifar-10-c'",
    "digits-c": "robench: there is nothing to download for digits-c",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_downloaded_says_so_in_a_line(name: str, tmp_path: Path) -> None:
    code, _, stderr = invoke(name, "--data-dir", tmp_path)
    assert code == 2
    assert stderr.startswith(MISTAKES[name])
    assert stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.fixture
def toy(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    archives = (
        site.archive("Toy-C.tar", tar_of(FILES)),
        site.archive("extra.tar", tar_of({"extra/spatter.npy": b"s" * 10}), holds=("spatter.npy",)),
    )
    monkeypatch.setitem(DOWNLOADS, "toy-c", Download(archives, "Toy itself is under a licence"))
    return site


def test_a_suite_arrives_and_is_not_fetched_again(toy: Site, tmp_path: Path) -> None:
    code, stdout, stderr = invoke("toy-c", "--data-dir", tmp_path, "--quiet")
    assert (code, stderr) == (0, "")
    assert set(tree(tmp_path)) == {"Toy-C/fog.npy", "Toy-C/labels.npy", "Toy-C/spatter.npy"}
    assert stdout.splitlines()[-1] == "not downloaded: Toy itself is under a licence"
    toy.requests.clear()
    code, stdout, _ = invoke("toy-c", "--data-dir", tmp_path)
    assert code == 0
    assert stdout.count("already in") == 2
    assert toy.requests == []


def test_the_progress_bar_is_on_stderr(toy: Site, tmp_path: Path) -> None:
    code, _, stderr = invoke("toy-c", "--data-dir", tmp_path)
    assert code == 0
    assert "Toy-C.tar" in stderr
    assert "100%" in stderr
    assert "B/s" in stderr


def test_a_disk_too_small_for_all_is_refused_before_the_first_byte(
    toy: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(toy.files["/Toy-C.tar"]), len(toy.files["/extra.tar"])]
    usage = type("Usage", (), {"free": sum(sizes) + max(sizes) - 1})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(RobenchError, match="make room or choose another --data-dir"):
        download.download("toy-c", tmp_path / "data", patience=IMPATIENT)
    assert toy.gets() == []
    assert not (tmp_path / "data").exists()
    usage.free += 1  # type: ignore[attr-defined]
    download.download("toy-c", tmp_path / "data", patience=IMPATIENT)


def test_without_a_network_the_place_is_named_at_once(
    nobody_listens: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(f"{nobody_listens}/Toy-C.tar", 32 * "0", "Toy-C")
    monkeypatch.setattr(download, "known", lambda _: Download((archive,)))
    with pytest.raises(UnreachableError, match=r"Connection refused.*without a network get http"):
        download.download("toy-c", tmp_path, patience=IMPATIENT)


DRIVER = """
import sys
from robench.cli import main
from robench.download import DOWNLOADS, Archive, Download
url, md5, out = sys.argv[1:]
DOWNLOADS["toy-c"] = Download((Archive(url, md5, "Toy-C"),))
main(["download", "toy-c", "--data-dir", out, "--quiet"])
"""


def test_ctrl_c_keeps_what_came_and_the_same_command_goes_on(site: Site, tmp_path: Path) -> None:
    archive = site.archive("Toy-C.tar", tar_of(FILES))
    site.stall_after = 700_000
    command = [sys.executable, "-c", DRIVER, archive.url, archive.md5, str(tmp_path)]
    part = tmp_path / "Toy-C.download" / "Toy-C.tar.part"
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (part.exists() and part.stat().st_size > 500_000):
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130
    assert "interrupted; what came is kept, repeat the command to go on" in stderr
    assert "Traceback" not in stderr
    kept = part.stat().st_size
    site.stall_after = None
    subprocess.run(command, check=True, capture_output=True)
    assert site.gets() == ["", f"bytes={kept}-"]
    assert tree(tmp_path) == FILES
