"""What is known of a published archive: where it is, its md5, and the folder its content belongs in."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

RECEIPTS = ".downloaded"


@dataclass(frozen=True)
class Archive:
    """A .tar, .tar.gz or .zip file that is published with its md5.

    Attributes:
        url: where it is.
        md5: of the archive, 32 hex digits.
        folder: the folder below the data directory that its content belongs in.
        holds: files and folders that are certainly in it, so that a folder unpacked by hand is recognised; empty where
            that is not known.
    """

    url: str
    md5: str
    folder: str
    holds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The archive's file name."""
        return PurePosixPath(urlsplit(self.url).path).name

    @property
    def title(self) -> str:
        """The file name, with the folder where that says more (several benchmarks have a blur.tar)."""
        return self.name if self.folder in self.name else f"{self.folder}/{self.name}"

    @property
    def stem(self) -> str:
        """The file name without .tar, .tar.gz or .zip."""
        return self.name.removesuffix(".gz").removesuffix(".tar").removesuffix(".zip")

    def workplace(self, data_dir: Path) -> Path:
        """Return the folder for what is not finished; an archive fetched by other means is put here."""
        return data_dir / f"{self.folder}.download"

    def receipt(self, data_dir: Path) -> Path:
        """Return the file that says what of the folder came out of this archive."""
        return data_dir / self.folder / RECEIPTS / f"{self.name}.txt"

    def presence(self, data_dir: Path) -> str | None:
        """Return in words how the content is there already, or None when it is not, or not all of it."""
        target = data_dir / self.folder
        receipt = self.receipt(data_dir)
        if receipt.is_file():
            names = receipt.read_text(encoding="utf-8").splitlines()[1:]
            whole = all((target / name).exists() for name in names)
            return "downloaded and checked" if whole else None
        if self.holds and all(self._lies_in(target, name) for name in self.holds):
            return "put there by other means, its content not checked"
        return None

    def _lies_in(self, target: Path, name: str) -> bool:
        """ImageNet-C unpacked by hand may have its corruptions grouped as its archives are: blur/defocus_blur."""
        return (target / name).exists() or (target / self.stem / name).exists()

    def by_hand(self, data_dir: Path) -> str:
        """Return what to do on a machine that cannot reach the server."""
        return (
            f"get {self.url} by other means, put it at {self.workplace(data_dir) / self.name} and repeat the command "
            f"(or unpack it yourself, so that its content lies in {data_dir / self.folder})"
        )
