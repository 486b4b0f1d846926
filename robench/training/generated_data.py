"""Are the training images themselves corrupted? What the manifest of a generated folder says of that."""

from pathlib import Path

import corruptions
from robench.datasets import Source
from robench.datasets.image_folder import ImageFolder
from robench.errors import RobenchError
from robench.generation.manifest import manifests_in

LEVELS = (
    3  # a tree holds its classes below <corruption>/<severity>, or one deeper where it is grouped
)


def corruptions_in(train: Source) -> tuple[str, ...]:
    """Return the corruptions of a folder that ``robench generate`` made, or that lies in one; none for any other."""
    if not isinstance(train, ImageFolder):
        return ()
    root = train.root.resolve()
    for folder in (root, *root.parents[:LEVELS]):
        if names := _names(folder):
            below = root.relative_to(folder).parts
            return tuple(sorted(name for name in names if name in below)) or names
    return ()


def _names(folder: Path) -> tuple[str, ...]:
    known = {*corruptions.families(), *corruptions.perturbation_names()}
    try:
        found = {name for each in manifests_in(folder) for name in each.content.get("names", ())}
    except RobenchError:  # somebody else's manifest.json
        return ()
    return tuple(sorted(found & known))
