"""Eight pixels' bytes as one vector of doubles, for compiled code that blends what lies side by side in few places.

The compiler vectorises a loop only after it has checked, each time, how long the loop is and that its arrays are
apart; for runs of a dozen bytes that costs more than the work. No index is checked, and all eight bytes are read and
written where fewer are wanted: the caller writes what follows afterwards.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 8
CHANNELS = 3

_LONG = ir.IntType(64)
_BYTES = ir.VectorType(ir.IntType(8), LANES)
_INTEGERS = ir.VectorType(ir.IntType(32), LANES)
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)


def _blend_two(
    typing: Any, planes: Any, first: Any, second: Any, shares: Any, x: Any, target: Any, place: Any
) -> Any:
    """Set eight bytes of each plane of ``target`` from ``place`` on to blends of two bytes each, truncated.

    Args:
        planes: uint8 (3, M).
        first, second: integers, from where on the two lie in a plane.
        shares: float64 (L,), of the second; they count from ``x`` on.
        target: uint8 (3, M), another array.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        planes, shares, target = _data(context, builder, signature, arguments, 0, 3, 5)
        length = _row_length(context, builder, signature.args[0], arguments[0])
        share = _load(builder, shares, arguments[4], _DOUBLES)
        for channel in range(CHANNELS):
            first, second, place = (
                builder.add(arguments[number], builder.mul(_number(channel), length))
                for number in (1, 2, 6)
            )
            values = [_bytes_as_doubles(builder, planes, start) for start in (first, second)]
            _store_bytes(builder, _blended(builder, values, share), target, place)
        return context.get_dummy_value()

    return types.void(planes, first, second, shares, x, target, place), generate


