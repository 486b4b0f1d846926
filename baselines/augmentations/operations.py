"""The operations by name, how strong each is at a level, and a batch of them at once.

Source: Hendrycks et al. 2020 (AugMix), section 3 and its published code; the set is from
Cubuk et al. 2019 (AutoAugment).
"""

import numpy as np
from numpy.typing import NDArray

from baselines.augmentations import chains
from robench.errors import RobenchError
from robench.registry import unknown_name

# The position of a name is the kernels' number for it.
ALL_OPERATIONS = (
    "autocontrast",
    "equalize",
    "posterize",
    "rotate",
    "solarize",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "color",
    "contrast",
    "brightness",
    "sharpness",
)
# Without the last four, which are test corruptions under other names.
OPERATIONS = ALL_OPERATIONS[:9]
OVERLAPPING = ALL_OPERATIONS[9:]

# With two that only IPMix uses; they have no strength.
EVERY_OPERATION = (*ALL_OPERATIONS, "mirror", "invert")


def amounts(
    operations: NDArray[np.int64],
    levels: NDArray[np.float64],
    signs: NDArray[np.float64],
    size: tuple[int, int],
) -> NDArray[np.float64]:
    """Return what each operation does at its level, in the operation's own unit.

    Bits kept (posterize), degrees counter-clockwise (rotate), the first inverted value (solarize),
    pixels of source per pixel of output (shear), pixels (translate), a factor on the difference
    from the degenerate image (the last four); zero where the operation has no strength.

    Args:
        operations: positions in EVERY_OPERATION, any shape.
        levels: 0 to 10, the same shape.
        signs: -1 or +1, the same shape; which way to rotate, shear or translate.
        size: height and width of the image in pixels; a translation is a share of it.

    Returns:
        float64 of the same shape.
    """
    height, width = size
    # The divisions by 10 and by 3 keep the published code's order, for the truncations can tell.
    by_operation = {
        "posterize": 4 - np.trunc(levels * 4 / 10),
        "rotate": signs * np.trunc(levels * 30 / 10),
        "solarize": 256 - np.trunc(levels * 256 / 10),
        "shear_x": signs * (levels * 0.3 / 10),
        "shear_y": signs * (levels * 0.3 / 10),
        "translate_x": signs * np.trunc(levels * (width / 3) / 10),
        "translate_y": signs * np.trunc(levels * (height / 3) / 10),
        "color": levels * 1.8 / 10 + 0.1,
        "contrast": levels * 1.8 / 10 + 0.1,
        "brightness": levels * 1.8 / 10 + 0.1,
        "sharpness": levels * 1.8 / 10 + 0.1,
    }
    result = np.zeros(levels.shape)
    for name, values in by_operation.items():
        np.copyto(result, values, where=operations == ALL_OPERATIONS.index(name))
    return result


def augment(images: NDArray[np.uint8], operation: str, amount: float) -> NDArray[np.uint8]:
    """Apply one operation to every image.

    Args:
        images: uint8 (N, H, W, 3); left unchanged.
        operation: one of EVERY_OPERATION.
        amount: in the operation's unit, see ``amounts``; |degrees| at most 30.

    Returns:
        uint8 (N, H, W, 3), equal to Pillow's.

    Raises:
        RobenchError: for an unknown operation.
    """
    if operation not in EVERY_OPERATION:
        raise RobenchError(unknown_name("operation", operation, EVERY_OPERATION))
    output = np.empty_like(images)
    numbers = np.full(len(images), EVERY_OPERATION.index(operation))
    chains.operate_batch(
        np.ascontiguousarray(images), numbers, np.full(len(images), float(amount)), output
    )
    return output
