"""How a photograph of any size becomes the square that a benchmark corrupts.

Source: the create_c scripts of Hendrycks & Dietterich 2019, one framing per preset. Sides are computed and pixels
resampled (Pillow, bilinear) as their torchvision does, so that the squares are equal to theirs.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image

from robench.datasets.as_stored import AsStored
from robench.errors import RobenchError

BILINEAR = Image.Resampling.BILINEAR
LARGEST_SIDE_PX = 4096


class Framing(Protocol):
    """Anything that turns an RGB picture into a square of ``side_px``."""

    @property
    def side_px(self) -> int:
        """The side of the square."""

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the square."""

    def uncropped(self, picture: Image.Image) -> Image.Image:
        """Return the picture at the scale of the square, with what lies around the square where there is any."""


@dataclass(frozen=True)
class CentreCrop:
    """Resize the shorter side to ``resize_px``, keeping the aspect, and cut out the central ``side_px``: ImageNet-C."""

    resize_px: int
    side_px: int

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the square."""
        resized = self.uncropped(picture)
        # round() goes to the even neighbour of a half, as in torchvision.
        left, top = (round((side - self.side_px) / 2) for side in resized.size)
        return resized.crop((left, top, left + self.side_px, top + self.side_px))

    def uncropped(self, picture: Image.Image) -> Image.Image:
        """Return the resized picture."""
        width, height = picture.size
        shorter, longer = sorted((width, height))
        long_px = int(self.resize_px * longer / shorter)
        size = (self.resize_px, long_px) if width <= height else (long_px, self.resize_px)
        return _resized(picture, size)


@dataclass(frozen=True)
class Squash:
    """Keep the central ``fraction`` of both sides and resize it to a square, whatever the aspect."""

    side_px: int
    fraction: float = 1.0

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the square."""
        width, height = picture.size
        kept = int(width * self.fraction), int(height * self.fraction)
        left, top = round((width - kept[0]) / 2), round((height - kept[1]) / 2)
        if kept != picture.size:
            picture = picture.crop((left, top, left + kept[0], top + kept[1]))
        size = (self.side_px, self.side_px)
        return _resized(picture, size)

    def uncropped(self, picture: Image.Image) -> Image.Image:
        """Return the square, which is all there is."""
        return self(picture)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the picture at a width and height, resampled along the rows first.

    Left to itself Pillow does that only up to version 12: version 13 begins with the columns of some tall pictures,
    which moves a quarter of the values by a level.
    """
    rows = (size[0], picture.height)
    if rows != picture.size:
        picture = picture.resize(rows, BILINEAR)
    return picture if size == picture.size else picture.resize(size, BILINEAR)


KINDS: dict[str, type[AsStored | CentreCrop | Squash]] = {
    "as stored": AsStored,
    "centre crop": CentreCrop,
    "squash": Squash,
}


def framing_record(framing: Framing) -> dict[str, Any]:
    """Return a framing as a checkpoint keeps it, for ``framing_of_record``."""
    kind = next(name for name, each in KINDS.items() if isinstance(framing, each))
    return {"kind": kind, **vars(framing)}


def framing_of_record(record: object) -> Framing | None:
    """Return the framing that a checkpoint keeps, or None where it keeps none that is known here."""
    if not isinstance(record, dict) or record.get("kind") not in KINDS:
        return None
    numbers = {key: value for key, value in record.items() if key != "kind"}
    if not all(isinstance(value, int | float) for value in numbers.values()):
        return None
    try:
        return KINDS[record["kind"]](**numbers)
    except TypeError:  # other numbers than this kind has
        return None


def framing_of(preset: str, side_px: int | None = None) -> Framing:
    """Return the framing that goes with a preset's constants, for its own side or for ``side_px``.

    ImageNet's keeps 224 of 256 pixels at every side. Raises RobenchError for an unknown preset or a side outside
    16 to 4096.
    """
    if side_px is not None and not 16 <= side_px <= LARGEST_SIDE_PX:
        raise RobenchError(f"size must be 16 to {LARGEST_SIDE_PX} pixels, got {side_px}")
    if preset == "imagenet":
        side = side_px or 224
        return CentreCrop(round(side * 256 / 224), side)
    if preset == "inception":
        return Squash(side_px or 299, 0.875)
    if preset in ("tiny", "cifar"):
        return Squash(side_px or {"tiny": 64, "cifar": 32}[preset])
    raise RobenchError(f"unknown preset {preset!r}; known: cifar, tiny, imagenet, inception")
