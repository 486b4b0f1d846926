import pytest

from robench.errors import RobenchError
from robench.registry import Registry, collect, names_in_source


def test_a_name_is_defined_once() -> None:
    registry: Registry[int] = Registry("suite")
    registry["imagenet-c"] = 1
    with pytest.raises(ValueError, match="suite 'imagenet-c' is defined twice"):
        registry["imagenet-c"] = 2
    assert registry["imagenet-c"] == 1


def test_an_unknown_name_is_answered_with_the_closest_and_all() -> None:
    registry: Registry[int] = Registry("suite")
    registry["imagenet-c"] = registry["cifar-10-c"] = 1
    with pytest.raises(RobenchError) as caught:
        registry["imagenet_c"]
    assert str(caught.value) == (
        "unknown suite 'imagenet_c'; did you mean 'imagenet-c'? known: cifar-10-c, imagenet-c"
    )


def test_names_in_the_source_are_those_that_are_collected() -> None:
    for package, attribute in (
        ("baselines.architectures", "ARCHITECTURES"),
        ("robench.models", "ARCHITECTURE_LIBRARIES"),
    ):
        expected = collect("thing", package, attribute)
        assert names_in_source(package, attribute) == tuple(sorted(expected))
