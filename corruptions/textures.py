"""The frost photographs, read from the installed ``imagecorruptions`` package.

They are third-party photographs that may not be redistributed here. The package is located but
never imported: importing it needs an old setuptools.
"""

import functools
import importlib.util
import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from corruptions.errors import CorruptionError

PHOTOGRAPHS = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")


def frost_texture(number: int, scale: float, height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Return a frost photograph to crop from, uint8 (H, W, 3) RGB, read-only.

    A photograph that is not larger than the image on both sides is enlarged, its aspect kept, until
    it is one pixel larger: the benchmark's own sizes never need that.

    Args:
        number: 0 to 4, a place in ``PHOTOGRAPHS``.
        scale: what the photograph's sides are multiplied by first.
        height_px: of the image that the crop must cover.
        width_px: likewise.

    Raises:
        CorruptionError: if ``imagecorruptions`` or one of its photographs is not installed.
    """
    texture = _scaled(number, scale)
    if texture.shape[0] > height_px and texture.shape[1] > width_px:
        return texture
    return _enlarged(number, scale, height_px, width_px)


@functools.cache
def _scaled(number: int, scale: float) -> NDArray[np.uint8]:
    photograph = _photograph(number)
    if scale == 1.0:
        return photograph
    return _frozen(cv2.resize(photograph, (0, 0), fx=scale, fy=scale))


@functools.lru_cache(maxsize=10)
def _enlarged(number: int, scale: float, height_px: int, width_px: int) -> NDArray[np.uint8]:
    texture = _scaled(number, scale)
    height, width, _ = texture.shape
    factor = max((height_px + 1) / height, (width_px + 1) / width)
    sides = (math.ceil(width * factor), math.ceil(height * factor))
    return _frozen(cv2.resize(texture, sides, interpolation=cv2.INTER_CUBIC))


@functools.cache
def _photograph(number: int) -> NDArray[np.uint8]:
    path = _folder() / PHOTOGRAPHS[number]
    photograph = cv2.imread(str(path)) if path.is_file() else None
    if photograph is None:
        raise CorruptionError(
            f"frost needs {path.name} of imagecorruptions, and {path} is missing or unreadable; "
            "run: pip install --force-reinstall imagecorruptions"
        )
    return _frozen(photograph[..., ::-1])


def _folder() -> Path:
    package = importlib.util.find_spec("imagecorruptions")
    if package is None or package.origin is None:
        raise CorruptionError(
            "frost needs the photographs in the package imagecorruptions, which is not installed; "
            "run: pip install imagecorruptions"
        )
    return Path(package.origin).parent / "frost"


def _frozen(texture: ArrayLike) -> NDArray[np.uint8]:
    frozen = np.ascontiguousarray(texture, np.uint8)
    frozen.flags.writeable = False  # shared by every caller through the cache
    return frozen
