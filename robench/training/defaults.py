"""What is trained when nobody says: on which images, with which network, evaluated on which suite, in which folder.

Nothing here needs PyTorch, so that a wrong request is answered at once.
"""

import re
import shlex
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from robench.errors import MissingDataError, RobenchError
from robench.places import DATA_FOLDER, RUNS_FOLDER, data_places
from robench.registry import unknown_name


@dataclass(frozen=True)
class Subject:
    """A dataset to train on.

    Attributes:
        network: that is trained where nobody chooses one; ``SMALL_PICTURES_NETWORK`` on a folder of small squares.
        suite: that the network is evaluated on where nobody chooses one.
        folders: below the data directory; one of them shows that the training images are there. None: embedded.
        fetched: how it comes there.
    """

    network: str
    suite: str
    folders: tuple[str, ...] = ()
    fetched: "Fetched | None" = None


class Fetched(Enum):
    """Does ``robench download`` fetch a dataset, or does it say where to get it?"""

    BY_US = auto()
    BY_HAND = auto()


# One network for all methods, so that the methods can be compared: the AugMix paper's first on CIFAR, where IPMix and
# PixMix were published with wrn-40-4-dropout; ImageNet's usual one; and for Tiny ImageNet what fits 64 pixels.
SUBJECTS = {
    "cifar-10": Subject("wrn-40-2", "cifar-10-c", ("cifar-10-batches-py",), Fetched.BY_US),
    "cifar-100": Subject("wrn-40-2", "cifar-100-c", ("cifar-100-python",), Fetched.BY_US),
    "digits": Subject("digits_cnn", "digits-c"),
    "tiny-imagenet": Subject(
        "resnet18", "tiny-imagenet-c", ("tiny-imagenet-200/train",), Fetched.BY_US
    ),
    "imagenet": Subject(
        "torchvision:resnet50",
        "imagenet-c",
        ("imagenet/train", "ImageNet/train", "train"),
        Fetched.BY_HAND,
    ),
    "folder": Subject("torchvision:resnet50", "folder", ("train",)),
}
SMALL_PICTURES_NETWORK = "resnet18"  # with a small stem
FIRST_CHOICE, EMBEDDED = "cifar-10", "digits"


@dataclass(frozen=True)
class TrainingData:
    """A dataset, the folder that holds its own folder (None where it is embedded), and whether nobody chose it."""

    dataset: str
    place: Path | None
    by_default: bool = False

    @property
    def subject(self) -> Subject:
        """What is trained and evaluated on it by default."""
        return SUBJECTS[self.dataset]

    def sentence(self) -> str:
        """Return on what is trained, and where nobody chose it, how to choose another."""
        if self.place is None:
            fetch = download_command(FIRST_CHOICE)
            others = (
                f" (CIFAR-10 is not here: {fetch} fetches it, then the same command trains on it)"
            )
            return "the embedded digits" + (others if self.by_default else "")
        where = "the working folder" if self.place == Path() else str(self.place)
        others = "; --dataset chooses another" if self.by_default else ""
        return f"{self.dataset} in {where}{others}"


def find_training_data(dataset: str | None, data_dir: str | Path | None) -> TrainingData:
    """Return where a dataset's training images are, of ``robench.places.data_places``.

    None takes CIFAR-10 where it is, else the embedded digits; where a folder was named, it must hold CIFAR-10. Only the
    names of folders are looked at.

    Raises RobenchError for an unknown dataset, and MissingDataError with the places where it is nowhere.
    """
    name = dataset or FIRST_CHOICE
    if name not in SUBJECTS:
        raise RobenchError(unknown_name("dataset to train on", name, SUBJECTS))
    subject = SUBJECTS[name]
    if not subject.folders:
        return TrainingData(name, None)
    places = data_places(data_dir)
    for place in places:
        if _holds(place, name):
            return TrainingData(name, place, dataset is None)
    if dataset is None and data_dir is None:
        return TrainingData(EMBEDDED, None, by_default=True)
    raise MissingDataError(_missing(name, places, chosen=dataset is not None))


def download_command(dataset: str, data_dir: str | Path | None = None) -> str | None:
    """Return the command that fetches a dataset, or says where to get it; None where there is none."""
    fetched = SUBJECTS[dataset].fetched
    if fetched is None:
        return None
    where = " --where" if fetched is Fetched.BY_HAND else ""
    return (
        f"robench download {dataset} --data-dir {shlex.quote(str(data_dir or DATA_FOLDER))}{where}"
    )


def _holds(place: Path, dataset: str) -> bool:
    if dataset == "folder" and not any((place / each).is_dir() for each in ("val", "test")):
        return False
    return any((place / each).is_dir() for each in SUBJECTS[dataset].folders)


def _missing(name: str, places: tuple[Path, ...], *, chosen: bool) -> str:
    looked = ", ".join("the working folder" if each == Path() else str(each) for each in places)
    wanted = " or ".join(SUBJECTS[name].folders)
    if name == "folder":
        wanted = "train and val (or test), each with a sub-folder per class,"
    here = [other for other in SUBJECTS if any(_holds(place, other) for place in places)]
    if chosen or not here:
        where = ""
        if SUBJECTS[name].fetched is Fetched.BY_HAND:
            where = f"; {download_command(name)} says where to get it"
        return f"{name}: no {wanted} in {looked}{where}"
    named = " or ".join(f"--dataset {other}" for other in here)
    return f"{name}: no {wanted} in {looked}; what is there: {named}"


def default_folder(method: str, architecture: str, data: TrainingData) -> Path:
    """Return ``runs/<method>-<network>-<dataset>``; a folder of one's own goes by its name."""
    dataset = data.dataset
    if dataset == "folder" and data.place is not None:
        dataset = data.place.resolve().name or dataset
    return RUNS_FOLDER / "-".join(
        re.sub(r"[^\w.-]+", "-", part) for part in (method, architecture, dataset)
    )
