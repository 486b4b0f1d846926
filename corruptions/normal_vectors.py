"""Four normal numbers at a time: ``normal_table.quantile`` in vectors, bit for bit.

The compiler does not vectorise that function, for the rows of its table lie scattered. But a row is
just one vector: four are fetched and then turned, from a number's coefficients to a coefficient's
numbers. No index is checked.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corruptions.normal_table import FIRST_ROW, SHIFT, START_MASK

LANES = 4
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_LONGS = ir.VectorType(ir.IntType(64), LANES)
_INTS = ir.VectorType(ir.IntType(32), LANES)


def _four_quantiles(typing: Any, words: Any, k: Any, table: Any, target: Any, i: Any) -> Any:
    """Set four of ``target`` from ``i`` on to the normal numbers of ``words`` from ``k`` on.

    Args:
        words: uint32 (M,).
        k: an integer.
        table: ``normal_table.coefficients()``.
        target: float64 (M',).
        i: an integer.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, rows, numbers = (
            context.make_array(signature.args[n])(context, builder, arguments[n]).data
            for n in (0, 2, 3)
        )
        word = builder.load(_address(builder, source, arguments[1], _INTS), align=4)
        odd = builder.or_(word, _all(_INTS, 1))
        v = builder.uitofp(odd, _DOUBLES)
        bits = builder.bitcast(v, _LONGS)
        row = builder.sub(
            builder.lshr(bits, _all(_LONGS, int(SHIFT))), _all(_LONGS, int(FIRST_ROW))
        )
        start = builder.and_(bits, _all(_LONGS, int(START_MASK)))
        t = builder.fsub(v, builder.bitcast(start, _DOUBLES))
        constant, *others = _coefficients(builder, rows, row)
        size = others.pop()
        for coefficient in (*reversed(others), constant):
            size = builder.fadd(coefficient, builder.fmul(t, size))
        positive = builder.icmp_unsigned("==", word, odd)
        value = builder.select(positive, size, builder.fneg(size))
        builder.store(value, _address(builder, numbers, arguments[4], _DOUBLES), align=8)
        return context.get_dummy_value()

    return types.void(words, k, table, target, i), generate


four_quantiles: Any = intrinsic(_four_quantiles)


def _coefficients(builder: Any, table: Any, row: Any) -> tuple[Any, ...]:
    """Return four vectors: the first coefficients of the four rows, the second ones, and so on."""
    place = builder.mul(row, _all(_LONGS, LANES))
    a, b, c, d = (
        builder.load(
            _address(builder, table, builder.extract_element(place, _lane(n)), _DOUBLES), align=8
        )
        for n in range(LANES)
    )
    even_ab, odd_ab = _mixed(builder, a, b, 0, 4, 2, 6), _mixed(builder, a, b, 1, 5, 3, 7)
    even_cd, odd_cd = _mixed(builder, c, d, 0, 4, 2, 6), _mixed(builder, c, d, 1, 5, 3, 7)
    return (
        _mixed(builder, even_ab, even_cd, 0, 1, 4, 5),
        _mixed(builder, odd_ab, odd_cd, 0, 1, 4, 5),
        _mixed(builder, even_ab, even_cd, 2, 3, 6, 7),
        _mixed(builder, odd_ab, odd_cd, 2, 3, 6, 7),
    )


def _mixed(builder: Any, a: Any, b: Any, *lanes: int) -> Any:
    """Return a vector of the ``lanes``, 0 to 3 of ``a`` and 4 to 7 of ``b``."""
    return builder.shuffle_vector(a, b, ir.Constant(_INTS, list(lanes)))


def _all(vector: Any, value: int) -> Any:
    return ir.Constant(vector, [value] * LANES)


def _lane(number: int) -> Any:
    return ir.Constant(ir.IntType(32), number)


def _address(builder: Any, data: Any, place: Any, vector: Any) -> Any:
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())
