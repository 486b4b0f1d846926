"""No metric is further from an independent implementation than docs/statistics.md says."""

from pathlib import Path

import pytest

from robench import metrics
from tests.metrics.oracles import ORACLES, Oracle, head

DOCUMENT = Path(__file__).parents[2] / "docs" / "statistics.md"
ROUNDING = 2e-15  # another machine sums in another order


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.names[0])
def test_the_difference_is_no_larger_than_documented(oracle: Oracle) -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(head(oracle))]
    documented = float(row.removeprefix(head(oracle)).strip(" |"))
    assert documented < 1e-6
    assert oracle.difference() <= max(1.5 * documented, ROUNDING)


def test_every_metric_has_an_oracle() -> None:
    named = {name for oracle in ORACLES for name in oracle.names}
    sums = {"aurra": "1 - aurc"}  # and calibration: the score less the refinement
    for name in metrics.registry():
        assert name in {*named, *sums} or name.endswith("_calibration")
