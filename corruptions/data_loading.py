"""Corruptions inside a data loader: a wrapper around a data set, and a transform.

``CorruptedDataset`` passes every image's number on as its index, so that each has random draws of
its own, the same in every epoch, order and worker, and equal to those of ``robench eval``. A
transform is not told the number: ``Corrupt`` takes a digest of the pixels in its place. Both hand
back what they were given: a PIL image, an array or a tensor. Neither needs torch.
"""

import hashlib
import operator
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from corruptions import catalogue
from corruptions.batches import checked_indices, checked_seed, corrupt
from corruptions.errors import CorruptionError
from corruptions.preset_choice import AUTO

if TYPE_CHECKING:  # what a DataLoader takes, for type checkers; it asks for no base class
    from torch.utils.data import Dataset

    MapDataset = Dataset[Any]
else:
    MapDataset = object

# PIL's other modes hold more than 8 bits, and would be cut off.
PIL_MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "YCbCr", "HSV", "LAB")
DIGEST_BYTES = 8

AnyImage = TypeVar("AnyImage")


class Indexable(Protocol):
    """A map-style data set: a length, and an item for each number below it."""

    def __len__(self) -> int:
        """Return how many items there are."""
        ...

    def __getitem__(self, index: int, /) -> Any:
        """Return the item of a number from 0."""
        ...


