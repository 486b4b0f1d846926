"""What lies below folders: evaluations, training runs and attacks, told apart by their files alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from robench.errors import RobenchError
from robench.outside_file import read_json_object

RUN, ATTACK = "run.json", "attack.json"
TRAINING = "robench-training/"  # how the format of a training's run.json begins
OUTSIDE = "outside"  # the folder in an evaluation for its runs on images of none of the classes


@dataclass(frozen=True)
class FoundRuns:
    """Folders, each kind in the order of its paths; a folder whose run.json is no JSON counts as an evaluation."""

    evaluations: tuple[Path, ...]
    trainings: tuple[Path, ...]
    attacks: tuple[Path, ...]

    @property
    def every(self) -> tuple[Path, ...]:
        """All of them, in the order of their paths."""
        return tuple(sorted({*self.evaluations, *self.trainings, *self.attacks}))


def find_runs(roots: Iterable[Path]) -> FoundRuns:
    """Return every run in or below the folders, each once; runs on outside images belong to others and are left out."""
    folders: dict[Path, Path] = {}  # where it is -> as it was named
    for root in roots:
        for name in (RUN, ATTACK):
            for path in root.rglob(name):
                if not _is_outside(path.parent):
                    folders.setdefault(path.parent.resolve(), path.parent)
    found = sorted(folders.values())
    trainings = [folder for folder in found if is_training(folder)]
    attacks = [folder for folder in found if is_attack(folder)]
    evaluations = [each for each in found if each not in trainings and (each / RUN).exists()]
    return FoundRuns(tuple(evaluations), tuple(trainings), tuple(attacks))


def is_training(folder: Path) -> bool:
    """Is the folder one that ``robench train`` wrote?"""
    try:
        content = read_json_object(folder / RUN, "")
    except RobenchError:
        return False
    return str(content.get("format")).startswith(TRAINING)


def is_attack(folder: Path) -> bool:
    """Is the folder one that ``robench attack`` wrote?"""
    return (folder / ATTACK).is_file()


def _is_outside(folder: Path) -> bool:
    return folder.parent.name == OUTSIDE and (folder.parent.parent / RUN).exists()
