"""Philox against its authors' vectors, and the laws that make training reproducible."""

import numpy as np
import pytest
from scipy import stats

from baselines.keyed_uniforms import keyed_uniforms, philox_4x32

# The known answers published with Random123 (kat_vectors, philox4x32 10 rounds):
# counter and key, then the result.
KNOWN_ANSWERS = """
00000000 00000000 00000000 00000000 00000000 00000000  6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff  408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0  d16cfe09 94fdcceb 5001e420 24126ea1
"""


@pytest.mark.parametrize("line", KNOWN_ANSWERS.strip().splitlines())
def test_philox_gives_the_published_answers(line: str) -> None:
    numbers = [np.uint64(int(word, 16)) for word in line.split()]
    assert list(philox_4x32(tuple(numbers[:4]), tuple(numbers[4:6]))) == numbers[6:]


def test_a_number_depends_on_its_own_key_only() -> None:
    indices = np.array([7, 3, 40_000_000])
    together = keyed_uniforms(5, "order", 2, indices, 9)
    for row, index in zip(together, indices, strict=True):
        alone = keyed_uniforms(5, "order", 2, np.array([index]), 9)
        np.testing.assert_array_equal(alone[0], row)
    np.testing.assert_array_equal(keyed_uniforms(5, "order", 2, indices, 4), together[:, :4])


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 6},
        {"seed": 5 + 2**32},
        {"purpose": "frame"},
        {"epoch": 3},
        {"indices": np.arange(1, 101)},
    ],
)
def test_every_part_of_the_key_changes_the_numbers(change: dict) -> None:
    key = {"seed": 5, "purpose": "order", "epoch": 2, "indices": np.arange(100), "count": 4}
    first, second = keyed_uniforms(**key), keyed_uniforms(**(key | change))
    assert np.all(first != second)


def test_the_numbers_are_uniform_and_uncorrelated() -> None:
    numbers = keyed_uniforms(0, "view 1", 0, np.arange(20_000), 6)
    assert numbers.min() > 0
    assert numbers.max() < 1
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > 0.001
    correlation = np.corrcoef(numbers, rowvar=False)
    assert np.abs(correlation - np.eye(6)).max() < 0.03


@pytest.mark.parametrize(
    "change", [{"seed": -1}, {"seed": 2**64}, {"epoch": 2**16}, {"indices": np.array([-1])}]
)
def test_numbers_out_of_range_are_refused(change: dict) -> None:
    key = {"seed": 5, "purpose": "order", "epoch": 2, "indices": np.arange(3), "count": 4}
    with pytest.raises(ValueError, match=r"out of range|must be 0"):
        keyed_uniforms(**(key | change))