def _blend_corners(
    typing: Any, planes: Any, size: Any, columns: Any, x: Any, terms: Any, target: Any, place: Any
) -> Any:
    """Set eight bytes of each plane of ``target`` from ``place`` on to what an affine map takes there, truncated.

    Source x is ``columns[0, x] + terms[0] + terms[1]``, source y ``columns[1, x] + terms[2] + terms[3]``, less half
    a pixel. The upper left neighbours of the eight must lie side by side in one line of the source, or the last
    ones in a second line. Rows outside the image are its first or last; each column must have both neighbours.

    Args:
        planes: uint8 (3, M).
        size: two integers, height and width.
        columns: float64 (2, L), what a column adds to the source's x and y.
        x: an integer, from where on the columns count.
        terms: four float64.
        target: uint8 (3, M), another array.
        place: an integer.

    Returns:
        bool: did they lie so? Else nothing was written.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        planes, columns, target = _data(context, builder, signature, arguments, 0, 2, 5)
        plane_length, column_length = (
            _row_length(context, builder, signature.args[number], arguments[number])
            for number in (0, 2)
        )
        height, width = _unpacked(builder, arguments[1], 2)
        terms = _unpacked(builder, arguments[4], 4)
        corners, shares = [], []
        for axis in range(2):
            start = builder.add(arguments[3], builder.mul(_number(axis), column_length))
            source = builder.fadd(
                _load(builder, columns, start, _DOUBLES), _spread(builder, terms[2 * axis])
            )
            source = builder.fadd(source, _spread(builder, terms[2 * axis + 1]))
            source = builder.fsub(source, ir.Constant(_DOUBLES, [0.5] * LANES))
            corners.append(_floor(builder, source))
            shares.append(builder.fsub(source, corners[axis]))
        left, top = corners
        left = builder.fsub(left, ir.Constant(_DOUBLES, [float(lane) for lane in range(LANES)]))
        ends, lines = [], []
        for lane in (0, LANES - 1):
            same = [
                builder.fcmp_ordered("==", each, _spread(builder, _lane(builder, each, lane)))
                for each in (left, top)
            ]
            ends.append(builder.and_(*same))
            column, row = (
                builder.fptosi(_lane(builder, each, lane), _LONG) for each in (left, top)
            )
            for line in (row, builder.add(row, _number(1))):
                start = builder.mul(_within(builder, line, height), width)
                lines.append(builder.add(start, column))
        either = builder.bitcast(builder.or_(*ends), ir.IntType(LANES))
        side_by_side = builder.icmp_signed("==", either, ir.Constant(ir.IntType(LANES), -1))
        with builder.if_then(side_by_side, likely=True):
            for channel in range(CHANNELS):
                plane = builder.mul(_number(channel), plane_length)
                blends = []
                for start, last_start in zip(lines[:2], lines[2:], strict=True):
                    neighbours = []
                    for step in range(2):
                        shift = builder.add(plane, _number(step))
                        both = [
                            _load(builder, planes, builder.add(each, shift), _BYTES)
                            for each in (start, last_start)
                        ]
                        chosen = builder.select(ends[0], *both)
                        neighbours.append(builder.uitofp(chosen, _DOUBLES))
                    blends.append(_blended(builder, neighbours, shares[0]))
                blend = _blended(builder, blends, shares[1])
                _store_bytes(builder, blend, target, builder.add(arguments[6], plane))
        return side_by_side

    return types.boolean(planes, size, columns, x, terms, target, place), generate


blend_two: Any = intrinsic(_blend_two)
blend_corners: Any = intrinsic(_blend_corners)


def _data(
    context: Any, builder: Any, signature: Any, arguments: Any, *numbers: int
) -> tuple[Any, ...]:
    return tuple(
        context.make_array(signature.args[number])(context, builder, arguments[number]).data
        for number in numbers
    )


def _row_length(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    shape = context.make_array(kind)(context, builder, value).shape
    return builder.extract_value(shape, 1)


def _unpacked(builder: Any, values: Any, count: int) -> list[Any]:
    return [builder.extract_value(values, number) for number in range(count)]


def _number(value: int) -> Any:
    return ir.Constant(_LONG, value)


def _lane(builder: Any, vector: Any, number: int) -> Any:
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), number))


def _spread(builder: Any, value: Any) -> Any:
    """Return a vector with ``value`` in every lane."""
    vector = ir.Constant(_DOUBLES, ir.Undefined)
    for lane in range(LANES):
        vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), lane))
    return vector


def _within(builder: Any, line: Any, height: Any) -> Any:
    """Return the line, or the first or last that the image has."""
    last = builder.sub(height, _number(1))
    line = builder.select(builder.icmp_signed("<", line, _number(0)), _number(0), line)
    return builder.select(builder.icmp_signed(">", line, last), last, line)


def _floor(builder: Any, vector: Any) -> Any:
    kind = ir.FunctionType(_DOUBLES, [_DOUBLES])
    floor = cgutils.get_or_insert_function(builder.module, kind, f"llvm.floor.v{LANES}f64")
    return builder.call(floor, [vector])


def _blended(builder: Any, values: list[Any], share: Any) -> Any:
    value, other = values
    return builder.fadd(value, builder.fmul(builder.fsub(other, value), share))


def _bytes_as_doubles(builder: Any, data: Any, place: Any) -> Any:
    return builder.uitofp(_load(builder, data, place, _BYTES), _DOUBLES)


def _store_bytes(builder: Any, values: Any, data: Any, place: Any) -> None:
    whole = builder.fptosi(values, _INTEGERS)
    _store(builder, builder.trunc(whole, _BYTES), data, place)


def _load(builder: Any, data: Any, place: Any, lanes: Any) -> Any:
    address = builder.bitcast(builder.gep(data, [place]), lanes.as_pointer())
    return builder.load(address, align=_alignment(lanes))


def _store(builder: Any, vector: Any, data: Any, place: Any) -> None:
    address = builder.bitcast(builder.gep(data, [place]), vector.type.as_pointer())
    builder.store(vector, address, align=_alignment(vector.type))


def _alignment(lanes: Any) -> int:
    return {_BYTES: 1, _INTEGERS: 4, _DOUBLES: 8}[lanes]
