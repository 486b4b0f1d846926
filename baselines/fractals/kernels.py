"""Compiled drawing of one picture after another; see ``baselines.fractals``."""

import math

import numba
import numpy as np
from numpy.typing import NDArray

MAX_LAYERS = 3
MIN_MAPS, MAX_MAPS = 2, 8
PER_MAP = 9  # two angles, two signs, two singular values, an offset in two axes, a colour
LAYER_HEAD = 7  # number of maps, seed of the walk, zoom, shift in two axes, roundness, opacity
PER_LAYER = LAYER_HEAD + MAX_MAPS * PER_MAP
PICTURE_HEAD = 9  # number of layers, two background colours, direction, frequency and phase, hues
PER_PICTURE = PICTURE_HEAD + MAX_LAYERS * PER_LAYER

MAX_SINGULAR_VALUE = 0.98

PLACES_A_PIXEL = 2  # along each axis
VISITS_A_PLACE = 10
LOTS = 1024  # a power of two
# A walk's first steps may still be on their way to the attractor; those after them say where it lies.
SETTLING_STEPS, MEASURING_STEPS = 50, 2000
# So much of a picture must be covered by attractors, or it is drawn again from other numbers.
LEAST_COVERAGE = 0.4
# Of the values of a channel, in [0, 1]; photographs have about 0.25.
LEAST_DEVIATION, MAX_GAIN = 0.22, 3.0

Uniforms = NDArray[np.float64]

compiled = numba.njit(nogil=True, cache=True)


@compiled
def draw(uniforms: Uniforms, pictures: NDArray[np.uint8], covered: Uniforms) -> None:
    """Draw N pictures from float64 (N, PER_PICTURE) into uint8 (N, S, S, 3), and say how full they are."""
    side = pictures.shape[1] * PLACES_A_PIXEL
    canvas = np.empty((side, side, 3))
    visits = np.empty((side, side, 4))  # the colours' sums, and how many
    clear = np.empty((side, side))  # what is left of the background
    for i in range(len(uniforms)):
        numbers = uniforms[i]
        hue, spread = numbers[7], 0.1 + 0.5 * numbers[8]
        _paint_background(canvas, numbers)
        clear[:] = 1.0
        for layer in range(1 + int(numbers[0] * MAX_LAYERS)):
            start = PICTURE_HEAD + layer * PER_LAYER
            _walk(numbers[start : start + PER_LAYER], hue, spread, visits)
            opacity = 1.0 if layer == 0 else 0.6 + 0.4 * numbers[start + 6]
            _lay_over(canvas, clear, visits, opacity)
        covered[i] = 1.0 - clear.mean()
        _shrink(canvas, pictures[i])


@compiled
def _channel(turn: float, hue: float, saturation: float, value: float) -> float:
    position = (turn + 6.0 * hue) % 6.0
    return value - value * saturation * max(0.0, min(position, 4.0 - position, 1.0))


