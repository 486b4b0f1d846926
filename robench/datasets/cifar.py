"""CIFAR-10 and CIFAR-100 in their "python version": one pickle per batch.

Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images", https://www.cs.toronto.edu/~kriz/cifar.html.
The files are pickles; they are read by an unpickler that knows arrays and nothing else, so a file from anywhere is
safe.
"""

import hashlib
import io
import pickle
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.arguments import argument
from robench.datasets.source import ArraySource
from robench.errors import MissingDataError, RobenchError


@dataclass(frozen=True)
class Layout:
    """Where one of the two datasets keeps its files, and the md5 of the official ones."""

    name: str
    title: str
    folder: str
    train: dict[str, str]
    test: dict[str, str]
    meta: str
    class_key: bytes
    label_key: bytes
    archive: str


CIFAR_10 = Layout(
    name="cifar-10",
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    train={
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    test={"test_batch": "40351d587109b95175f43aff81a1287e"},
    meta="batches.meta",
    class_key=b"label_names",
    label_key=b"labels",
    archive="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
CIFAR_100 = Layout(
    name="cifar-100",
    title="CIFAR-100",
    folder="cifar-100-python",
    train={"train": "16019d7e3df5f24257cddd939b257f8d"},
    test={"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
    meta="meta",
    class_key=b"fine_label_names",
    label_key=b"fine_labels",
    archive="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
)


def open_cifar(layout: Layout, split: str, data_dir: Path | None) -> ArraySource:
    """Open one split: uint8 (10000 or 50000, 32, 32, 3) and its labels.

    Raises RobenchError when ``data_dir`` is not given, or a file is missing or damaged.
    """
    if data_dir is None:
        raise RobenchError(
            f"{layout.name} needs {argument('data_dir')}, the folder that holds {layout.folder} (from {layout.archive})"
        )
    folder = data_dir / layout.folder
    files = layout.train if split == "train" else layout.test
    contents = {name: _file_bytes(folder / name, layout) for name in files}
    batches = [_images_and_labels(folder / name, data, layout) for name, data in contents.items()]
    names = _unpickle(folder / layout.meta, _file_bytes(folder / layout.meta, layout))
    official = all(hashlib.md5(contents[name]).hexdigest() == md5 for name, md5 in files.items())
    origin = "official md5" if official else "not the official files"
    labels = np.concatenate([labels for _, labels in batches])
    return ArraySource(
        name=layout.name,
        description=f"the {layout.title} {split} set ({origin})",
        classes=tuple(name.decode() for name in names[layout.class_key]),
        images=np.concatenate([images for images, _ in batches]),
        labels=labels,
        indices=np.arange(len(labels)),
    )


def _file_bytes(path: Path, layout: Layout) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        gone = RobenchError if path.parent.is_dir() else MissingDataError
        raise gone(
            f"{layout.name}: no {path}; unpack {layout.archive} so that {layout.folder} lies in the folder of "
            f"{argument('data_dir')}"
        ) from None
    except OSError as error:
        raise RobenchError(f"{layout.name}: cannot read {path}: {error.strerror}") from None


def _images_and_labels(
    path: Path, data: bytes, layout: Layout
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    batch = _unpickle(path, data)
    try:
        planes, labels = batch[b"data"], batch[layout.label_key]
        images = np.asarray(planes, dtype=np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(images), np.asarray(labels, dtype=np.int64)
    except (KeyError, ValueError, TypeError):
        raise RobenchError(
            f"{path} is not a {layout.title} batch; unpack {layout.archive} again"
        ) from None


# How numpy itself pickles an array and a scalar; the module's name has changed over numpy's versions.
NUMPY_BUILDERS = {
    ("_reconstruct", "multiarray"): np.empty(0).__reduce__()[0],
    ("scalar", "multiarray"): np.float64(0).__reduce__()[0],
}


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that can build numpy arrays and call nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (name, module.split(".")[-1]) in NUMPY_BUILDERS:
            return NUMPY_BUILDERS[name, module.split(".")[-1]]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # how newer pickles spell bytes
            return str.encode
        raise pickle.UnpicklingError(f"{module}.{name} is not an array")


def _unpickle(path: Path, data: bytes) -> dict[bytes, Any]:
    try:
        content = _ArrayUnpickler(io.BytesIO(data), encoding="bytes").load()
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise RobenchError(
            f"{path} is damaged or not a CIFAR file ({error}); unpack the official archive again"
        ) from None
    if not isinstance(content, dict):
        raise RobenchError(f"{path} is not a CIFAR file; unpack the official archive again")
    return content


DATASETS = {layout.name: partial(open_cifar, layout) for layout in (CIFAR_10, CIFAR_100)}
