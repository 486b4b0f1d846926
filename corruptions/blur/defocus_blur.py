"""Defocus blur: the image out of focus, every point spread to a disk.

Source: Hendrycks & Dietterich 2019, section 3, and the create_c scripts of its code.
Agreement with the reference: exact; the published CIFAR-10-C file comes out byte for byte.
"""

import functools

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
# So many levels of 255 still fit into 16 bits when they are added.
MOST_TAPS_A_GROUP = 257


def apply(images: NDArray[np.uint8], strength: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return ``images``, uint8 (N, H, W, 3), out of focus."""
    width = images.shape[2]
    return _spread(images, *_tap_groups(strength, width))


@functools.lru_cache(maxsize=64)
def _tap_groups(
    strength: tuple[float, ...], width: int
) -> tuple[int, NDArray[np.uint64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the disk as groups of taps of equal weight, of which it has a few dozen at most.

    Each tap stands for two, above and below the middle row: the disk is the same upside down.

    Returns:
        reach: how far the disk reaches, in pixels.
        places: uint64, group by group, where a tap starts in the pair sums of ``_spread``.
        stops: int64 (groups,), where a group ends in ``places``.
        weights: float64 (groups,).
    """
    kernel = disk_kernel(*strength)
    rows, columns = np.nonzero(kernel)
    reach = int(max(abs(rows - len(kernel) // 2).max(), abs(columns - len(kernel) // 2).max()))
    room = (width + 2 * reach) * 3
    lower = kernel[len(kernel) // 2 :]
    places: list[int] = []
    stops: list[int] = []
    weights: list[float] = []
    for weight in np.unique(lower[lower > 0]):
        taps = 0
        for down, column in zip(*np.nonzero(lower == weight), strict=True):
            more = 2 if down else 1
            if taps and taps + more > MOST_TAPS_A_GROUP:
                stops.append(len(places))
                weights.append(float(weight))
                taps = 0
            places.append(int(down) * room + (int(column) - len(kernel) // 2 + reach) * 3)
            taps += more
        stops.append(len(places))
        weights.append(float(weight))
    return reach, np.array(places, np.uint64), np.array(stops), np.array(weights)


@njit(cache=True, nogil=True)
def _spread(images, reach, places, stops, weights):  # type: ignore[no-untyped-def]
    """Return the weighted sums over the groups of taps.

    What has the same weight is added as integers, many at a time, and multiplied once.
    """
    count, height, width, _ = images.shape
    length = np.uint64(width * 3)
    output = np.empty_like(images)
    plane = np.empty((height + 2 * reach, (width + 2 * reach) * 3), np.uint16)
    # Row d: the sum of the rows d above and d below; row 0 the middle one alone.
    pairs = np.empty((reach + 1) * plane.shape[1], np.uint16)
    group = np.empty(width * 3, np.uint16)
    total = np.empty(width * 3)
    for i in range(count):
        _reflect(images[i], reach, plane)
        for y in range(height):
            _add_opposite_rows(plane, y + reach, reach, pairs)
            for x in range(length):
                total[x] = 0.0
            k = 0
            for g in range(len(stops)):
                _add_taps(pairs, places, k, stops[g], group)
                k = stops[g]
                weight = weights[g]
                for x in range(length):
                    total[x] += group[x] * weight
            target = output[i, y].reshape(-1)
            for x in range(length):
                target[x] = np.uint8(min(max(total[x] / 255.0, 0.0), 1.0) * 255.0)
    return output


@njit(cache=True, nogil=True)
def _add_opposite_rows(plane, middle, reach, pairs):  # type: ignore[no-untyped-def]
    room = plane.shape[1]
    for x in range(room):
        pairs[x] = plane[middle, x]
    for down in range(1, reach + 1):
        start = np.uint64(down * room)
        for x in range(np.uint64(room)):
            pairs[start + x] = plane[middle - down, x] + plane[middle + down, x]


@njit(cache=True, nogil=True)
def _add_taps(pairs, places, first, stop, group):  # type: ignore[no-untyped-def]
    """Write to ``group`` the sum of what starts at ``places`` from ``first`` to before ``stop``."""
    length = np.uint64(len(group))
    a = places[first]
    for x in range(length):
        group[x] = pairs[a + x]
    k = first + 1
    while k + 4 <= stop:
        a, b, c, d = places[k], places[k + 1], places[k + 2], places[k + 3]
        for x in range(length):
            group[x] += (pairs[a + x] + pairs[b + x]) + (pairs[c + x] + pairs[d + x])
        k += 4
    while k < stop:
        a = places[k]
        for x in range(length):
            group[x] += pairs[a + x]
        k += 1


@njit(cache=True, nogil=True)
def _reflect(image, reach, plane):  # type: ignore[no-untyped-def]
    """Write ``image`` to ``plane``, its border mirrored about the outermost pixels."""
    height, width, _ = image.shape
    for y in range(height + 2 * reach):
        from_y = height - 1 - abs(height - 1 - abs(y - reach))
        for x in range(width + 2 * reach):
            from_x = width - 1 - abs(width - 1 - abs(x - reach))
            for channel in range(3):
                plane[y, x * 3 + channel] = image[from_y, from_x, channel]
