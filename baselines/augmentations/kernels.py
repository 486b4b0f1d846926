"""Compiled image operations, one image at a time, with Pillow's arithmetic.

They share one long file because numba's cache of a compiled caller does not notice a change of
its callee in another file. Images are uint8 (H, W, 3), contiguous; no kernel holds the
interpreter lock.

Source of the arithmetic: Pillow's ImageOps.py and Image.rotate, and its C sources Geometry.c,
Blend.c and Filter.c; the tests hold each operation against Pillow itself.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

AUTOCONTRAST, EQUALIZE, POSTERIZE, ROTATE, SOLARIZE = 0, 1, 2, 3, 4
SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y = 5, 6, 7, 8
COLOR, CONTRAST, BRIGHTNESS, SHARPNESS = 9, 10, 11, 12
MIRROR, INVERT = 13, 14

MAX_DEGREES = 30


def _rotations() -> NDArray[np.float64]:
    """Return cosine and sine of -30 to 30 degrees with Pillow's reductions and roundings."""
    rows = []
    for degrees in range(-MAX_DEGREES, MAX_DEGREES + 1):
        angle = -math.radians(degrees % 360.0)
        rows.append((round(math.cos(angle), 15), round(math.sin(angle), 15)))
    return np.array(rows)


ROTATIONS = _rotations()

compiled = numba.njit(nogil=True, cache=True)


@compiled
def _map_channel(image: Image, channel: int, table: Image) -> None:
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            image[y, x, channel] = table[image[y, x, channel]]


@compiled
def _histogram(image: Image, channel: int) -> NDArray[np.int64]:
    counts = np.zeros(256, np.int64)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            counts[image[y, x, channel]] += 1
    return counts


@compiled
def _autocontrast(image: Image) -> None:
    table = np.empty(256, np.uint8)
    for channel in range(3):
        present = np.flatnonzero(_histogram(image, channel))
        low, high = present[0], present[-1]
        if high <= low:
            continue
        scale = 255.0 / (high - low)
        offset = -low * scale
        for value in range(256):
            table[value] = min(max(int(value * scale + offset), 0), 255)
        _map_channel(image, channel, table)


