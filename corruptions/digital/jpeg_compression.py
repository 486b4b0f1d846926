"""JPEG compression: blocks and ringing of a strongly compressed photograph.

The image is encoded in memory, with the usual halved colour resolution, and decoded again.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code, which call
Pillow. OpenCV's codec is the same libjpeg-turbo behind a shorter path, and gives the same pixels.
Agreement with the reference: exact where both are built on libjpeg-turbo, as all wheels are today.
The published CIFAR-10-C file was made by another encoder, libjpeg 9a, and differs in 39% of
its values (mean difference 1.04 levels).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

STRENGTH = {  # (quality, 1 to 100,)
    "imagenet": ((25.0,), (18.0,), (15.0,), (10.0,), (7.0,)),
    "cifar": ((80.0,), (65.0,), (58.0,), (50.0,), (40.0,)),
    "tiny": ((65.0,), (58.0,), (50.0,), (40.0,), (25.0,)),
    "inception": ((23.0,), (16.0,), (13.0,), (8.0,), (5.0,)),
}


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return uint8 (N, H, W, 3), each image as JPEG stores it at the quality given."""
    (quality,) = strength
    options = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    _, height, width, _ = images.shape
    # Every call of OpenCV gives up the interpreter and waits for it: few of them, for many images.
    out = np.empty((len(images) * height, width, 3), np.uint8)
    cv2.cvtColor(images.reshape(out.shape), cv2.COLOR_RGB2BGR, dst=out)
    for top in range(0, len(out), height):
        _, data = cv2.imencode(".jpg", out[top : top + height], options)
        out[top : top + height] = cv2.imdecode(data, cv2.IMREAD_COLOR)
    cv2.cvtColor(out, cv2.COLOR_BGR2RGB, dst=out)
    return out.reshape(images.shape)
