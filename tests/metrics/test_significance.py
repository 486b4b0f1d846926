from math import comb, nan

import numpy as np
import pytest

from robench.metrics.significance import holm, mcnemar


def wrong_on(first_only: int, second_only: int, both: int = 5, neither: int = 9) -> tuple:
    first = np.repeat([1.0, 0.0, 1.0, 0.0], [first_only, second_only, both, neither])
    second = np.repeat([0.0, 1.0, 1.0, 0.0], [first_only, second_only, both, neither])
    return first, second


@pytest.mark.parametrize(("few", "many"), [(0, 1), (1, 9), (3, 12), (40, 60)])
def test_mcnemar_by_hand(few: int, many: int) -> None:
    total = few + many
    expected = 2 * sum(comb(total, k) for k in range(few + 1)) / 2**total
    assert mcnemar(*wrong_on(few, many)) == pytest.approx(expected)
    assert mcnemar(*wrong_on(many, few)) == pytest.approx(expected)


def test_mcnemar_without_a_difference() -> None:
    assert mcnemar(*wrong_on(0, 0)) == 1
    assert mcnemar(*wrong_on(7, 7)) == 1
    with pytest.raises(ValueError, match="as many images for both"):
        mcnemar(np.zeros(3), np.zeros(4))


def test_holm_by_hand() -> None:
    # 0.01 x 4, then 0.02 x 3, then 0.03 x 2, which is not less, then 0.5 x 1.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_leaves_out_what_is_not_known() -> None:
    corrected = holm([0.01, nan, 0.04])
    assert corrected[0] == pytest.approx(0.02)
    assert np.isnan(corrected[1])
    assert corrected[2] == pytest.approx(0.04)
