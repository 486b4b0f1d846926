import numpy as np

from corruptions.pixel_range import UNIT, to_unit


def test_the_unit_range_is_the_quotient_to_the_last_bit():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal([to_unit(level) for level in levels], levels / 255.0)
    np.testing.assert_array_equal(UNIT, levels / 255.0)
