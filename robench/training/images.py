"""The images of one split as training asks for them: any of them, in any order, framed anew each epoch."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets import Source
from robench.datasets.image_folder import ImageFolder, decoded
from robench.errors import RobenchError
from robench.training.framing import flipped, resized_crop, shifted
from robench.training.recipe import Recipe


@dataclass(frozen=True)
class Images:
    """One split. Photographs are read from their files when they are needed, arrays are in memory.

    ``sha256`` is of every pixel of arrays, and of the list of files and their sizes of photographs.
    """

    source: Source = field(repr=False)
    sha256: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (N,)."""
        return self.source.labels

    @property
    def indices(self) -> NDArray[np.int64]:
        """int64 (N,), each image's number in its dataset."""
        return self.source.indices

    def framed(
        self, positions: NDArray[np.int64], recipe: Recipe, *, seed: int, epoch: int
    ) -> NDArray[np.uint8]:
        """Return the images at ``positions`` in the frames that an epoch gives them, uint8 (n, H, W, 3)."""
        part = self.source.select(positions)
        key = {"seed": seed, "epoch": epoch}
        if recipe.resized_crop_px:
            images = _resized_crops(part, recipe.resized_crop_px, **key)
        else:
            padding_px = recipe.crop_padding_px
            images = shifted(part.read(0, len(positions)), part.indices, padding_px, **key)
        return flipped(images, part.indices, **key) if recipe.flip else images


def images_of(source: Source) -> Images:
    """Return the images of a source; raise RobenchError when there are none."""
    if len(source.labels) == 0:
        raise RobenchError(f"{source.name}: no images to train on or test with")
    if isinstance(source, ImageFolder):
        return Images(source, source.listing_sha256())
    return Images(source, source.manifest_sha256())


def _resized_crops(part: Source, side_px: int, *, seed: int, epoch: int) -> NDArray[np.uint8]:
    """Decode on all cores, for that costs more than anything else that happens to a photograph."""
    with ThreadPoolExecutor() as pool:
        crops = pool.map(
            lambda picture, index: resized_crop(picture(), index, side_px, seed=seed, epoch=epoch),
            _pictures(part),
            part.indices,
        )
        return np.stack(list(crops))


class _File:
    """A photograph that is decoded when it is called."""

    def __init__(self, source: ImageFolder, path: str) -> None:
        self.path = source.root / path

    def __call__(self) -> Image.Image:
        return decoded(self.path)


class _InMemory:
    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels

    def __call__(self) -> Image.Image:
        return Image.fromarray(self.pixels)


def _pictures(part: Source) -> Iterator[_File | _InMemory]:
    if isinstance(part, ImageFolder):
        return (_File(part, path) for path in part.paths)
    return (_InMemory(pixels) for pixels in part.read(0, len(part.labels)))
