"""Which photograph does a stored image show, and in which framing? Told by thumbnails.

All corruptions but fog leave a photograph recognisable in them: of 700 photographs at 64 pixels and severity 5, the
median correlation with the clean one was 0.42 under fog, and 0.93 or more under every other corruption.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

LARGEST_OFFSET = 3
COARSE, FINE = (
    4,
    16,
)  # cells per side: to tell photographs apart, and the framings of one photograph
# Correlations of thumbnails: one below the first is of another photograph, one above the second of the same.
UNLIKE, LIKE = 0.3, 0.9
MOSTLY_NEARER = 0.9  # of the images are nearer to another framing, where that is the cause

Images = NDArray[np.uint8]


def offset_of(
    stored: Images, positions: NDArray[np.int64], read: Callable[[int], Images]
) -> int | None:
    """Return by how many places the images stand away from their clean ones; None where no offset explains them.

    Args:
        stored: uint8 (N, H, W, 3), whatever was stored at ``positions``.
        positions: int64 (N,).
        read: an offset -> the clean images at ``positions`` + offset, wrapped around.
    """
    likeness = {
        offset: float(own_likeness(stored, read(offset)).mean())
        for offset in range(-LARGEST_OFFSET, LARGEST_OFFSET + 1)
    }
    best = max(likeness, key=lambda offset: likeness[offset])
    others = [value for offset, value in likeness.items() if offset != best]
    return best if likeness[best] > 2 * max(0.1, max(others)) else None


def stranger_sentence(stored: Images, fresh: Images, clean: Images, names: Sequence[str]) -> str:
    """Return which stored images show another photograph than their clean one; "" for none.

    An image is only judged where ``fresh`` ones, corrupted alike, show what they should.

    Args:
        stored, fresh, clean: uint8 (N, H, W, 3) each.
        names: N, of the files.
    """
    control = own_likeness(fresh, clean)
    if np.median(control) < LIKE:
        return ""
    strange = np.flatnonzero((own_likeness(stored, clean) < UNLIKE) & (control > LIKE))
    if not len(strange):
        return ""
    first = strange[0]
    if len(strange) > 1:
        return f"{names[first]} and {len(strange) - 1} others show other photographs"
    likeness = own_likeness(np.broadcast_to(stored[first], clean.shape), clean)
    best = int(likeness.argmax())
    which = f", that of {names[best]}" if likeness[best] > LIKE else ""
    return f"{names[first]} shows another photograph{which}"


def nearer_framing(stored: Images, clean: Images, framed: dict[str, Images]) -> str | None:
    """Return the name of the framing that stored images were made with, if that is another than the clean ones'.

    Args:
        stored: uint8 (N, H, W, 3).
        clean: likewise, framed as they should be.
        framed: name -> the clean images in another framing.
    """
    own = own_likeness(stored, clean, FINE)
    for name, images in framed.items():
        if (own_likeness(stored, images, FINE) > own).mean() > MOSTLY_NEARER:
            return name
    return None


def own_likeness(stored: Images, clean: Images, cells: int = COARSE) -> NDArray[np.float64]:
    """Return the correlation, -1 to 1, of the thumbnails of each stored image and its clean one: float64 (N,)."""
    products = _thumbnails(stored, cells) * _thumbnails(clean, cells)
    return np.asarray(products.mean(1), np.float64)


def _thumbnails(images: Images, cells: int) -> NDArray[np.float64]:
    """Return standardised grey thumbnails, float64 (N, cells * cells)."""
    side = min(images.shape[1:3]) // cells * cells
    grey = images[:, :side, :side].mean(3)
    parts = grey.reshape(len(images), cells, side // cells, cells, side // cells)
    small = parts.mean((2, 4)).reshape(len(images), -1)
    centred = small - small.mean(1, keepdims=True)
    scale: NDArray[np.float64] = np.sqrt((centred**2).mean(1, keepdims=True)) + 1e-6
    return centred / scale
