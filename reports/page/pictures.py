"""Pixels as an ``<img>`` whose file is inside the page."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reports.page.element import element

THUMBNAIL_PX = (
    112  # larger pictures are made smaller: the page shows what a corruption does, not every pixel
)
SMALL_PX = 64  # up to here pictures stay as they are, to the pixel
JPEG_QUALITY = 82


def thumbnail(pixels: NDArray[np.uint8], alt: str) -> str:
    """Return a picture, uint8 (H, W, 3), as an HTML element; the same pixels always give the same bytes."""
    height, width = pixels.shape[:2]
    small = max(height, width) <= SMALL_PX
    picture = Image.fromarray(pixels)
    buffer = io.BytesIO()
    if small:
        picture.save(buffer, "PNG", optimize=True)
    else:
        picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
        picture.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    kind = "png" if small else "jpeg"
    encoded = base64.b64encode(buffer.getvalue()).decode()
    image = element(
        "img",
        class_="small" if small else None,
        src=f"data:image/{kind};base64,{encoded}",
        alt=alt,
        width=str(picture.width),
        height=str(picture.height),
    )
    return image.removesuffix("</img>")
