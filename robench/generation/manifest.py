"""manifest.json: what a generated folder was made from and with, and the digest of every file in it.

A folder that several shards fill has one manifest per shard, in ``manifest/<shard>/``. Photographs come in
millions, so for a tree of them the digests lie in tables below ``manifest/``, one per few images, and manifest.json
says how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robench.atomic_file import remove_leftovers
from robench.errors import RobenchError
from robench.generation.order import Order
from robench.outside_file import is_file_name, read_json_object
from robench.provenance import library_versions, now, write_json
from robench.shard import WHOLE
from robench.version import VERSION

FORMAT = "robench-generated/1"
FILE = "manifest.json"
FIELDS = {"names": list, "files": dict, "source": dict}  # what every manifest has
FOLDER = "manifest"
# What the files of one folder must have in common.
IDENTITY = ("robench", "layout", "preset", "seed")


@dataclass(frozen=True)
class Manifest:
    """The manifest of one folder, or of one shard's part of it; ``content`` is what is stored."""

    path: Path
    content: dict[str, Any]

    def write(self) -> None:
        """Store it."""
        write_json(self.path, self.content)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> {"sha256", "bytes"}, of a folder of arrays."""
        files: dict[str, dict[str, Any]] = self.content["files"]
        return files


def shard_name(order: Order) -> str | None:
    """Return the name of the order's shard in locks and manifests, or None when it is the whole."""
    return None if order.shard == WHOLE else order.shard.file_name


def open_manifest(out: Path, order: Order, layout: str, command: Sequence[str] = ()) -> Manifest:
    """Start the manifest of an output folder, or go on with the one that is there.

    Raises RobenchError when the folder holds anything robench did not generate, or files that were generated from
    other images, with other constants, another seed or another version.
    """
    fresh = _content(order, layout, command)
    found = manifests_in(out)
    if not found and out.is_dir() and any(_is_foreign(entry) for entry in out.iterdir()):
        raise RobenchError(
            f"{out} holds files but no {FILE}, so they may be anyone's; choose another --out"
        )
    for other in found:
        _refuse_another(other, fresh)
    shard = shard_name(order)
    path = (out if shard is None else out / FOLDER / shard) / FILE
    remove_leftovers(path.parent, path.name)
    mine = [other for other in found if other.path == path]
    if mine:
        kept = {key: mine[0].content[key] for key in ("files", "started")}
        names = list(dict.fromkeys([*mine[0].content["names"], *order.names]))
        fresh |= kept | {"names": names}
    manifest = Manifest(path, fresh)
    manifest.write()
    return manifest


def manifests_in(folder: Path) -> list[Manifest]:
    """Return the manifests of a folder: its own and those of its shards; none where robench did not generate it.

    Raises RobenchError for one that is damaged or of a newer robench.
    """
    paths = [folder / FILE, *sorted((folder / FOLDER).glob(f"*/{FILE}"))]
    return [Manifest(path, _read(path)) for path in paths if path.exists()]


def _read(path: Path) -> dict[str, Any]:
    content = read_json_object(path, "generate the folder anew")
    if content.get("format") != FORMAT:
        raise RobenchError(f"{path} is not a manifest in {FORMAT}; upgrade robench")
    for key, kind in FIELDS.items():
        if not isinstance(content.get(key), kind):
            raise RobenchError(
                f"{path} is damaged: {key} is {content.get(key)!r}; generate the folder anew"
            )
    for key in ("sha256", "description"):
        if not isinstance(content["source"].get(key), str):
            raise RobenchError(f"{path} is damaged: source has no {key}; generate the folder anew")
    for name in (*content["names"], *content["files"]):
        if not is_file_name(name):
            raise RobenchError(
                f"{path} is damaged: {name!r} is no plain name; generate the folder anew"
            )
    return content


def _is_foreign(entry: Path) -> bool:
    """Is this anything that a run stopped before its manifest was written could not have left?"""
    return entry.name != FOLDER and not entry.name.startswith((".lock", f".{FILE}."))


def _refuse_another(other: Manifest, fresh: dict[str, Any]) -> None:
    for key in IDENTITY:
        before, asked = other.content.get(key), fresh[key]
        if before != asked:
            raise RobenchError(
                f"{other.path.parent} was generated with {key} {before}, this command has {asked}; "
                "choose another --out"
            )
    before, asked = other.content["source"], fresh["source"]
    if before["sha256"] != asked["sha256"]:
        raise RobenchError(
            f"{other.path.parent} was generated from other images or at another size "
            f"({before['description']}; now {asked['description']}); choose another --out"
        )


def _content(order: Order, layout: str, command: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "robench": VERSION,
        "command": list(command),
        "layout": layout,
        "names": list(order.names),
        "sequences": order.sequences,
        "severities": None if order.sequences else list(order.severities),
        "preset": order.preset,
        "seed": order.seed,
        "shard": str(order.shard),
        "source": {
            "dataset": order.source.name,
            "description": order.source.description,
            "images": len(order.source.labels),
            "sha256": order.source.manifest_sha256(),
        },
        "libraries": library_versions(),
        "started": now(),
        "finished": None,
        "files": {},
        "skipped": [],
    }