class CorruptedDataset(MapDataset):
    """A map-style data set whose images are corrupted as they are read, each with draws of its own.

    An image's index is its number in ``dataset``, so that all workers, orders and epochs see the
    same pixels. They are those of ``robench eval`` on the fly where ``dataset`` holds the suite's
    test images in its order, as torchvision's ``CIFAR10(train=False)`` does, and ``preset`` is the
    suite's; of ImageNet-C before the JPEG file that the benchmark stores them in.

    Args:
        dataset: its items are tuples that begin with an image, such as (image, label), or images: PIL,
            uint8 arrays (H, W, 3) or (H, W), or uint8 tensors (3, H, W) or (1, H, W). It must not yet
            make floats of them: such transforms go into ``transform``.
        name: a corruption, as for ``corrupt``.
        severity: 1 (mild) to 5 (severe).
        preset: as for ``corrupt``; ``"auto"`` goes by the size of each image.
        seed: as for ``corrupt``.
        indices: each image's number where ``dataset`` is a part of the whole data set, such as
            ``subset.indices`` of a ``torch.utils.data.Subset``; 0 to N - 1 when omitted.
        transform: is given the corrupted image, of the same type as the clean one, in RGB.

    Raises:
        CorruptionError: for an argument that is not as described; and when an item is read, for one
            that does not begin with such an image.
    """

    def __init__(
        self,
        dataset: Indexable,
        name: str,
        severity: int,
        *,
        preset: str = AUTO,
        seed: int = 0,
        indices: Sequence[int] | NDArray[np.int64] | None = None,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.dataset = dataset
        self.name, self.severity, self.preset = _checked(name, severity, preset)
        self.seed = checked_seed(seed)
        self.indices = None if indices is None else checked_indices(indices, len(dataset))
        self.transform = transform

    def __len__(self) -> int:
        """Return how many items there are: as many as in ``dataset``."""
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        """Return the item of ``dataset`` with its image corrupted, and transformed."""
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(f"{index} of {len(self)} items")
        place %= len(self)
        item = self.dataset[place]
        image, *others = item if isinstance(item, tuple | list) else (item,)
        number = place if self.indices is None else int(self.indices[place])
        pixels = corrupt(
            _pixels_of(image),
            self.name,
            self.severity,
            preset=self.preset,
            seed=self.seed,
            indices=number,
            threads=1,
        )
        corrupted = _like(image, pixels)
        if self.transform is not None:
            corrupted = self.transform(corrupted)
        return (corrupted, *others) if isinstance(item, tuple | list) else corrupted


class Corrupt:
    """A transform that corrupts an image, for ``torchvision.transforms.Compose`` before ``ToTensor``.

    A transform is not told an image's number, so its random draws are keyed by a digest of its pixels:
    the same in every order and worker, and again the next time. Images with equal pixels get equal
    draws; an image that was randomly cropped or flipped before gets others each time; and the draws
    are other ones than the benchmark's, from the same distribution. For the benchmark's own there is
    ``CorruptedDataset``.

    Args:
        name: a corruption, as for ``corrupt``.
        severity: 1 (mild) to 5 (severe).
        preset: as for ``corrupt``; ``"auto"`` goes by the size of each image.
        seed: as for ``corrupt``.

    Raises:
        CorruptionError: for an argument that is not as described.
    """

    def __init__(self, name: str, severity: int, *, preset: str = AUTO, seed: int = 0) -> None:
        self.name, self.severity, self.preset = _checked(name, severity, preset)
        self.seed = checked_seed(seed)

    def __call__(self, image: AnyImage) -> AnyImage:
        """Return the corrupted image: PIL RGB, uint8 (H, W, 3), or a tensor (3, H, W), as it was given.

        Raises CorruptionError for anything but a PIL image, a uint8 array or a uint8 tensor.
        """
        pixels = _pixels_of(image)
        corrupted = corrupt(
            pixels,
            self.name,
            self.severity,
            preset=self.preset,
            seed=self.seed,
            indices=_digest(pixels),
            threads=1,
        )
        made: AnyImage = _like(image, corrupted)
        return made

    def __repr__(self) -> str:
        return f"Corrupt({self.name!r}, severity={self.severity}, preset={self.preset!r}, seed={self.seed})"


def _checked(name: str, severity: int, preset: str) -> tuple[str, int, str]:
    """Return the arguments; raise CorruptionError where no image could be corrupted with them."""
    some = next(iter(catalogue.load(name).STRENGTH)) if preset == AUTO else preset
    catalogue.strength(name, severity, some)
    return name, severity, preset


def _pixels_of(image: Any) -> NDArray[np.uint8]:
    """Return an image as uint8 (H, W, 3); raise CorruptionError for anything but 8-bit pixels."""
    if isinstance(image, Image.Image):
        if image.mode not in PIL_MODES:
            raise CorruptionError(
                f"a PIL image must have 8 bits a channel, got mode {image.mode!r}"
            )
        return np.asarray(image.convert("RGB"))
    if _is_tensor(image):
        image = image.numpy(force=True)
        if image.ndim != 3 or image.shape[0] not in (1, 3):
            raise CorruptionError(f"a tensor must have shape (3, H, W), got {image.shape}")
        image = image.transpose(1, 2, 0)
    if not isinstance(image, np.ndarray):
        raise CorruptionError(
            f"expected a PIL image, a uint8 array or a uint8 tensor, got {type(image).__name__}"
        )
    if image.dtype != np.uint8:
        raise CorruptionError(
            f"images are corrupted as uint8, before ToTensor and Normalize, got {image.dtype}"
        )
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise CorruptionError(f"an image must have shape (H, W, 3), got {image.shape}")
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def _like(image: Any, pixels: NDArray[np.uint8]) -> Any:
    """Return uint8 (H, W, 3) as what ``image`` is: a PIL image, a tensor or an array."""
    if isinstance(image, Image.Image):
        return Image.fromarray(pixels)
    if _is_tensor(image):
        # Without importing torch: a tensor's own copy has its type and device.
        return image.new_tensor(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
    return pixels


def _is_tensor(image: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(image, torch.Tensor)


def _digest(pixels: NDArray[np.uint8]) -> int:
    """Return a number below 2**63 that any other pixels or shape would change."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=DIGEST_BYTES)
    digest.update(np.ascontiguousarray(pixels).data)
    return int.from_bytes(digest.digest(), "little") >> 1