@compiled
def _rgb(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Convert a colour; a hue of 1 is a whole turn, saturation, value and the result are in [0, 1]."""
    return (
        _channel(5.0, hue, saturation, value),
        _channel(3.0, hue, saturation, value),
        _channel(1.0, hue, saturation, value),
    )


@compiled
def _paint_background(canvas: Uniforms, numbers: Uniforms) -> None:
    """Fill the canvas with waves between two colours."""
    first = _rgb(numbers[1], 0.3 + 0.7 * numbers[3], 0.15 + 0.7 * numbers[4])
    second = _rgb(numbers[2], 0.3 + 0.7 * numbers[4], 0.15 + 0.7 * numbers[3])
    side = len(canvas)
    angle = 2 * math.pi * numbers[5]
    waves = 2 * math.pi * (0.3 + 2 * numbers[6] ** 2) / side
    for y in range(side):
        for x in range(side):
            along = x * math.cos(angle) + y * math.sin(angle)
            share = 0.5 + 0.5 * math.sin(waves * along + 2 * math.pi * numbers[8])
            for channel in range(3):
                canvas[y, x, channel] = first[channel] * (1 - share) + second[channel] * share


@compiled
def _singular_values(draws: Uniforms, rest: float, others: int) -> tuple[float, float]:
    """Draw singular values 1 >= s >= t >= 0 such that s + 2 t leaves to ``others`` maps what they can take.

    ``rest`` is what the sum of s + 2 t over this map and the others has to be; one map takes 0 to 3.
    """
    low, high = max(0.0, rest - 3.0 * others), min(3.0, rest)
    least, most = low / 3, min(1.0, high)
    larger = least + draws[0] * (most - least)
    least, most = max(0.0, (low - larger) / 2), min(larger, (high - larger) / 2)
    return larger, least + draws[1] * (most - least)


@compiled
def _systems(numbers: Uniforms, maps: int, systems: Uniforms) -> None:
    """Fill ``systems`` (maps, 6) with affine maps (x, y) -> (a x + b y + c, d x + e y + f).

    The sum of s + 2 t over the maps is drawn between (5 + maps) / 2 and (6 + maps) / 2: below, an
    attractor is dust, above, a cloud (Anderson & Farrell 2022, section 3.1).
    """
    rest = 0.5 * (5 + maps + numbers[5])
    for k in range(maps):
        own = numbers[LAYER_HEAD + k * PER_MAP : LAYER_HEAD + (k + 1) * PER_MAP]
        if k == maps - 1:
            # Nothing is left to choose but how s + 2 t = rest is shared.
            least, most = max(0.0, (rest - 1) / 2), rest / 3
            t = least + own[4] * (most - least)
            s = rest - 2 * t
        else:
            s, t = _singular_values(own[4:6], rest, maps - 1 - k)
            rest -= s + 2 * t
        # A contraction in all directions keeps the walk bounded.
        s, t = min(s, MAX_SINGULAR_VALUE), min(t, MAX_SINGULAR_VALUE)
        first, second = 2 * math.pi * own[0], 2 * math.pi * own[1]
        p = 1.0 if own[2] < 0.5 else -1.0
        q = 1.0 if own[3] < 0.5 else -1.0
        cos1, sin1, cos2, sin2 = (
            math.cos(first),
            math.sin(first),
            math.cos(second),
            math.sin(second),
        )
        systems[k, 0] = p * (cos1 * s * cos2 - sin1 * t * sin2)
        systems[k, 1] = q * (-cos1 * s * sin2 - sin1 * t * cos2)
        systems[k, 2] = 2 * own[6] - 1
        systems[k, 3] = p * (sin1 * s * cos2 + cos1 * t * sin2)
        systems[k, 4] = q * (-sin1 * s * sin2 + cos1 * t * cos2)
        systems[k, 5] = 2 * own[7] - 1


@compiled
def _random_word(state: np.uint64) -> np.uint64:
    """Step Marsaglia's 64-bit xorshift (13, 7, 17); its low bits draw a lot."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@compiled
def _lots(systems: Uniforms, maps: int) -> NDArray[np.uint8]:
    """Return LOTS map numbers, each map as often as the area that it leaves is large, for drawing lots."""
    total, sums = 0.0, np.empty(maps)
    for k in range(maps):
        area = abs(systems[k, 0] * systems[k, 4] - systems[k, 1] * systems[k, 3])
        total += max(area, 0.01)
        sums[k] = total
    lots, k = np.empty(LOTS, np.uint8), 0
    for lot in range(LOTS):
        while (lot + 0.5) / LOTS * total > sums[k]:
            k += 1
        lots[lot] = k
    return lots


@compiled
def _walk(numbers: Uniforms, hue: float, spread: float, visits: Uniforms) -> None:
    """Draw a system, walk on its attractor, and fill ``visits`` (S, S, 4)."""
    maps = MIN_MAPS + int(numbers[0] * (MAX_MAPS - MIN_MAPS + 1))
    systems, colours = np.empty((maps, 6)), np.empty((maps, 3))
    _systems(numbers, maps, systems)
    for k in range(maps):
        shade = numbers[LAYER_HEAD + k * PER_MAP + 8]
        # One number makes a colour: hue, saturation and brightness run through it at their own speeds.
        saturation, value = 1.0 - 0.8 * ((7.3 * shade) % 1.0), 0.35 + 0.65 * ((3.7 * shade) % 1.0)
        colour = _rgb(hue + spread * (shade - 0.5), saturation, value)
        colours[k, 0], colours[k, 1], colours[k, 2] = colour
    lots = _lots(systems, maps)
    state = np.uint64(1 + int(numbers[1] * 2.0**52))
    state, mean_x, mean_y, deviation_x, deviation_y = _extent(systems, lots, state)
    side = len(visits)
    # Four deviations hold nearly all of an attractor; closer, its edge leaves the picture.
    zoom = 1.0 + 1.2 * numbers[2]
    scale_x, scale_y = zoom * side / (4 * deviation_x), zoom * side / (4 * deviation_y)
    left = mean_x + (numbers[3] - 0.5) * deviation_x - 0.5 * side / scale_x
    top = mean_y + (numbers[4] - 0.5) * deviation_y - 0.5 * side / scale_y
    _visit(systems, colours, lots, state, (mean_x, mean_y), (left, top, scale_x, scale_y), visits)


@compiled
def _extent(
    systems: Uniforms, lots: NDArray[np.uint8], state: np.uint64
) -> tuple[np.uint64, float, float, float, float]:
    """Return where the attractor lies (means, then standard deviations), after the walk's new state."""
    x = y = sum_x = sum_y = squares_x = squares_y = 0.0
    for step in range(SETTLING_STEPS + MEASURING_STEPS):
        state = _random_word(state)
        own = systems[lots[state & np.uint64(LOTS - 1)]]
        x, y = own[0] * x + own[1] * y + own[2], own[3] * x + own[4] * y + own[5]
        if step >= SETTLING_STEPS:
            sum_x, sum_y = sum_x + x, sum_y + y
            squares_x, squares_y = squares_x + x * x, squares_y + y * y
    mean_x, mean_y = sum_x / MEASURING_STEPS, sum_y / MEASURING_STEPS
    deviation_x = math.sqrt(max(squares_x / MEASURING_STEPS - mean_x * mean_x, 1e-12))
    deviation_y = math.sqrt(max(squares_y / MEASURING_STEPS - mean_y * mean_y, 1e-12))
    return state, mean_x, mean_y, deviation_x, deviation_y


@compiled
def _visit(
    systems: Uniforms,
    colours: Uniforms,
    lots: NDArray[np.uint8],
    state: np.uint64,
    start: tuple[float, float],
    window: tuple[float, float, float, float],
    visits: Uniforms,
) -> None:
    """Walk on, and count and colour the visits of each place; ``window``: left, top, places a unit."""
    x, y = start
    left, top, scale_x, scale_y = window
    side = len(visits)
    red = green = blue = 0.5
    visits[:] = 0.0
    for step in range(SETTLING_STEPS + VISITS_A_PLACE * side * side):
        state = _random_word(state)
        k = lots[state & np.uint64(LOTS - 1)]
        own = systems[k]
        x, y = own[0] * x + own[1] * y + own[2], own[3] * x + own[4] * y + own[5]
        red = 0.5 * (red + colours[k, 0])
        green = 0.5 * (green + colours[k, 1])
        blue = 0.5 * (blue + colours[k, 2])
        column, row = math.floor((x - left) * scale_x), math.floor((y - top) * scale_y)
        if step >= SETTLING_STEPS and 0 <= column < side and 0 <= row < side:
            visits[row, column, 0] += red
            visits[row, column, 1] += green
            visits[row, column, 2] += blue
            visits[row, column, 3] += 1.0


@compiled
def _lay_over(canvas: Uniforms, clear: Uniforms, visits: Uniforms, opacity: float) -> None:
    """Paint the attractor over the canvas; a place visited eight times the average hides what is below."""
    full = math.log1p(8.0 * visits[:, :, 3].mean())
    for y in range(len(canvas)):
        for x in range(len(canvas)):
            count = visits[y, x, 3]
            if count == 0.0:
                continue
            share = opacity * min(1.0, math.log1p(count) / full)
            clear[y, x] *= 1.0 - share
            for channel in range(3):
                colour = visits[y, x, channel] / count
                canvas[y, x, channel] += share * (colour - canvas[y, x, channel])


@compiled
def _shrink(canvas: Uniforms, picture: NDArray[np.uint8]) -> None:
    """Average the places of each pixel, and stretch a dull picture's contrast."""
    deviation = 0.0
    for channel in range(3):
        deviation += canvas[:, :, channel].std() / 3
    gain = min(max(1.0, LEAST_DEVIATION / max(deviation, 1e-6)), MAX_GAIN)
    for channel in range(3):
        mean = canvas[:, :, channel].mean()
        for y in range(len(picture)):
            for x in range(len(picture)):
                total = 0.0
                for row in range(PLACES_A_PIXEL * y, PLACES_A_PIXEL * (y + 1)):
                    for column in range(PLACES_A_PIXEL * x, PLACES_A_PIXEL * (x + 1)):
                        total += canvas[row, column, channel]
                value = mean + gain * (total / (PLACES_A_PIXEL * PLACES_A_PIXEL) - mean)
                picture[y, x, channel] = int(min(max(value, 0.0), 1.0) * 255 + 0.5)
