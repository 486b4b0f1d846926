"""Which recipe a run gets, and its schedule."""

import math

import pytest

from robench.errors import RobenchError
from robench.training import Recipe, recipe_for

STEPS = 39_100  # 100 epochs of 391 batches: CIFAR-10 in batches of 128


def test_the_default_recipe_is_the_papers() -> None:
    recipe = recipe_for("wrn-40-2", "cifar-10", {}, {})
    assert recipe == Recipe(
        epochs=100,
        batch_size=128,
        lr=0.1,
        final_lr=1e-6,
        momentum=0.9,
        nesterov=True,
        weight_decay=5e-4,
        flip=True,
        crop_padding_px=4,
    )
    assert recipe_for("densenet", "cifar-100", {}, {}).weight_decay == 1e-4
    assert recipe_for("resnext29", "cifar-10", {}, {}).epochs == 200


def test_the_schedule_is_half_a_cosine_from_the_first_rate_to_the_last() -> None:
    recipe = Recipe()
    assert recipe.lr_at(0, STEPS) == 0.1
    assert recipe.lr_at(STEPS // 2, STEPS) == pytest.approx((0.1 + 1e-6) / 2)
    assert recipe.lr_at(STEPS, STEPS) == pytest.approx(1e-6)
    step = 12_345
    expected = 1e-6 + (0.1 - 1e-6) * 0.5 * (1 + math.cos(step / STEPS * math.pi))
    assert recipe.lr_at(step, STEPS) == pytest.approx(expected)


def test_digits_are_never_mirrored() -> None:
    assert not recipe_for("digits_cnn", "digits", {}, {}).flip


def test_the_user_overrides_the_method_which_overrides_the_network() -> None:
    of_method = {"weight_decay": 2e-4, "lr": 0.2}
    recipe = recipe_for("densenet", "cifar-10", of_method, {"lr": 0.3, "weight_decay": None})
    assert recipe.weight_decay == 2e-4
    assert recipe.lr == 0.3


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"epochs": 0}, "epochs must be 1 to 65536, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"lr": 0.0}, "lr must be positive, got 0.0"),
        ({"lr": math.nan}, "lr must be positive, got nan"),
        ({"weight_decay": -1e-4}, "weight_decay must be zero or positive, got -0.0001"),
    ],
)
def test_values_out_of_range_are_refused(chosen: dict, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        recipe_for("resnet20", "cifar-10", {}, chosen)
