"""Nothing in an archive reaches outside the folder, and a hostile archive writes nothing at all."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from robench.download.unpacking import unpack
from robench.errors import RobenchError
from tests.download.conftest import tar_of, tree


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


HOSTILE = {
    "parent": entry("../escaped"),
    "parent within": entry("Toy-C/../../escaped"),
    "absolute": entry("/tmp/escaped"),
    "drive": entry("C:/escaped"),
    "symlink out": entry("link", tarfile.SYMTYPE, "/etc"),
    "symlink in": entry("link", tarfile.SYMTYPE, "a.npy"),
    "hard link": entry("link", tarfile.LNKTYPE, "../../escaped"),
    "character device": entry("device", tarfile.CHRTYPE),
    "block device": entry("device", tarfile.BLKTYPE),
    "fifo": entry("fifo", tarfile.FIFOTYPE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tar_writes_nothing(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "toy.tar"
    archive.write_bytes(tar_of({"a.npy": b"harmless"}, "w", HOSTILE[name]))
    with pytest.raises(
        RobenchError, match=r"toy.tar is refused: its member .*nothing was unpacked"
    ):
        unpack(archive, tmp_path / "out" / "in")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.tar"]


@pytest.mark.parametrize(
    ("path", "mode"), [("../escaped", 0), ("/escaped", 0), ("link", stat.S_IFLNK)]
)
def test_a_hostile_zip_writes_nothing(path: str, mode: int, tmp_path: Path) -> None:
    archive = tmp_path / "toy.zip"
    info = zipfile.ZipInfo(path)
    info.external_attr = mode << 16
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "harmless")
        packed.writestr(info, "/etc")
    with pytest.raises(RobenchError, match="is refused: its member"):
        unpack(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.zip"]


FILES = {"Toy-C/fog/1/n01/a.JPEG": b"a" * 70_000, "Toy-C/labels.npy": b"b", "Toy-C/empty": b""}


@pytest.mark.parametrize(("name", "mode"), [("toy.tar", "w"), ("toy.tar.gz", "w:gz")])
def test_a_tar_is_unpacked_with_plain_permissions(name: str, mode: str, tmp_path: Path) -> None:
    archive = tmp_path / name
    archive.write_bytes(tar_of(FILES, mode))
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES
    assert not (tmp_path / "out/Toy-C/labels.npy").stat().st_mode & (stat.S_ISUID | stat.S_IXOTH)


def test_a_zip_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "toy.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.mkdir("Toy-C")
        for name, content in FILES.items():
            packed.writestr(name, content)
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == FILES


@pytest.mark.parametrize("name", ["toy.tar", "toy.tar.gz", "toy.zip"])
def test_damage_is_one_sentence(name: str, tmp_path: Path) -> None:
    archive = tmp_path / name
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a", "b" * 5000)
    whole = (
        buffer.getvalue()
        if name.endswith("zip")
        else tar_of(FILES, "w:gz" if "gz" in name else "w")
    )
    for content in (b"no archive", whole[: len(whole) // 2]):
        archive.write_bytes(content)
        with pytest.raises(RobenchError, match="is damaged or not an archive"):
            unpack(archive, tmp_path / "out" / str(len(content)))


def test_an_archive_that_is_larger_than_the_disk_is_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "toy.tar.gz"
    archive.write_bytes(tar_of({"zeros": bytes(10**6)}, "w:gz"))
    usage = type("Usage", (), {"free": 10**6 - 1})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(RobenchError, match="make room"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_zip_with_a_password_is_one_line(tmp_path: Path) -> None:
    archive = tmp_path / "secret.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "text")
    content = bytearray(archive.read_bytes())
    content[6] |= 1  # the flag of encryption, in the entry and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(RobenchError, match=r"cannot unpack .*encrypted.*unpack it by hand"):
        unpack(archive, tmp_path / "folder")
