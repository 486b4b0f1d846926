"""Operations that move pixels by whole pixels, and what comes in is black."""

from baselines.augmentations.compiled import Planes, compiled


@compiled
def translate(
    planes: Planes, output: Planes, size: tuple[int, int], shift_x: int, shift_y: int
) -> None:
    """Fill ``output``: its pixel (x, y) is that at (x + shift_x, y + shift_y)."""
    height, width = size
    count = height * width
    # Along the rows the plane is one line; what comes from a neighbouring row is blackened.
    shift = shift_y * width + shift_x
    start, stop = min(max(0, -shift), count), max(0, min(count, count - shift))
    first, last = min(max(0, -shift_x), width), max(0, min(width, width - shift_x))
    for channel in range(3):
        target = output[channel, :count]
        moved, source = target[start:stop], planes[channel, start + shift : stop + shift]
        for place in range(len(moved)):
            moved[place] = source[place]
        target[:start] = 0
        target[max(start, stop) :] = 0
        if shift_x != 0:
            for row in range(0, count, width):
                target[row : row + first] = 0
                target[row + last : row + width] = 0


@compiled
def mirror(planes: Planes, output: Planes, size: tuple[int, int]) -> None:
    """Fill ``output`` with the planes, left and right exchanged."""
    height, width = size
    for channel in range(3):
        for row in range(0, height * width, width):
            plane, target = planes[channel, row : row + width], output[channel, row : row + width]
            for x in range(width):
                target[x] = plane[width - 1 - x]
