"""Plasma fractal: a cloudy height map by the diamond-square algorithm.

Source: Fournier, Fussell & Carpenter 1982, "Computer rendering of stochastic models", in the form
of ``plasma_fractal`` of the create_c scripts of Hendrycks & Dietterich 2019.
"""

from numba import njit

FIRST_WIBBLE = 100.0


def plasma_side(height_px: int, width_px: int) -> int:
    """Return the side of the map that covers an image: the next power of two."""
    return 1 << (max(height_px, width_px) - 1).bit_length()


def plasma_draws(side: int) -> int:
    """Return how many uniform numbers one map of ``side`` takes: all its points but one corner."""
    return side * side - 1


@njit(cache=True, nogil=True)
def fill_plasma(numbers, decay, heights):  # type: ignore[no-untyped-def]
    """Fill ``heights``, float64 (S, S) with S a power of two, with a map scaled to 0 to 1.

    Args:
        numbers: float64 (S * S - 1,), uniform in [0, 1), in the order of the reference: level by
            level the centres of the squares, the middles of their upper and of their left sides.
        decay: what the roughness is divided by from one level to the next.
        heights: written; its old values are not used.
    """
    side = len(heights)
    heights[0, 0] = 0.0
    step = side
    wibble = FIRST_WIBBLE
    used = 0
    while step >= 2:
        cells = (side // step) ** 2
        _fill_centres(heights, step, wibble, numbers[used : used + cells])
        _fill_upper_sides(heights, step, wibble, numbers[used + cells : used + 2 * cells])
        _fill_left_sides(heights, step, wibble, numbers[used + 2 * cells : used + 3 * cells])
        used += 3 * cells
        step //= 2
        wibble /= decay
    lowest = heights.min()
    span = heights.max() - lowest
    for y in range(side):
        for x in range(side):
            heights[y, x] = (heights[y, x] - lowest) / span


@njit(cache=True, nogil=True)
def _rough(total, wibble, number):  # type: ignore[no-untyped-def]
    """Return the mean of four heights, plus noise."""
    # Oddity kept: a number between -wibble and wibble is multiplied by wibble once more, so that
    # the roughness falls by the square of the decay.
    return total / 4.0 + wibble * (2.0 * wibble * number - wibble)


@njit(cache=True, nogil=True)
def _fill_centres(heights, step, wibble, numbers):  # type: ignore[no-untyped-def]
    side = len(heights)
    half = step // 2
    k = 0
    for y in range(0, side, step):
        below = (y + step) % side
        for x in range(0, side, step):
            right = (x + step) % side
            total = (heights[y, x] + heights[below, x]) + (
                heights[y, right] + heights[below, right]
            )
            heights[y + half, x + half] = _rough(total, wibble, numbers[k])
            k += 1


@njit(cache=True, nogil=True)
def _fill_upper_sides(heights, step, wibble, numbers):  # type: ignore[no-untyped-def]
    side = len(heights)
    half = step // 2
    k = 0
    for y in range(0, side, step):
        above = (y - half) % side
        for x in range(0, side, step):
            right = (x + step) % side
            total = (heights[y + half, x + half] + heights[above, x + half]) + (
                heights[y, x] + heights[y, right]
            )
            heights[y, x + half] = _rough(total, wibble, numbers[k])
            k += 1


@njit(cache=True, nogil=True)
def _fill_left_sides(heights, step, wibble, numbers):  # type: ignore[no-untyped-def]
    side = len(heights)
    half = step // 2
    k = 0
    for y in range(0, side, step):
        below = (y + step) % side
        for x in range(0, side, step):
            left = (x - half) % side
            total = (heights[y + half, x + half] + heights[y + half, left]) + (
                heights[y, x] + heights[below, x]
            )
            heights[y + half, x] = _rough(total, wibble, numbers[k])
            k += 1
