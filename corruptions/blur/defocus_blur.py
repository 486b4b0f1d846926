"""Defocus blur: the image out of focus, every point spread to a disk.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from corruptions.disk_kernel import disk_kernel

STRENGTH = {  # (radius of the disk in pixels, standard deviation of its soft edge in pixels)
    "cifar": ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1)),
    "tiny": ((0.5, 0.6), (1.0, 0.1), (1.5, 0.1), (2.5, 0.01), (3.0, 0.1)),
    "imagenet": ((3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5)),
    "inception": ((4.0, 0.1), (5.0, 0.5), (7.0, 0.5), (10.0, 0.5), (12.0, 0.5)),
}
# Up to here adding up the taps beats OpenCV, which multiplies in the frequency domain.
MOST_DIRECT_TAPS = 64


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), out of focus."""
    radius_px, edge_sigma_px = strength
    kernel = disk_kernel(radius_px, edge_sigma_px)
    if np.count_nonzero(kernel) > MOST_DIRECT_TAPS:
        return _filter_in_frequency(images, kernel)
    rows, columns = np.nonzero(kernel)
    reach = len(kernel) // 2
    return _filter_directly(
        images, rows - reach, columns - reach, kernel[rows, columns].astype(np.float64)
    )


def _filter_in_frequency(
    images: NDArray[np.uint8], kernel: NDArray[np.float32]
) -> NDArray[np.uint8]:
    output = np.empty_like(images)
    for image, target in zip(images, output, strict=True):
        spread = cv2.filter2D(image / 255.0, -1, kernel)
        np.clip(spread, 0.0, 1.0, out=spread)
        np.multiply(spread, 255.0, out=spread)
        target[...] = spread.astype(np.uint8)
    return output


@njit(cache=True, nogil=True)
def _filter_directly(
    images: NDArray[np.uint8],
    down: NDArray[np.int64],
    right: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> NDArray[np.uint8]:
    count, height, width, _ = images.shape
    reach = max(np.abs(down).max(), np.abs(right).max())
    output = np.empty_like(images)
    plane = np.empty((height + 2 * reach, (width + 2 * reach) * 3))
    total = np.empty(width * 3)
    for i in range(count):
        _reflect(images[i], reach, plane)
        target = output[i].reshape(height, width * 3)
        for y in range(height):
            total[:] = 0.0
            for k in range(len(weights)):
                start = (reach + right[k]) * 3
                row = plane[y + reach + down[k], start : start + width * 3]
                weight = weights[k]
                for x in range(width * 3):
                    total[x] += row[x] * weight
            for x in range(width * 3):
                target[y, x] = np.uint8(min(max(total[x], 0.0), 1.0) * 255.0)
    return output


@njit(cache=True, nogil=True)
def _reflect(image, reach, plane):  # type: ignore[no-untyped-def]
    """Write ``image`` / 255 to ``plane``, its border mirrored about the outermost pixels."""
    height, width, _ = image.shape
    for y in range(height + 2 * reach):
        from_y = height - 1 - abs(height - 1 - abs(y - reach))
        for x in range(width + 2 * reach):
            from_x = width - 1 - abs(width - 1 - abs(x - reach))
            for channel in range(3):
                plane[y, x * 3 + channel] = image[from_y, from_x, channel] / 255.0
