"""Tiny ImageNet: 200 of ImageNet's classes, 500 training and 50 validation images of 64 x 64 pixels each.

Source: Stanford CS231n, http://cs231n.stanford.edu/tiny-imagenet-200.zip. Class numbers are those of the sorted WordNet
numbers, as torchvision's ImageFolder gives them.
"""

from pathlib import Path

from robench.arguments import argument
from robench.datasets.framing import framing_of
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.datasets.imagenet import MissingImagesError
from robench.errors import RobenchError

FOLDER = "tiny-imagenet-200"


def open_tiny_imagenet(split: str, data_dir: Path | None) -> ImageFolder:
    """Open the training images, or for testing the validation images; the published test images have no labels.

    Raises MissingImagesError when they are not below ``data_dir``, and RobenchError when that is not given.
    """
    if data_dir is None:
        raise RobenchError(
            f"tiny-imagenet needs {argument('data_dir')}, the folder that holds {FOLDER}"
        )
    root = data_dir / FOLDER / ("train" if split == "train" else "val")
    if not root.is_dir():
        raise MissingImagesError(
            f"tiny-imagenet: no folder {root}; run: robench download tiny-imagenet"
        )
    return open_image_folder(root, framing_of("tiny"), "tiny-imagenet")


DATASETS = {"tiny-imagenet": open_tiny_imagenet}
