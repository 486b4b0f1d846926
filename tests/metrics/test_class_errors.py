import pandas as pd
import pytest

from robench.metrics import UndefinedMetricError, registry
from robench.metrics.class_errors import class_errors, worst_class_error

RECORDS = pd.DataFrame({"label": [7, 2, 7, 2, 7, 4], "prediction": [7, 2, 0, 2, 0, 4]})


def test_by_hand() -> None:
    assert class_errors(RECORDS).to_dict() == {2: 0, 4: 0, 7: pytest.approx(2 / 3)}
    assert worst_class_error(RECORDS) == pytest.approx(2 / 3)
    assert registry()["worst_class_error"].value is worst_class_error


def test_one_class_is_the_error_itself() -> None:
    one = RECORDS[RECORDS["label"] == 7]
    assert worst_class_error(one) == registry()["error"].value(one)


def test_no_images() -> None:
    with pytest.raises(UndefinedMetricError, match="no images"):
        worst_class_error(RECORDS.iloc[:0])
