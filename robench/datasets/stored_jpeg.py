"""The JPEG file that a corrupted photograph becomes in ImageNet-C: quality 85, optimised Huffman tables.

The step is part of the benchmark: a network is never shown the corrupted pixels, but what is left of them in the file.
OpenCV's codec is the libjpeg-turbo that Pillow has, and lets other threads run meanwhile.
Source: create_c/make_imagenet_c.py of Hendrycks & Dietterich 2019.
"""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 85
OPTIONS = (cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1)


def read_back(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images, uint8 (N, H, W, 3) RGB, as they are read back from their files."""
    out = np.empty_like(images)

    def store(image: NDArray[np.uint8], square: NDArray[np.uint8]) -> None:
        _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), OPTIONS)
        square[:] = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1]

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(store, images, out):
            pass
    return out
