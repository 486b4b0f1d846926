"""How a publisher frames photographs before the network sees them: data for whoever reads clean images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CleanView:
    """Resize the shorter side to ``resize_px``, then cut out the central ``crop_px``.

    A benchmark's corrupted files are framed already and must not be framed again.

    Attributes:
        resize_px: of the shorter side, or None where nothing is resized.
        crop_px: height and width of what the network was evaluated on.
        interpolation: ``"bilinear"``, ``"bicubic"``, ... as the publisher names it.
        origin: says in words where this is written.
    """

    resize_px: int | None
    crop_px: tuple[int, int]
    interpolation: str
    origin: str
