"""Chains of operations, equal to Pillow's to the last bit, on a batch of images.

In work, an image is three planes of bytes, uint8 (3, H W + PADDING), and a table for each, uint8 (3, 256), of
what the stored bytes stand for. Operations on single values change the tables only; before pixels are moved or
blended the tables are applied.
"""

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations.byte_vectors import LANES
from baselines.augmentations.compiled import Doubles, Image, Planes, Tables, compiled, inlined
from baselines.augmentations.enhancements import brightness, color, contrast, sharpness
from baselines.augmentations.moves import mirror, translate
from baselines.augmentations.shearing import shear_x, shear_y
from baselines.augmentations.turning import rotate
from baselines.augmentations.value_tables import (
    autocontrast,
    equalize,
    freshen,
    invert,
    posterize,
    settle,
    solarize,
)

# Positions in operations.EVERY_OPERATION.
AUTOCONTRAST, EQUALIZE, POSTERIZE, ROTATE, SOLARIZE = 0, 1, 2, 3, 4
SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y = 5, 6, 7, 8
COLOR, CONTRAST, BRIGHTNESS, SHARPNESS = 9, 10, 11, 12
MIRROR, INVERT = 13, 14

PADDING = LANES  # bytes behind each plane, which a last vector may read and write
COLUMN_ROWS = 5


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
    buffers, columns = working_memory(3, (height, width))
    tables = np.empty((3, 256), np.uint8)
    for i in range(len(images)):
        to_planes(images[i].reshape(-1), buffers[0])
        end, _ = run_chain(
            buffers, 1, 2, tables, (height, width), operations[i], amounts[i], depths[i], columns
        )
        _to_image(buffers[end], tables, output[i].reshape(-1))


@compiled
def working_memory(count: int, size: tuple[int, int]) -> tuple[Planes, Doubles]:
    """Return ``count`` images' planes, and what ``run_chain`` works out for the columns of one."""
    height, width = size
    planes = np.empty((count, 3, height * width + PADDING), np.uint8)
    return planes, np.empty((COLUMN_ROWS, width + LANES))


@compiled
def to_planes(image: Image, planes: Planes) -> None:
    """Fill the planes with an image, uint8 (H W 3,)."""
    red, green, blue = planes[0], planes[1], planes[2]
    for place in range(len(image) // 3):
        red[place] = image[3 * place]
        green[place] = image[3 * place + 1]
        blue[place] = image[3 * place + 2]


@compiled
def _to_image(planes: Planes, tables: Tables, image: Image) -> None:
    for place in range(len(image) // 3):
        for channel in range(3):
            image[3 * place + channel] = tables[channel, planes[channel, place]]


@compiled
def run_chain(
    buffers: Planes,
    one: int,
    other: int,
    tables: Tables,
    size: tuple[int, int],
    operations: NDArray[np.int64],
    amounts: NDArray[np.float64],
    depth: int,
    columns: Doubles,
) -> tuple[int, bool]:
    """Apply operations in turn to the planes in buffer 0, which is left unchanged.

    Returns which of the buffers 0, ``one`` and ``other`` holds the end, and whether its bytes stand for themselves;
    what they stand for is in the tables.
    """
    freshen(tables)
    now, fresh, count = 0, True, size[0] * size[1]
    for step in range(depth):
        operation, amount = operations[step], amounts[step]
        if _is_of_values(operation):
            _change_values(buffers[now], tables, operation, int(amount), count, fresh)
            fresh = False
        elif not _changes_nothing(operation, amount):
            if not fresh:
                free = other if now == one else one
                settle(buffers[now], tables, buffers[free], count)
                now, fresh = free, True
            free = other if now == one else one
            _move_or_blend(buffers[now], buffers[free], size, operation, amount, columns)
            now = free
    return now, fresh


@inlined
def _is_of_values(operation: int) -> bool:
    return operation in (AUTOCONTRAST, EQUALIZE, POSTERIZE, SOLARIZE, INVERT)


@inlined
def _changes_nothing(operation: int, amount: float) -> bool:
    return int(amount) == 0 and operation in (ROTATE, TRANSLATE_X, TRANSLATE_Y)


@inlined
def _change_values(
    planes: Planes, tables: Tables, operation: int, whole: int, count: int, fresh: bool
) -> None:
    if operation == AUTOCONTRAST:
        autocontrast(planes, tables, count, fresh)
    elif operation == EQUALIZE:
        equalize(planes, tables, count, fresh)
    elif operation == POSTERIZE:
        posterize(tables, whole)
    elif operation == SOLARIZE:
        solarize(tables, whole)
    else:
        invert(tables)


@inlined
def _move_or_blend(
    planes: Planes,
    output: Planes,
    size: tuple[int, int],
    operation: int,
    amount: float,
    columns: Doubles,
) -> None:
    """Apply any other operation; the planes are left unchanged."""
    if operation == ROTATE:
        rotate(planes, output, size, int(amount), columns)
    elif operation == SHEAR_X:
        shear_x(planes, output, size, amount, columns)
    elif operation == SHEAR_Y:
        shear_y(planes, output, size, amount, columns)
    elif operation == TRANSLATE_X:
        translate(planes, output, size, int(amount), 0)
    elif operation == TRANSLATE_Y:
        translate(planes, output, size, 0, int(amount))
    elif operation == MIRROR:
        mirror(planes, output, size)
    else:
        _enhance(planes, output, size, operation, np.float32(amount))


@compiled
def _enhance(
    planes: Planes, output: Planes, size: tuple[int, int], operation: int, factor: np.float32
) -> None:
    count = size[0] * size[1]
    if operation == COLOR:
        color(planes, output, count, factor)
    elif operation == CONTRAST:
        contrast(planes, output, count, factor)
    elif operation == BRIGHTNESS:
        brightness(planes, output, count, factor)
    else:
        sharpness(planes, output, size, factor)
