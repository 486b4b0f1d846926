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


def test_the_dataset_overrides_the_method() -> None:
    recipe = recipe_for("digits_cnn", "digits", {"epochs": 100, "weight_decay": 1e-4}, {})
    assert (recipe.epochs, recipe.weight_decay) == (15, 1e-4)


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


def test_imagenets_recipe_is_the_papers() -> None:
    recipe = recipe_for("torchvision:resnet50", "imagenet", {}, {}, "imagenet")
    assert recipe == Recipe(
        name="imagenet",
        epochs=90,
        batch_size=256,
        lr=0.1,
        schedule="thirds",
        momentum=0.9,
        nesterov=False,
        weight_decay=1e-4,
        flip=True,
        crop_padding_px=0,
        resized_crop_px=224,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )


@pytest.mark.parametrize(
    ("changes", "lr"),
    [({}, 0.1), ({"batch_size": 1024}, 0.4), ({"batch_size": 1024, "lr": 0.2}, 0.2)],
)
def test_imagenets_learning_rate_follows_the_batch_unless_chosen(changes: dict, lr: float) -> None:
    recipe = recipe_for("torchvision:resnet50", "imagenet", {}, changes, "imagenet")
    assert recipe.lr == pytest.approx(lr)
    assert recipe_for("resnet20", "cifar-10", {}, {"batch_size": 1024}).lr == 0.1


def test_the_rate_falls_at_thirds_of_the_epochs_as_in_the_published_code() -> None:
    recipe = Recipe(schedule="thirds", epochs=100)
    rates = [recipe.lr_at(10 * epoch, 1000) for epoch in range(100)]
    assert rates == pytest.approx([0.1] * 33 + [0.01] * 33 + [0.001] * 34)
    assert recipe.lr_at(329, 1000) == 0.1  # within the last epoch of the first third
    assert Recipe(schedule="thirds", epochs=2).lr_at(0, 10) == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({}, "imagnet"), "unknown recipe 'imagnet'; did you mean 'imagenet'"),
        (({"epoch": 3}, "cifar"), "unknown part of a recipe 'epoch'; did you mean 'epochs'"),
        (({"schedule": "linear"}, "cifar"), "schedule must be cosine or thirds, got linear"),
        (({"momentum": 1.5}, "cifar"), "momentum must be 0 to below 1, got 1.5"),
    ],
)
def test_unknown_recipes_and_parts_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        recipe_for("resnet20", "cifar-10", {}, *arguments)
