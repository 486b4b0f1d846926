"""A pixel's channels as one short vector, for compiled code that fetches pixels from scattered places.

Such loops are not vectorised by the compiler, which looks for neighbours from one turn to the next
and not within a turn. Four values are taken where a pixel has three: a processor fetches them as
easily, and the caller lets the next pixel overwrite the fourth. No index is checked.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_LANES = 4
_DOUBLES = ir.VectorType(ir.DoubleType(), _LANES)


def _mix_two(typing: Any, values: Any, a: Any, b: Any, weights: Any, target: Any, k: Any) -> Any:
    """Set four of ``target`` from ``k`` on to values from ``a`` on and from ``b`` on, weighted.

    Args:
        values: float32 or float64 (M,).
        a, b: integers.
        weights: two float64.
        target: float64 or float32 (M',). The sum is made in double precision.
        k: an integer.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = _arrays(context, builder, signature, arguments, 0, 4)
        weights = [_spread(builder, each) for each in cgutils.unpack_tuple(builder, arguments[3])]
        one = builder.fmul(_fetched(builder, source, arguments[1]), weights[0])
        other = builder.fmul(_fetched(builder, source, arguments[2]), weights[1])
        _store(builder, builder.fadd(one, other), target, arguments[5])
        return context.get_dummy_value()

    return types.void(values, a, b, weights, target, k), generate


def _mix_square(typing: Any, values: Any, places: Any, weights: Any, target: Any, k: Any) -> Any:
    """Set four of ``target`` from ``k`` on to values from four places on, linear in two directions.

    Args:
        values: float32 or float64 (M,).
        places: four integers: upper left, upper right, lower left, lower right.
        weights: four float64: of the upper and the lower, the left and the right places. A value is
            multiplied by the first, then by the second; the sum runs in the order of ``places``.
        target: float64 or float32 (M',). The sum is made in double precision.
        k: an integer.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = _arrays(context, builder, signature, arguments, 0, 3)
        places = cgutils.unpack_tuple(builder, arguments[1])
        weights = [_spread(builder, each) for each in cgutils.unpack_tuple(builder, arguments[2])]
        total = None
        for number, place in enumerate(places):
            value = builder.fmul(_fetched(builder, source, place), weights[number // 2])
            value = builder.fmul(value, weights[2 + number % 2])
            total = value if total is None else builder.fadd(total, value)
        _store(builder, total, target, arguments[4])
        return context.get_dummy_value()

    return types.void(values, places, weights, target, k), generate


def _sum_square(typing: Any, values: Any, places: Any, weights: Any, target: Any, k: Any) -> Any:
    """Set four of ``target`` from ``k`` on to the weighted sum of values from four places on.

    Args:
        values: float32 (M,).
        places: four integers.
        weights: four float32, one for each place. The sum runs in their order, in single precision.
        target: float32 (M',).
        k: an integer.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, target = _arrays(context, builder, signature, arguments, 0, 3)
        places = cgutils.unpack_tuple(builder, arguments[1])
        weights = cgutils.unpack_tuple(builder, arguments[2])
        total = None
        for place, weight in zip(places, weights, strict=True):
            value = builder.fmul(_loaded(builder, source, place), _spread(builder, weight))
            total = value if total is None else builder.fadd(total, value)
        _store(builder, total, target, arguments[4])
        return context.get_dummy_value()

    return types.void(values, places, weights, target, k), generate


mix_two: Any = intrinsic(_mix_two)
mix_square: Any = intrinsic(_mix_square)
sum_square: Any = intrinsic(_sum_square)


def _arrays(
    context: Any, builder: Any, signature: Any, arguments: Any, *numbers: int
) -> tuple[Any, ...]:
    return tuple(
        context.make_array(signature.args[number])(context, builder, arguments[number]).data
        for number in numbers
    )


def _spread(builder: Any, value: Any) -> Any:
    """Return a vector with ``value`` in every lane."""
    vector = ir.Constant(ir.VectorType(value.type, _LANES), ir.Undefined)
    for lane in range(_LANES):
        vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), lane))
    return vector


def _loaded(builder: Any, data: Any, place: Any) -> Any:
    """Return the values of an array from ``place`` on, of its type."""
    element = data.type.pointee
    address = builder.bitcast(
        builder.gep(data, [place]), ir.VectorType(element, _LANES).as_pointer()
    )
    return builder.load(address, align=_bytes(element))


def _fetched(builder: Any, data: Any, place: Any) -> Any:
    """Return the values of an array from ``place`` on, as doubles."""
    vector = _loaded(builder, data, place)
    return vector if vector.type == _DOUBLES else builder.fpext(vector, _DOUBLES)


def _store(builder: Any, vector: Any, data: Any, place: Any) -> None:
    element = data.type.pointee
    lanes = ir.VectorType(element, _LANES)
    if vector.type != lanes:
        vector = builder.fptrunc(vector, lanes)
    address = builder.bitcast(builder.gep(data, [place]), lanes.as_pointer())
    builder.store(vector, address, align=_bytes(element))


def _bytes(element: Any) -> int:
    return 8 if element == ir.DoubleType() else 4
