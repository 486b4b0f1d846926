import pytest

import corruptions
from robench import datasets, suites
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition

ALL = sorted(suites.registry())


@pytest.mark.parametrize("name", ALL)
def test_a_suite_names_things_that_exist(name: str) -> None:
    suite = suites.registry()[name]
    assert suite.name == name
    assert suite.dataset in datasets.registry()
    assert set(suite.corruptions) <= set(corruptions.families())
    assert suite.preset in corruptions.PRESETS
    assert suite.summary


@pytest.mark.parametrize("name", ALL)
def test_conditions_start_clean_and_follow_the_paper(name: str) -> None:
    conditions = suites.registry()[name].conditions()
    assert conditions[0] == CLEAN
    assert len(conditions) == len(set(conditions)) == 76
    assert [c.corruption for c in conditions[1::5]] == list(corruptions.BENCHMARK)
    assert [Condition.parse(str(condition)) for condition in conditions] == list(conditions)


def test_a_choice_keeps_the_suites_order() -> None:
    chosen = suites.registry()["digits-c"].conditions(("fog", "snow"), (5, 1))
    assert list(map(str, chosen)) == ["clean", "snow-1", "snow-5", "fog-1", "fog-5"]


def test_what_a_suite_does_not_have_is_named() -> None:
    suite = suites.registry()["cifar-10-c"]
    with pytest.raises(
        RobenchError, match=r"unknown cifar-10-c corruption 'forg'; did you mean 'fog'"
    ):
        suite.conditions(("forg",))
    for severity in (0, 6):
        with pytest.raises(RobenchError, match=f"severity must be 1 to 5, got {severity}"):
            suite.conditions(None, (severity,))


@pytest.mark.parametrize("name", ["fog", "fog-0", "fog-6", "fog-33", "clean-1x", "../fog-1"])
def test_a_name_that_is_no_condition_is_refused(name: str) -> None:
    with pytest.raises(RobenchError, match="a condition is 'clean' or like 'fog-3'"):
        Condition.parse(name)
