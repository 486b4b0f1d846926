"""Corrupted photographs as the benchmark stores them; ``robench.datasets.stored_jpeg`` reads them back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from robench.datasets.stored_jpeg import OPTIONS


def encode_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Return the file of an image, uint8 (H, W, 3) RGB: the bytes of Pillow's ``save(quality=85, optimize=True)``."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), OPTIONS)
    return data.tobytes()
