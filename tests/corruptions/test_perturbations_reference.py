"""Perturbation sequences against the pixels of the reference, of torchvision and by hand."""

import math

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as torchvision

from corruptions import CORE_CIFAR, PRESETS, perturb, perturbation_names
from corruptions.affine_warp import AS_PUBLISHED, AS_TODAY, inverse_affine, warp
from corruptions.motion_taps import motion_offsets
from corruptions.perturbations import spatter, tilt
from corruptions.sequence_catalogue import sequence
from corruptions.turning_trail import turning_offsets
from tests.corruptions.golden.perturbations import KEYS, digest, frames, sequences
from tests.corruptions.reference_draws import ReferenceDraws

PUBLISHED_CIFAR = [key for key in KEYS if key.startswith("cifar/") and "@" not in key]


def reproduced(key):
    """Return the sequences of ``key`` made of the reference's own draws."""
    preset, name = key.split("/")
    name, _, today = name.partition("@")
    images, seeds, _ = sequences(key)
    module, strength = sequence(name, preset)
    draws = ()
    if hasattr(module, "sample"):
        draws = module.sample(ReferenceDraws(seeds), strength, images)
    options = {"geometry": AS_TODAY} if today else {}
    return module.apply(images, strength, *draws, **options)


def test_every_sequence_is_held_against_the_reference():
    expected = {f"{preset}/{name}" for preset in PRESETS for name in perturbation_names()}
    assert {key for key in KEYS if "@" not in key} == expected


@pytest.mark.parametrize("key", PUBLISHED_CIFAR)
def test_frames_of_the_reference(key):
    film = reproduced(key)[1]
    for number, frame in frames(key).items():
        difference = np.abs(film[number].astype(int) - frame)
        changed = np.count_nonzero(difference)
        assert changed == 0, f"frame {number}: {changed} values differ, by {difference.max()}"


@pytest.mark.parametrize("key", KEYS)
def test_all_frames_of_the_reference(key):
    assert digest(reproduced(key)) == sequences(key).sha256


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


CHANGES = [
    {"angle_deg": 11.0},
    {"angle_deg": -90.0},
    {"scale": 0.4},
    {"scale": 1.15},
    {"shear_deg": 15.0},
    {"shear_deg": -7.0},
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("height", "width"), [(16, 16), (23, 40), (50, 17)])
def test_geometry_of_current_torchvision(change, height, width):
    images = random_images(1, height, width)
    expected = torchvision.affine(
        Image.fromarray(images[0]),
        angle=change.get("angle_deg", 0.0),
        translate=[0, 0],
        scale=change.get("scale", 1.0),
        shear=[change.get("shear_deg", 0.0), 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    made = warp(images, [inverse_affine((height, width), AS_TODAY, **change)])
    np.testing.assert_array_equal(made[0, 0], np.asarray(expected))


@pytest.mark.parametrize("change", CHANGES)
def test_published_geometry_by_hand(change):
    """The forward map of torchvision 0.2.1 about half the side and half a pixel, inverted."""
    angle, shear = (math.radians(change.get(key, 0.0)) for key in ("angle_deg", "shear_deg"))
    forward = np.array(
        [[np.cos(angle), -np.sin(angle + shear)], [np.sin(angle), np.cos(angle + shear)]]
    )
    inverse = np.linalg.inv(change.get("scale", 1.0) * forward)
    centre = np.array([40 / 2 + 0.5, 24 / 2 + 0.5])
    shift = centre - inverse @ centre
    a, b, c, d, e, f = inverse_affine((24, 40), AS_PUBLISHED, **change)
    np.testing.assert_allclose([[a, b], [d, e]], inverse, rtol=0, atol=1e-14)
    np.testing.assert_allclose([c, f], shift, rtol=0, atol=1e-13)


def test_the_two_geometries_differ():
    images = random_images(1, 32, 32)
    turned = {"angle_deg": 9.0}
    published, today = (
        warp(images, [inverse_affine((32, 32), geometry, **turned)])
        for geometry in (AS_PUBLISHED, AS_TODAY)
    )
    assert np.any(published != today)


def test_translate_moves_right_by_a_pixel_a_frame():
    images = random_images(2, 16, 24)
    film = perturb(images, "translate", preset="cifar")
    np.testing.assert_array_equal(film[:, 7], images)
    np.testing.assert_array_equal(film[:, 10, :, 3:], images[:, :, :-3])
    assert not film[:, 10, :, :3].any()
    np.testing.assert_array_equal(film[:, 0, :, :-7], images[:, :, 7:])
    assert not film[:, 0, :, -7:].any()


def test_the_untilted_board_stands_a_pixel_behind():
    """Frame 15 of tilt maps a point at distance d from the middle to d f / (f + 1)."""
    focus = math.hypot(32, 32)
    homography = tilt._perspective(32, 32, 0.0)
    x, y, depth = homography @ [32.0, 16.0, 1.0]
    assert x / depth == pytest.approx(16 + 16 * focus / (focus + 1))
    assert y / depth == pytest.approx(16)


def test_half_a_pixel_of_a_trail_falls_as_in_imagemagick():
    """At -150 degrees k / 2 pixels up: sin(-150 degrees) is rounded towards 0, its length is not."""
    offsets = turning_offsets(-150.0, 4.0, 31, 21)
    plain = motion_offsets(np.arange(31) * 4.0 - 150.0, 21)
    assert [int(k) for k in np.unique(np.nonzero(offsets != plain)[0])] == [0, 30]


def test_spatter_without_drops_is_the_clean_image():
    images = random_images(2, 32, 32)
    dry = spatter.apply(images, spatter.STRENGTH["cifar"][0], np.full((2, 32, 32), -9.0))
    np.testing.assert_array_equal(dry, np.repeat(images[:, None], 31, axis=1))


def test_spatter_runs_down():
    """Of four weights the last is the largest and reaches two pixels down, the first one up."""
    liquid = np.zeros((2, 16, 3))
    liquid[0, 8, 1] = 1.0
    spatter._run_down(liquid, np.array([0.05, 0.1, 0.15, 0.7]))
    np.testing.assert_allclose(liquid[1, 6:12, 1], [0, 0.05, 0.1, 0.15, 0.7, 0])
    assert not liquid[1, :, [0, 2]].any()


def test_spatter_has_the_place_of_snow_in_cifar():
    assert CORE_CIFAR[4] == "spatter"
