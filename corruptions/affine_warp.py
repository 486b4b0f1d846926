"""Images turned, scaled or sheared about their middle as Pillow draws them, over black.

The -P benchmarks left the geometry to torchvision, which has changed it since. Until version 0.6
(2020) the centre lay half a pixel right of and below the middle, and a shear also changed the
height. The scripts are of September 2018 to January 2019, so every torchvision there was had that
geometry, which therefore is ``AS_PUBLISHED`` and the default; the versions that made the files are
not recorded. ``AS_TODAY`` is that of current versions, for results made with those.

Source: Pillow's Geometry.c (bilinear in double precision, truncated; pixel centres at one half) and
torchvision's ``affine`` (pull request 2468 moved the centre).
Agreement: exact with Pillow 13 under torchvision 0.2.1's and 0.29's matrices.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Geometry(NamedTuple):
    """What torchvision has changed: where the centre is and what a shear does."""

    centre_px: float  # right of and below the middle
    keeps_height: bool  # under a shear


AS_PUBLISHED = Geometry(centre_px=0.5, keeps_height=False)
AS_TODAY = Geometry(centre_px=0.0, keeps_height=True)

Coefficients = tuple[float, float, float, float, float, float]


def inverse_affine(
    shape_px: tuple[int, ...],
    geometry: Geometry,
    *,
    angle_deg: float = 0.0,
    scale: float = 1.0,
    shear_deg: float = 0.0,
) -> Coefficients:
    """Return (a, b, c, d, e, f) that take a target point to its source (a x + b y + c, d x + ...).

    Args:
        shape_px: height and width of the image.
        geometry: whose centre and shear.
        angle_deg: of a clockwise turn.
        scale: above 1 enlarges.
        shear_deg: above 0 moves the rows below the centre to the left.
    """
    angle, shear = math.radians(angle_deg), math.radians(shear_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    if geometry.keeps_height:
        factor = 1.0 / scale
        a = factor * (cos - sin * math.tan(shear))
        b = factor * (sin + cos * math.tan(shear))
    else:
        factor = 1.0 / scale / math.cos(shear)
        a = factor * math.cos(angle + shear)
        b = factor * math.sin(angle + shear)
    d, e = factor * -sin, factor * cos
    centre_x, centre_y = (side * 0.5 + geometry.centre_px for side in shape_px[::-1])
    c = a * -centre_x + b * -centre_y + centre_x
    f = d * -centre_x + e * -centre_y + centre_y
    return a, b, c, d, e, f


def warp(images: NDArray[np.uint8], maps: Sequence[Coefficients]) -> NDArray[np.uint8]:
    """Return uint8 (N, F, H, W, 3): each of the ``images`` (N, H, W, 3) under each of F ``maps``."""
    output = np.empty((len(images), len(maps), *images.shape[1:]), np.uint8)
    _warp(images, np.array(maps), output)
    return output


@njit(cache=True, nogil=True)
def _warp(images, maps, output):  # type: ignore[no-untyped-def]
    height, width = images.shape[1:3]
    for n in range(len(images)):
        for k in range(len(maps)):
            a, b, c, d, e, f = maps[k]
            for y in range(height):
                for x in range(width):
                    source_x = a * (x + 0.5) + b * (y + 0.5) + c
                    source_y = d * (x + 0.5) + e * (y + 0.5) + f
                    if 0.0 <= source_x < width and 0.0 <= source_y < height:
                        _fetch(images[n], source_x - 0.5, source_y - 0.5, output[n, k, y, x])
                    else:
                        output[n, k, y, x] = 0


@njit(cache=True, nogil=True)
def _fetch(image, source_x, source_y, pixel):  # type: ignore[no-untyped-def]
    """Write to ``pixel`` what the image shows at a point; its border pixels reach to the edge."""
    height, width, _ = image.shape
    left, top = math.floor(source_x), math.floor(source_y)
    right_share, lower_share = source_x - left, source_y - top
    x0, x1 = max(left, 0), min(left + 1, width - 1)
    y0, y1 = max(top, 0), min(top + 1, height - 1)
    for channel in range(3):
        upper, lower = np.float64(image[y0, x0, channel]), np.float64(image[y1, x0, channel])
        upper += (np.float64(image[y0, x1, channel]) - upper) * right_share
        lower += (np.float64(image[y1, x1, channel]) - lower) * right_share
        pixel[channel] = np.uint8(upper + (lower - upper) * lower_share)
