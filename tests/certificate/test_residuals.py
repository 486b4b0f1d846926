"""The paired test, against numbers worked out by hand and against what it must and must not notice."""

import numpy as np
import pytest
from scipy import stats

from robench.certificate.residuals import FEWEST, SUMMARIES, compare, summaries


def test_summaries_of_a_picture_worked_out_by_hand() -> None:
    clean = np.zeros((1, 2, 2, 3), np.uint8)
    images = np.array([[0, 4], [8, 4]], np.uint8).reshape(1, 2, 2, 1).repeat(3, axis=3)
    # Residuals 0, 4, 8, 4; steps 4 and -4 along the rows, 8 and 0 along the columns.
    assert summaries(images, clean)[0] == pytest.approx([4, 4, np.sqrt(8), 4, 4])
    assert summaries(clean, images)[0, :2] == pytest.approx([-4, 4])


def shifted(by: float, blocks: int = 5, count: int = 100) -> tuple[dict, dict]:
    random = np.random.default_rng(0)
    fresh = {b: random.normal(50, 30, (count, len(SUMMARIES))) for b in range(blocks)}
    stored = {b: values + random.normal(0, 1, values.shape) for b, values in fresh.items()}
    stored[2][:, 1] += by
    return stored, fresh


def test_the_p_value_is_wilcoxons_times_the_number_of_tests() -> None:
    stored, fresh = shifted(1.0)
    result = compare(stored, fresh)
    expected = stats.wilcoxon(stored[2][:, 1] - fresh[2][:, 1], method="approx").pvalue
    assert result.p_value == pytest.approx(25 * expected, rel=1e-6, abs=0)
    assert (result.block, result.summary) == (2, "mean absolute")
    assert result.shift == pytest.approx(1.0, abs=0.3)
    assert not result.is_same


@pytest.mark.parametrize("count", [16, 20, 50])
def test_few_images_are_tested_exactly(count: int) -> None:
    stored, fresh = shifted(0.6, count=count)
    differences = stored[2][:, 1] - fresh[2][:, 1]
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert compare({2: stored[2]}, {2: fresh[2]}).p_value == pytest.approx(
        min(1.0, 5 * expected), rel=1e-9
    )


def test_equal_differences_share_their_ranks() -> None:
    fresh = {1: np.zeros((12, len(SUMMARIES)))}
    stored = {1: fresh[1].copy()}
    stored[1][:, 0] = 2.0
    stored[1][0, 0] = -2.0
    # Twelve equal ranks: the signs are those of twelve coins, one or none of which shows tails.
    assert compare(stored, fresh).p_value == pytest.approx(5 * 2 * 13 / 2**12)


def test_twenty_images_suffice_for_a_clear_difference() -> None:
    assert not compare(*shifted(5.0, count=20)).is_same


def test_no_shift_and_a_tiny_one_are_the_same() -> None:
    assert compare(*shifted(0.0)).is_same
    stored, fresh = shifted(0.2, count=5000)
    assert compare(stored, fresh).p_value < 1e-6
    assert compare(stored, fresh).is_same


def test_too_few_differences_prove_nothing() -> None:
    fresh = {1: np.zeros((40, len(SUMMARIES)))}
    stored = {1: fresh[1].copy()}
    stored[1][: FEWEST - 1] = 9.0
    assert compare(stored, fresh).p_value == 1.0
