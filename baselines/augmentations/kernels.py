"""Compiled image operations, one image at a time, with Pillow's arithmetic.

They share one long file because numba's cache of a compiled caller does not notice a change of
its callee in another file. No kernel holds the interpreter lock.

In work, an image is three planes of bytes, uint8 (3, H W), and a table for each, uint8 (3, 256), of what the
stored bytes stand for. Operations on single values change the tables only; before pixels are moved or blended
the tables are applied. Long loops have no branch and read in order, so that they are compiled to vectors.

Source of the arithmetic: Pillow's ImageOps.py and Image.rotate, and its C sources Geometry.c,
Blend.c and Filter.c; the tests hold each operation against Pillow itself.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Planes = NDArray[np.uint8]
Tables = NDArray[np.uint8]
Offsets = NDArray[np.uint32]
Doubles = NDArray[np.float64]

AUTOCONTRAST, EQUALIZE, POSTERIZE, ROTATE, SOLARIZE = 0, 1, 2, 3, 4
SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y = 5, 6, 7, 8
COLOR, CONTRAST, BRIGHTNESS, SHARPNESS = 9, 10, 11, 12
MIRROR, INVERT = 13, 14

MAX_DEGREES = 30
BLOCK = 2048  # pixels whose sources are worked out at once: long loops, little memory


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
def _to_planes(image: Image, planes: Planes) -> None:
    height, width = image.shape[:2]
    for y in range(height):
        for x in range(width):
            for channel in range(3):
                planes[channel, y * width + x] = image[y, x, channel]


@compiled
def _to_image(planes: Planes, tables: Tables, image: Image) -> None:
    height, width = image.shape[:2]
    for y in range(height):
        for x in range(width):
            for channel in range(3):
                image[y, x, channel] = tables[channel, planes[channel, y * width + x]]


@compiled
def _freshen(tables: Tables) -> None:
    """Let every byte stand for itself."""
    for channel in range(3):
        for value in range(256):
            tables[channel, value] = value


@compiled
def _settle(planes: Planes, tables: Tables, output: Planes) -> None:
    """Fill ``output`` with what the planes stand for."""
    for channel in range(3):
        plane, table, target = planes[channel], tables[channel], output[channel]
        for place in range(len(plane)):
            target[place] = table[plane[place]]
    _freshen(tables)


@compiled
def _then(table: Tables, following: Tables) -> None:
    """Let ``table`` (256,) stand for what ``following`` makes of it."""
    for value in range(256):
        table[value] = following[table[value]]


@compiled
def _count(plane: Planes, table: Tables, counts: NDArray[np.uint32]) -> tuple[int, int]:
    """Count the values that a plane stands for; return the lowest and highest of them."""
    # Two counts side by side: equal neighbours would wait for each other.
    stored, others = np.zeros(256, np.uint32), np.zeros(256, np.uint32)
    pairs = len(plane) // 2
    evens, odds = plane[: 2 * pairs : 2], plane[1 : 2 * pairs : 2]
    for pair in range(pairs):
        stored[evens[pair]] += np.uint32(1)
        others[odds[pair]] += np.uint32(1)
    if len(plane) > 2 * pairs:
        stored[plane[-1]] += np.uint32(1)
    counts[:] = 0
    low, high = 255, 0
    for value in range(256):
        count = stored[value] + others[value]
        if count:
            shown = table[value]
            counts[shown] += count
            low, high = min(low, int(shown)), max(high, int(shown))
    return low, high


@compiled
def _autocontrast(planes: Planes, tables: Tables) -> None:
    following, counts = np.empty(256, np.uint8), np.empty(256, np.uint32)
    for channel in range(3):
        low, high = _count(planes[channel], tables[channel], counts)
        if high <= low:
            continue
        scale = 255.0 / (high - low)
        offset = -low * scale
        for value in range(256):
            following[value] = np.uint8(np.int32(min(max(value * scale + offset, 0.0), 255.0)))
        _then(tables[channel], following)


@compiled
def _equalize(planes: Planes, tables: Tables) -> None:
    following, counts = np.zeros(256, np.uint8), np.empty(256, np.uint32)
    for channel in range(3):
        low, high = _count(planes[channel], tables[channel], counts)
        step = np.uint32((planes.shape[1] - int(counts[high])) // 255)
        if low == high or step == 0:
            continue
        below = step // np.uint32(2)
        for value in range(low, high + 1):
            if counts[value]:
                following[value] = min(below // step, np.uint32(255))
                below += counts[value]
        _then(tables[channel], following)


@compiled
def _posterize(tables: Tables, bits: int) -> None:
    mask = np.uint8(256 - (1 << (8 - bits)))
    for channel in range(3):
        for value in range(256):
            tables[channel, value] &= mask


@compiled
def _solarize(tables: Tables, threshold: int) -> None:
    for channel in range(3):
        for value in range(256):
            if tables[channel, value] >= threshold:
                tables[channel, value] = 255 - tables[channel, value]


@compiled
def _invert(tables: Tables) -> None:
    for channel in range(3):
        for value in range(256):
            tables[channel, value] = 255 - tables[channel, value]


@compiled
def _mirror(planes: Planes, output: Planes, width: int) -> None:
    for channel in range(3):
        plane, target = planes[channel], output[channel]
        for row in range(0, len(plane), width):
            for x in range(width):
                target[row + x] = plane[row + width - 1 - x]


@compiled
def _columns_inside(
    a: float, b: float, c: float, y: int, width: int, limit: int
) -> tuple[int, int]:
    """Return from and to which x of row y a x + b y + c, at pixel centres, is in [0, limit).

    It rises or falls with x, after every rounding, so that these x have no gap.
    """
    first, last = 0, width
    while first < last and not 0.0 <= a * (first + 0.5) + b * (y + 0.5) + c < limit:
        first += 1
    while first < last and not 0.0 <= a * (last - 0.5) + b * (y + 0.5) + c < limit:
        last -= 1
    return first, last


@compiled
def _gather(plane: Planes, offsets: Offsets, values: Planes) -> None:
    for place in range(len(values)):
        values[place] = plane[offsets[place]]


@compiled
def _blend_pairs(firsts: Planes, seconds: Planes, shares: Doubles, target: Planes) -> None:
    for place in range(len(target)):
        # As floats, for differences of bytes would wrap below zero.
        value, other = float(firsts[place]), float(seconds[place])
        target[place] = np.uint8(np.int32(value + (other - value) * shares[place]))


@compiled
def _blend_corners(corners: Planes, across: Doubles, down: Doubles, target: Planes) -> None:
    upper_left, upper_right, lower_left, lower_right = (
        corners[0],
        corners[1],
        corners[2],
        corners[3],
    )
    for place in range(len(target)):
        left, right = float(upper_left[place]), float(upper_right[place])
        upper = left + (right - left) * across[place]
        left, right = float(lower_left[place]), float(lower_right[place])
        lower = left + (right - left) * across[place]
        target[place] = np.uint8(np.int32(upper + (lower - upper) * down[place]))


@compiled
def _affine(
    planes: Planes,
    output: Planes,
    width: int,
    across_map: tuple[float, float, float],
    down_map: tuple[float, float, float],
) -> None:
    """Fill output(x, y) from image(a x + b y + c, d x + e y + f), bilinear, black outside.

    Coordinates are those of pixel centres (x + 0.5); values are truncated, as in Pillow.
    """
    a, b, c = across_map
    d, e, f = down_map
    height = planes.shape[1] // width
    rows = max(1, BLOCK // width)
    size = rows * width
    across, down = np.empty(size), np.empty(size)
    # Where the four neighbours of each pixel of some rows lie, and what is there.
    offsets, corners = np.empty((4, size), np.uint32), np.empty((4, size), np.uint8)
    for top_row in range(0, height, rows):
        bottom_row = min(top_row + rows, height)
        for y in range(top_row, bottom_row):
            start = (y - top_row) * width
            shares_x, shares_y = across[start : start + width], down[start : start + width]
            upper_left, upper_right = (
                offsets[0, start : start + width],
                offsets[1, start : start + width],
            )
            lower_left, lower_right = (
                offsets[2, start : start + width],
                offsets[3, start : start + width],
            )
            for x in range(width):
                source_x = a * (x + 0.5) + b * (y + 0.5) + c
                source_y = d * (x + 0.5) + e * (y + 0.5) + f
                left, top = math.floor(source_x - 0.5), math.floor(source_y - 0.5)
                shares_x[x], shares_y[x] = source_x - 0.5 - left, source_y - 0.5 - top
                # Those of pixels outside are blackened below.
                x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
                upper = min(max(top, 0), height - 1) * width
                lower = min(max(top + 1, 0), height - 1) * width
                upper_left[x], upper_right[x] = upper + x0, upper + x1
                lower_left[x], lower_right[x] = lower + x0, lower + x1
        count = (bottom_row - top_row) * width
        for channel in range(3):
            for corner in range(4):
                _gather(planes[channel], offsets[corner], corners[corner, :count])
            target = output[channel, top_row * width : bottom_row * width]
            _blend_corners(corners, across, down, target)
    _blacken(output, width, across_map, down_map)


@compiled
def _blacken(
    planes: Planes,
    width: int,
    across_map: tuple[float, float, float],
    down_map: tuple[float, float, float],
) -> None:
    """Make the pixels black that come from outside."""
    a, b, c = across_map
    d, e, f = down_map
    height = planes.shape[1] // width
    for y in range(height):
        first, last = _columns_inside(a, b, c, y, width, width)
        first_down, last_down = _columns_inside(d, e, f, y, width, height)
        first, last = max(first, first_down), min(last, last_down)
        for channel in range(3):
            row = planes[channel, y * width : (y + 1) * width]
            for x in range(min(first, width)):
                row[x] = 0
            for x in range(max(last, first), width):
                row[x] = 0


@compiled
def _shear_x(planes: Planes, output: Planes, width: int, b: float) -> None:
    """Do what ``_affine`` does with (1, b, 0), (0, 1, 0): no row is mixed with the next."""
    height = planes.shape[1] // width
    rows = max(1, BLOCK // width)
    across, offsets = np.empty(rows * width), np.empty((2, rows * width), np.uint32)
    sides = np.empty((2, rows * width), np.uint8)
    for top_row in range(0, height, rows):
        bottom_row = min(top_row + rows, height)
        for y in range(top_row, bottom_row):
            start = (y - top_row) * width
            shares = across[start : start + width]
            lefts, rights = offsets[0, start : start + width], offsets[1, start : start + width]
            for x in range(width):
                source_x = (x + 0.5) + b * (y + 0.5)
                left = math.floor(source_x - 0.5)
                shares[x] = source_x - 0.5 - left
                lefts[x] = y * width + min(max(left, 0), width - 1)
                rights[x] = y * width + min(max(left + 1, 0), width - 1)
        _blend_two(planes, offsets, sides, across, output, top_row * width, bottom_row * width)
    _blacken(output, width, (1.0, b, 0.0), (0.0, 1.0, 0.0))


@compiled
def _blend_two(
    planes: Planes,
    offsets: Offsets,
    sides: Planes,
    shares: Doubles,
    output: Planes,
    start: int,
    stop: int,
) -> None:
    for channel in range(3):
        _gather(planes[channel], offsets[0], sides[0, : stop - start])
        _gather(planes[channel], offsets[1], sides[1, : stop - start])
        _blend_pairs(sides[0], sides[1], shares, output[channel, start:stop])


@compiled
def _shear_y(planes: Planes, output: Planes, width: int, d: float) -> None:
    """Do what ``_affine`` does with (1, 0, 0), (d, 1, 0): no column is mixed with the next."""
    height = planes.shape[1] // width
    rows = max(1, BLOCK // width)
    down, offsets = np.empty(rows * width), np.empty((2, rows * width), np.uint32)
    sides = np.empty((2, rows * width), np.uint8)
    for top_row in range(0, height, rows):
        bottom_row = min(top_row + rows, height)
        for y in range(top_row, bottom_row):
            start = (y - top_row) * width
            shares = down[start : start + width]
            uppers, lowers = offsets[0, start : start + width], offsets[1, start : start + width]
            for x in range(width):
                source_y = d * (x + 0.5) + (y + 0.5)
                top = math.floor(source_y - 0.5)
                shares[x] = source_y - 0.5 - top
                uppers[x] = min(max(top, 0), height - 1) * width + x
                lowers[x] = min(max(top + 1, 0), height - 1) * width + x
        _blend_two(planes, offsets, sides, down, output, top_row * width, bottom_row * width)
    _blacken(output, width, (1.0, 0.0, 0.0), (d, 1.0, 0.0))


@compiled
def _rotate(planes: Planes, output: Planes, width: int, degrees: int) -> None:
    cosine, sine = ROTATIONS[degrees + MAX_DEGREES]
    middle_x, middle_y = width / 2, planes.shape[1] // width / 2
    c = cosine * -middle_x + sine * -middle_y + 0.0 + middle_x
    f = -sine * -middle_x + cosine * -middle_y + 0.0 + middle_y
    _affine(planes, output, width, (cosine, sine, c), (-sine, cosine, f))


@compiled
def _translate(planes: Planes, output: Planes, width: int, shift_x: int, shift_y: int) -> None:
    size = planes.shape[1]
    # Along the rows the plane is one line; what comes from a neighbouring row is blackened.
    shift = shift_y * width + shift_x
    start, stop = min(max(0, -shift), size), max(0, min(size, size - shift))
    first, last = min(max(0, -shift_x), width), max(0, min(width, width - shift_x))
    for channel in range(3):
        plane, target = planes[channel], output[channel]
        target[:start] = 0
        target[start:stop] = plane[start + shift : stop + shift]
        target[max(start, stop) :] = 0
        if shift_x != 0:
            for row in range(0, size, width):
                for x in range(first):
                    target[row + x] = 0
                for x in range(last, width):
                    target[row + x] = 0


@compiled
def _grey(planes: Planes, place: int) -> int:
    red, green, blue = int(planes[0, place]), int(planes[1, place]), int(planes[2, place])
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16


@compiled
def _blended(degenerate: int, value: int, factor: np.float32) -> int:
    """Move ``degenerate`` towards ``value``, beyond it above a factor of 1, in single precision."""
    mixed = np.float32(degenerate) + factor * np.float32(value - degenerate)
    return int(min(max(mixed, np.float32(0)), np.float32(255)))


@compiled
def _color(planes: Planes, factor: np.float32) -> None:
    for place in range(planes.shape[1]):
        grey = _grey(planes, place)
        for channel in range(3):
            planes[channel, place] = _blended(grey, int(planes[channel, place]), factor)


@compiled
def _blend_with_level(planes: Planes, level: int, factor: np.float32) -> None:
    for channel in range(3):
        for place in range(planes.shape[1]):
            planes[channel, place] = _blended(level, int(planes[channel, place]), factor)


@compiled
def _mean_grey(planes: Planes) -> int:
    total = 0
    for place in range(planes.shape[1]):
        total += _grey(planes, place)
    return int(total / planes.shape[1] + 0.5)


@compiled
def _sharpness(planes: Planes, output: Planes, width: int, factor: np.float32) -> None:
    """Blend with a smoothed image: 5/13 of the centre, 1/13 around; not at the border."""
    height = planes.shape[1] // width
    ring, centre = np.float32(1) / np.float32(13), np.float32(5) / np.float32(13)
    output[:] = planes
    for channel in range(3):
        plane, target = planes[channel], output[channel]
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                total = np.float32(0.5)
                # Upwards as in Pillow: in single precision the order of a sum can show.
                for row in range(y + 1, y - 2, -1):
                    middle = centre if row == y else ring
                    place = row * width + x
                    total += (
                        np.float32(plane[place - 1]) * ring
                        + np.float32(plane[place]) * middle
                        + np.float32(plane[place + 1]) * ring
                    )
                smooth = int(min(total, np.float32(255)))
                target[y * width + x] = _blended(smooth, int(plane[y * width + x]), factor)


@compiled
def _change_values(planes: Planes, tables: Tables, operation: int, whole: int) -> bool:
    """Apply an operation on single values to the tables; return False if it is none."""
    if operation == AUTOCONTRAST:
        _autocontrast(planes, tables)
    elif operation == EQUALIZE:
        _equalize(planes, tables)
    elif operation == POSTERIZE:
        _posterize(tables, whole)
    elif operation == SOLARIZE:
        _solarize(tables, whole)
    elif operation == INVERT:
        _invert(tables)
    else:
        return False
    return True


@compiled
def _move_or_blend(
    planes: Planes, output: Planes, width: int, operation: int, amount: float
) -> None:
    """Apply any other operation; the planes are left unchanged."""
    if operation == ROTATE:
        _rotate(planes, output, width, int(amount))
    elif operation == SHEAR_X:
        _shear_x(planes, output, width, amount)
    elif operation == SHEAR_Y:
        _shear_y(planes, output, width, amount)
    elif operation == TRANSLATE_X:
        _translate(planes, output, width, int(amount), 0)
    elif operation == TRANSLATE_Y:
        _translate(planes, output, width, 0, int(amount))
    elif operation == MIRROR:
        _mirror(planes, output, width)
    elif operation == SHARPNESS:
        _sharpness(planes, output, width, np.float32(amount))
    else:
        output[:] = planes
        _enhance(output, operation, np.float32(amount))


@compiled
def _enhance(planes: Planes, operation: int, factor: np.float32) -> None:
    if operation == COLOR:
        _color(planes, factor)
    elif operation == CONTRAST:
        _blend_with_level(planes, _mean_grey(planes), factor)
    else:
        _blend_with_level(planes, 0, factor)


@compiled
def _changes_nothing(operation: int, amount: float) -> bool:
    return int(amount) == 0 and operation in (ROTATE, TRANSLATE_X, TRANSLATE_Y)


@compiled
def _run_chain(
    buffers: Planes,
    tables: Tables,
    width: int,
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depth: int,
) -> int:
    """Apply operations in turn to the planes in buffer 0, and return which of the buffers 0 to 2 holds the end.

    What its bytes stand for is in the tables then; buffer 0 is left unchanged.
    """
    _freshen(tables)
    now, fresh = 0, True
    for step in range(depth):
        operation, amount = operations[step], amounts[step]
        if _change_values(buffers[now], tables, operation, int(amount)):
            fresh = False
        elif not _changes_nothing(operation, amount):
            if not fresh:
                free = 2 if now == 1 else 1
                _settle(buffers[now], tables, buffers[free])
                now, fresh = free, True
            free = 2 if now == 1 else 1
            _move_or_blend(buffers[now], buffers[free], width, operation, amount)
            now = free
    return now


@compiled
def operate_batch(
    images: Image, operations: NDArray[np.int64], amounts: NDArray[np.float64], output: Image
) -> None:
    """Apply an operation to each of N images, uint8 (N, H, W, 3); ``output`` is filled."""
    once = np.ones(len(images), np.int64)
    one = (len(images), 1)
    operate_chains(images, operations.reshape(one), amounts.reshape(one), once, output)


@compiled
def operate_chains(
    images: Image,
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depths: NDArray[np.int64],
    output: Image,
) -> None:
    """Apply to each of N images, uint8 (N, H, W, 3), the first ``depths`` (N,) of its operations (N, depth)."""
    height, width = images.shape[1:3]
    buffers, tables = np.empty((3, 3, height * width), np.uint8), np.empty((3, 256), np.uint8)
    for i in range(len(images)):
        _to_planes(images[i], buffers[0])
        end = _run_chain(buffers, tables, width, operations[i], amounts[i], depths[i])
        _to_image(buffers[end], tables, output[i])


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
    height, width = images.shape[1:3]
    buffers, tables = np.empty((3, 3, height * width), np.uint8), np.empty((3, 256), np.uint8)
    weighted = np.empty(256, np.float32)
    mixtures = output.reshape((len(images), 3, height * width))
    for i in range(len(images)):
        _to_planes(images[i], buffers[0])
        for chain in range(operations.shape[1]):
            end = _run_chain(
                buffers, tables, width, operations[i, chain], amounts[i, chain], depths[i, chain]
            )
            for channel in range(3):
                for value in range(256):
                    weighted[value] = (
                        weights[i, chain] * normalized[channel, tables[channel, value]]
                    )
                _add(buffers[end, channel], weighted, mixtures[i, channel], chain == 0)
        own_share = np.float32(1) - shares[i]
        for channel in range(3):
            for value in range(256):
                weighted[value] = own_share * normalized[channel, value]
            _mix(buffers[0, channel], weighted, shares[i], mixtures[i, channel])


@compiled
def _add(
    plane: Planes, values: NDArray[np.float32], mixture: NDArray[np.float32], to_nothing: bool
) -> None:
    if to_nothing:
        for place in range(len(plane)):
            mixture[place] = values[plane[place]]
    else:
        for place in range(len(plane)):
            mixture[place] += values[plane[place]]


@compiled
def _mix(
    plane: Planes, values: NDArray[np.float32], share: np.float32, mixture: NDArray[np.float32]
) -> None:
    for place in range(len(plane)):
        mixture[place] = values[plane[place]] + share * mixture[place]
