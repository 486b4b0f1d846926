"""What a model saw in training is told wherever it is evaluated."""

from typing import Any

import pytest

from robench.contamination import Contamination, contamination_of


def record(overlaps: list[str] | None) -> dict[str, Any]:
    training = None if overlaps is None else {"method": "x", "overlaps": overlaps}
    return {"training": training, "members": []}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (record([]), Contamination((), True)),
        (record(["contrast"]), Contamination(("contrast",), True)),
        (record(None), Contamination((), False)),
        ({"training": {"method": "augmix"}}, Contamination((), False)),  # of an older version
        ({}, Contamination((), False)),
        (
            {"training": None, "members": [record(["noise", "color"]), record(["color"])]},
            Contamination(("color", "noise"), True),
        ),
        (
            {"training": None, "members": [record(["noise"]), record(None)]},
            Contamination(("noise",), False),
        ),
        ({"training": None, "members": [record([]), record([])]}, Contamination((), True)),
    ],
)
def test_what_is_known_of_a_model_comes_from_its_record(model: dict, expected: Any) -> None:
    assert contamination_of(model) == expected


def test_a_model_is_marked_unless_it_is_known_to_be_clean() -> None:
    assert Contamination((), True).sentence("net") is None
    assert "net was trained with color, noise, which" in str(
        Contamination(("color", "noise"), False).sentence("net")
    )
    assert "is unknown" in str(Contamination((), False).sentence("net"))