@compiled
def _equalize(image: Image) -> None:
    table = np.empty(256, np.uint8)
    for channel in range(3):
        counts = _histogram(image, channel)
        present = np.flatnonzero(counts)
        step = (counts.sum() - counts[present[-1]]) // 255
        if len(present) <= 1 or step == 0:
            continue
        below = step // 2
        for value in range(256):
            table[value] = min(below // step, 255)
            below += counts[value]
        _map_channel(image, channel, table)


@compiled
def _posterize(image: Image, bits: int) -> None:
    mask = np.uint8(256 - (1 << (8 - bits)))
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for channel in range(3):
                image[y, x, channel] &= mask


@compiled
def _solarize(image: Image, threshold: int) -> None:
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for channel in range(3):
                value = image[y, x, channel]
                if value >= threshold:
                    image[y, x, channel] = 255 - value


@compiled
def _invert(image: Image) -> None:
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for channel in range(3):
                image[y, x, channel] = 255 - image[y, x, channel]


@compiled
def _mirror(image: Image, output: Image) -> None:
    width = image.shape[1]
    for y in range(image.shape[0]):
        for x in range(width):
            for channel in range(3):
                output[y, x, channel] = image[y, width - 1 - x, channel]


@compiled
def _affine(
    image: Image, output: Image, a: float, b: float, c: float, d: float, e: float, f: float
) -> None:
    """Fill output(x, y) from image(a x + b y + c, d x + e y + f), bilinear, black outside.

    Coordinates are those of pixel centres (x + 0.5); values are truncated, as in Pillow.
    """
    height, width = image.shape[:2]
    for y in range(height):
        for x in range(width):
            source_x = a * (x + 0.5) + b * (y + 0.5) + c
            source_y = d * (x + 0.5) + e * (y + 0.5) + f
            if not (0.0 <= source_x < width and 0.0 <= source_y < height):
                output[y, x, 0] = output[y, x, 1] = output[y, x, 2] = 0
                continue
            left, top = math.floor(source_x - 0.5), math.floor(source_y - 0.5)
            across, down = source_x - 0.5 - left, source_y - 0.5 - top
            x0, x1 = max(left, 0), min(left + 1, width - 1)
            y0, y1 = max(top, 0), min(top + 1, height - 1)
            for channel in range(3):
                # As floats, for differences of bytes would wrap below zero.
                upper_left = float(image[y0, x0, channel])
                lower_left = float(image[y1, x0, channel])
                upper = upper_left + (float(image[y0, x1, channel]) - upper_left) * across
                lower = lower_left + (float(image[y1, x1, channel]) - lower_left) * across
                output[y, x, channel] = int(upper + (lower - upper) * down)


@compiled
def _rotate(image: Image, output: Image, degrees: int) -> None:
    cosine, sine = ROTATIONS[degrees + MAX_DEGREES]
    middle_x, middle_y = image.shape[1] / 2, image.shape[0] / 2
    c = cosine * -middle_x + sine * -middle_y + 0.0 + middle_x
    f = -sine * -middle_x + cosine * -middle_y + 0.0 + middle_y
    _affine(image, output, cosine, sine, c, -sine, cosine, f)


@compiled
def _translate(image: Image, output: Image, shift_x: int, shift_y: int) -> None:
    height, width = image.shape[:2]
    output[:] = 0
    for y in range(max(0, -shift_y), min(height, height - shift_y)):
        for x in range(max(0, -shift_x), min(width, width - shift_x)):
            for channel in range(3):
                output[y, x, channel] = image[y + shift_y, x + shift_x, channel]


@compiled
def _grey(image: Image, y: int, x: int) -> int:
    red, green, blue = int(image[y, x, 0]), int(image[y, x, 1]), int(image[y, x, 2])
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16


@compiled
def _blended(degenerate: int, value: int, factor: np.float32) -> int:
    """Move ``degenerate`` towards ``value``, beyond it above a factor of 1, in single precision."""
    mixed = np.float32(degenerate) + factor * np.float32(value - degenerate)
    return int(min(max(mixed, np.float32(0)), np.float32(255)))


@compiled
def _color(image: Image, factor: np.float32) -> None:
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            grey = _grey(image, y, x)
            for channel in range(3):
                image[y, x, channel] = _blended(grey, int(image[y, x, channel]), factor)


@compiled
def _blend_with_level(image: Image, level: int, factor: np.float32) -> None:
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for channel in range(3):
                image[y, x, channel] = _blended(level, int(image[y, x, channel]), factor)


@compiled
def _mean_grey(image: Image) -> int:
    total = 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            total += _grey(image, y, x)
    return int(total / (image.shape[0] * image.shape[1]) + 0.5)


@compiled
def _sharpness(image: Image, output: Image, factor: np.float32) -> None:
    """Blend with a smoothed image: 5/13 of the centre, 1/13 around; not at the border."""
    height, width = image.shape[:2]
    output[:] = image
    ring, centre = np.float32(1) / np.float32(13), np.float32(5) / np.float32(13)
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            for channel in range(3):
                total = np.float32(0.5)
                # Upwards as in Pillow: in single precision the order of a sum can show.
                for row in range(y + 1, y - 2, -1):
                    middle = centre if row == y else ring
                    total += (
                        np.float32(image[row, x - 1, channel]) * ring
                        + np.float32(image[row, x, channel]) * middle
                        + np.float32(image[row, x + 1, channel]) * ring
                    )
                smooth = int(min(total, np.float32(255)))
                output[y, x, channel] = _blended(smooth, int(image[y, x, channel]), factor)


@compiled
def operate(image: Image, spare: Image, operation: int, amount: float) -> bool:
    """Apply one operation; return True if the result is in ``spare``, not in ``image``."""
    whole = int(amount)
    if operation == AUTOCONTRAST:
        _autocontrast(image)
    elif operation == EQUALIZE:
        _equalize(image)
    elif operation == POSTERIZE:
        _posterize(image, whole)
    elif operation == SOLARIZE:
        _solarize(image, whole)
    elif operation == COLOR:
        _color(image, np.float32(amount))
    elif operation == CONTRAST:
        _blend_with_level(image, _mean_grey(image), np.float32(amount))
    elif operation == BRIGHTNESS:
        _blend_with_level(image, 0, np.float32(amount))
    elif operation == INVERT:
        _invert(image)
    else:
        _operate_into(image, spare, operation, amount)
        return True
    return False


@compiled
def _operate_into(image: Image, output: Image, operation: int, amount: float) -> None:
    if operation == ROTATE:
        _rotate(image, output, int(amount))
    elif operation == SHEAR_X:
        _affine(image, output, 1.0, amount, 0.0, 0.0, 1.0, 0.0)
    elif operation == SHEAR_Y:
        _affine(image, output, 1.0, 0.0, 0.0, amount, 1.0, 0.0)
    elif operation == TRANSLATE_X:
        _translate(image, output, int(amount), 0)
    elif operation == TRANSLATE_Y:
        _translate(image, output, 0, int(amount))
    elif operation == MIRROR:
        _mirror(image, output)
    else:
        _sharpness(image, output, np.float32(amount))


@compiled
def operate_batch(
    images: Image, operations: NDArray[np.int64], amounts: NDArray[np.float64], output: Image
) -> None:
    """Apply an operation to each of N images, uint8 (N, H, W, 3); ``output`` is filled."""
    spare = np.empty_like(images[0])
    for i in range(len(images)):
        output[i] = images[i]
        if operate(output[i], spare, operations[i], amounts[i]):
            output[i] = spare


@compiled
def operate_chains(
    images: Image,
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depths: NDArray[np.int64],
    output: Image,
) -> None:
    """Apply to each of N images, uint8 (N, H, W, 3), the first ``depths`` (N,) of its operations (N, depth)."""
    current, spare = np.empty_like(images[0]), np.empty_like(images[0])
    for i in range(len(images)):
        current[:] = images[i]
        for step in range(depths[i]):
            if operate(current, spare, operations[i, step], amounts[i, step]):
                current, spare = spare, current
        output[i] = current


@compiled
def mix_chains(
    images: Image,
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depths: NDArray[np.int64],
    weights: NDArray[np.float32],
    shares: NDArray[np.float32],
    normalized: NDArray[np.float32],
    output: NDArray[np.float32],
) -> None:
    """Mix several augmented versions of each image with the image itself.

    Args:
        images: uint8 (N, H, W, 3).
        operations, amounts: (N, width, depth), what to do in each chain, of which the first
        depths: int64 (N, width) count.
        weights: float32 (N, width), of the chains in the mixture.
        shares: float32 (N,), of the mixture in the result.
        normalized: float32 (3, 256), what each value of each channel is for the network.
        output: float32 (N, 3, H, W), filled.
    """
    current, spare = np.empty_like(images[0]), np.empty_like(images[0])
    height, width = images.shape[1:3]
    for i in range(len(images)):
        output[i] = 0
        for chain in range(operations.shape[1]):
            current[:] = images[i]
            for step in range(depths[i, chain]):
                if operate(current, spare, operations[i, chain, step], amounts[i, chain, step]):
                    current, spare = spare, current
            for channel in range(3):
                for y in range(height):
                    for x in range(width):
                        value = normalized[channel, current[y, x, channel]]
                        output[i, channel, y, x] += weights[i, chain] * value
        own_share = np.float32(1) - shares[i]
        for channel in range(3):
            for y in range(height):
                for x in range(width):
                    own = own_share * normalized[channel, images[i, y, x, channel]]
                    output[i, channel, y, x] = own + shares[i] * output[i, channel, y, x]
