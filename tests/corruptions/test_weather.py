import colorsys

import numpy as np
import pytest

from corruptions import water_drops
from corruptions.gaussian_filter import gaussian_taps
from corruptions.hsv import hsv_to_rgb, rgb_to_hsv
from corruptions.plasma import fill_plasma, plasma_draws, plasma_side
from corruptions.weather import brightness, fog, frost, snow, spatter
from tests.corruptions.golden.reference_pixels import assert_same_pixels
from tests.corruptions.reference_draws import ReferenceDraws


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


def flat_images(level, *shape):
    return np.full((*shape, 3), level, np.uint8)


class RecordedDraws:
    """Returns the lowest value of every range, and remembers the ranges of integers."""

    def __init__(self, count):
        self.count = count
        self.ranges = []

    def integers(self, shape, low, high):
        self.ranges.append((low, np.broadcast_to(high, self.count).tolist()))
        return np.zeros((self.count, *shape), np.int64) + low


def test_hsv_of_the_standard_library():
    colours = np.random.default_rng(0).integers(0, 256, (500, 3)) / 255.0
    colours[:3] = [[0, 0, 0], [1, 1, 1], [0.4, 0.4, 0.4]]
    for colour in colours:
        hsv = rgb_to_hsv(*colour)
        assert hsv == pytest.approx(colorsys.rgb_to_hsv(*colour), abs=1e-15)
        assert hsv_to_rgb(*hsv) == pytest.approx(colour, abs=1e-14)


def test_a_hue_of_one_is_red():
    assert hsv_to_rgb(1.0, 1.0, 1.0) == (1.0, 0.0, 0.0)


def test_brightness_turns_black_to_grey():
    # 0.3 x 255 is 76.5, truncated.
    assert np.all(brightness.apply(flat_images(0, 1, 16, 16), (0.3,)) == 76)


@pytest.mark.parametrize(
    ("height", "width", "side"), [(32, 32, 32), (64, 64, 64), (224, 224, 256), (17, 299, 512)]
)
def test_plasma_is_as_large_as_the_next_power_of_two(height, width, side):
    assert plasma_side(height, width) == side


def test_plasma_squares_its_wibble():
    side = 4
    numbers = np.full(plasma_draws(side), 0.5)  # a half adds nothing
    numbers[0] = 1.0  # the centre of the first level becomes 100 x 100
    numbers[3] = 1.0  # the first centre of the second level, beside 5000, 5000, 10000 and 0
    heights = np.empty((side, side))
    fill_plasma(numbers, 2.0, heights)
    # With a decay of 2 it gets 50 x 50 more; a plain wibble would add 50 to it, and no squares.
    assert heights[2, 2] == 1.0
    assert heights[1, 1] == pytest.approx((5000 + 50 * 50) / 10000)


def test_plasma_draws_upper_sides_before_left_sides():
    heights = np.empty((2, 2))
    fill_plasma(np.array([1.0, 0.75, 0.5]), 2.0, heights)
    # Centre 10000, upper side half of it + 5000, left side half of it.
    np.testing.assert_allclose(heights, [[0.0, 1.0], [0.5, 1.0]])


def test_fog_leaves_a_black_image_black():
    numbers = np.random.default_rng(0).random((1, plasma_draws(16)))
    assert not fog.apply(flat_images(0, 1, 16, 16), (1.5, 2.0), numbers).any()


def test_fog_is_scaled_by_the_brightest_value():
    numbers = np.random.default_rng(0).random((1, plasma_draws(16)))
    foggy = fog.apply(flat_images(100, 1, 16, 16), (1.5, 2.0), numbers)
    brightest = 100 / 255
    # The thickest fog is 1.5 on top of the brightest value, which is its own scale.
    assert foggy.max() == int(brightest * 255)
    assert foggy.min() == int(brightest * brightest / (brightest + 1.5) * 255)


def test_frost_draws_from_five_photographs_and_crops_short_of_the_last_row_and_column():
    draws = RecordedDraws(3)
    strength = frost.STRENGTH["imagenet"][0]
    photographs, rows, columns = frost.sample(draws, strength, flat_images(0, 3, 224, 200))
    assert draws.ranges[0] == (0, [5, 5, 5])
    assert draws.ranges[1] == (0, [600 - 224] * 3)
    assert draws.ranges[2] == (0, [900 - 200] * 3)
    assert not (photographs.any() or rows.any() or columns.any())


def test_frost_covers_an_image_larger_than_the_photograph():
    images = random_images(1, 700, 320)
    draws = frost.sample(ReferenceDraws([0]), (0.6, 0.75, 1.0), images)
    assert frost.apply(images, (0.6, 0.75, 1.0), *draws).shape == images.shape


def test_snow_falls_twice_the_second_time_turned_by_half_a_circle():
    images = flat_images(0, 1, 20, 31)
    strength = snow.STRENGTH["cifar"][4]
    snowy = snow.apply(images, strength, *snow.sample(ReferenceDraws([0]), strength, images))
    assert snowy.std() > 10
    assert_same_pixels(snowy, snowy[:, ::-1, ::-1])


def test_snow_bleaches_towards_a_bright_grey():
    images = flat_images(0, 1, 16, 16)
    no_flakes = np.full((1, 16, 16), -9.0)
    bleached = snow.apply(images, snow.STRENGTH["cifar"][4], no_flakes, np.array([-90.0]))
    # Black bleaches to half a grey, of which severity 5 takes a fifth.
    assert np.all(bleached == int(0.2 * 0.5 * 255))


def test_spatter_without_a_drop_is_clean_instead_of_black():
    images = random_images(1, 16, 16)
    for strength in spatter.STRENGTH["cifar"][:3]:
        clean = spatter.apply(images, strength, np.full((1, 16, 16), -9.0))
        assert np.abs(clean.astype(int) - images).max() <= 1


def test_spatter_wraps_liquid_above_one():
    liquid = np.zeros((16, 16))
    liquid[4:12, 4:12] = 1.1  # 280 of 255, that is 24
    wrapped = water_drops.water(liquid, np.float32(1.0))
    liquid[4:12, 4:12] = 24.5 / 255
    np.testing.assert_array_equal(wrapped, water_drops.water(liquid, np.float32(1.0)))


def test_spatter_is_water_then_mud():
    images = flat_images(255, 1, 32, 32)
    flood = np.full((1, 32, 32), 9.0)
    flood[0, 16:] = -9.0  # water shows at the edge of a drop only
    water, mud = (spatter.apply(images, spatter.STRENGTH["cifar"][k], flood) for k in (2, 3))
    assert water.min() == 255
    np.testing.assert_allclose(mud[0, 0, 0], [63, 42, 20], atol=1)
    assert mud[0, 31, 31].tolist() == [255, 255, 255]


def test_mud_is_solid_or_absent():
    noise = np.random.default_rng(0).normal(size=(1, 64, 64))
    liquid = spatter._liquid(noise, 0.65, 0.3, gaussian_taps(1.0), 0.65)
    mud = spatter._mud(liquid, 0.65, gaussian_taps(1.5))
    assert mud.max() > 0.8
    assert mud[mud > 0].min() >= np.float32(0.8)
