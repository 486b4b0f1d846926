"""A transfer ends with every byte or an error that says so, whatever the server does."""

import random
from pathlib import Path

import pytest

from robench.download.transfer import UnreachableError, fetch, remote_size
from robench.errors import RobenchError
from tests.download.conftest import IMPATIENT, Site

CONTENT = random.Random(0).randbytes(3_000_000)


def fetched(site: Site, part: Path) -> bytes:
    fetch(f"{site.url}/file", part, patience=IMPATIENT, say=lambda _: None)
    return part.read_bytes()


@pytest.fixture
def part(tmp_path: Path, site: Site) -> Path:
    site.files["/file"] = CONTENT
    return tmp_path / "file.part"


def test_a_file_comes_whole(site: Site, part: Path) -> None:
    assert fetched(site, part) == CONTENT
    assert site.gets() == [""]


def test_a_truncated_body_is_taken_up_where_it_ended(site: Site, part: Path) -> None:
    site.cut_after, site.cuts = 1_300_000, 2
    assert fetched(site, part) == CONTENT
    first, *later = site.gets()
    assert first == ""
    assert len(later) == 2
    assert all(asked.startswith("bytes=") and asked != "bytes=0-" for asked in later)


def test_what_an_earlier_process_got_is_not_fetched_again(site: Site, part: Path) -> None:
    part.write_bytes(CONTENT[:1_000_001])
    assert fetched(site, part) == CONTENT
    assert site.gets() == ["bytes=1000001-"]


def test_a_whole_file_is_recognised_as_whole(site: Site, part: Path) -> None:
    part.write_bytes(CONTENT)
    assert fetched(site, part) == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(site: Site, part: Path) -> None:
    part.write_bytes(CONTENT + b"more")
    assert fetched(site, part) == CONTENT
    assert site.gets() == [f"bytes={len(CONTENT) + 4}-", ""]


def test_a_server_without_ranges_starts_again_and_that_is_said(site: Site, part: Path) -> None:
    site.ranges = False
    part.write_bytes(b"wrong beginning")
    said: list[str] = []
    fetch(f"{site.url}/file", part, patience=IMPATIENT, say=said.append)
    assert part.read_bytes() == CONTENT
    assert said == ["file: the server cannot go on in the middle; starting again"]


def test_a_server_that_goes_on_elsewhere_is_refused(site: Site, part: Path) -> None:
    site.slip = 1
    part.write_bytes(CONTENT[:1000])
    with pytest.raises(RobenchError, match=r"sent bytes 1001-.* when asked for those from 1000"):
        fetched(site, part)
    assert part.read_bytes() == CONTENT[:1000]


def test_a_server_that_stalls_is_given_up_and_the_part_kept(site: Site, part: Path) -> None:
    site.stall_after = 2_500_000
    site.ranges = False
    with pytest.raises(UnreachableError, match=r"cannot get .*/file \(.*bytes are kept"):
        fetched(site, part)
    kept = part.read_bytes()
    assert kept
    assert CONTENT.startswith(kept)
    assert len(site.gets()) == IMPATIENT.attempts + 1  # the first gained bytes


def test_a_stall_is_resumed(site: Site, part: Path) -> None:
    site.stall_after = 1_200_000
    assert fetched(site, part) == CONTENT
    assert len(site.gets()) > 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(site: Site, part: Path, status: int) -> None:
    site.statuses = [status, status]
    assert fetched(site, part) == CONTENT


def test_a_server_that_stays_busy_is_given_up(site: Site, part: Path) -> None:
    site.statuses = [503] * 10
    with pytest.raises(UnreachableError, match="the server says 503 Service Unavailable"):
        fetched(site, part)
    assert len(site.gets()) == IMPATIENT.attempts


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_final(site: Site, part: Path, status: int) -> None:
    site.statuses = [status]
    with pytest.raises(RobenchError, match=f"is refused: {status}"):
        fetched(site, part)
    assert len(site.gets()) == 1


def test_no_server_is_one_sentence(nobody_listens: str, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"\(.*Connection refused.*\); 0 bytes are kept"):
        fetch(f"{nobody_listens}/file", tmp_path / "file.part", patience=IMPATIENT)
    with pytest.raises(UnreachableError, match="cannot reach"):
        remote_size(f"{nobody_listens}/file", IMPATIENT)


def test_the_size_is_the_servers_word_or_none(site: Site, part: Path) -> None:
    assert remote_size(f"{site.url}/file", IMPATIENT) == len(CONTENT)
    assert remote_size(f"{site.url}/other", IMPATIENT) is None


def test_a_full_disk_is_seen_before_the_body(
    site: Site, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: _usage(free=len(CONTENT) - 11))
    part.write_bytes(CONTENT[:10])
    with pytest.raises(RobenchError, match="GB more, its disk has"):
        fetched(site, part)
    assert part.read_bytes() == CONTENT[:10]
    monkeypatch.setattr("shutil.disk_usage", lambda _: _usage(free=len(CONTENT) - 10))
    assert fetched(site, part) == CONTENT


def _usage(free: int) -> object:
    class Usage:
        pass

    usage = Usage()
    usage.free = free  # type: ignore[attr-defined]
    return usage


def test_a_part_that_cannot_be_written_is_named(site: Site, tmp_path: Path) -> None:
    site.files["/file"] = CONTENT
    with pytest.raises(RobenchError, match=r"cannot write .*part: No such file"):
        fetch(f"{site.url}/file", tmp_path / "absent" / "file.part", patience=IMPATIENT)
