"""Corrupted photographs as the benchmark stores them: JPEG, quality 85, optimised Huffman tables.

OpenCV's encoder is the libjpeg-turbo that Pillow has, lets other threads run meanwhile, and writes the same bytes as
``Image.save(quality=85, optimize=True)``.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 85
OPTIONS = (cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1)


def encode_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Return the file of an image, uint8 (H, W, 3) RGB."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), OPTIONS)
    return data.tobytes()


def stored_as_jpeg(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images, uint8 (N, H, W, 3), as they are read back from their files."""
    out = np.empty_like(images)
    for n, image in enumerate(images):
        decoded = cv2.imdecode(np.frombuffer(encode_jpeg(image), np.uint8), cv2.IMREAD_COLOR)
        out[n] = np.asarray(decoded)[..., ::-1]
    return out
