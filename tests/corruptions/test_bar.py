import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import ndimage

from corruptions import CIFAR_BAR, IMAGENET_BAR, catalogue
from corruptions.bar import (
    caustic_refraction,
    checkerboard_cutout,
    circular_motion_blur,
    inverse_sparkles,
    lines,
    perlin_noise,
    pinch_and_twirl,
    plasma_noise,
    ripple,
    single_frequency_greyscale,
    sparkles,
    transverse_chromatic_abberation,
)
from corruptions.cubic_spline import bump_weights, to_bumps
from corruptions.keyed_random import KeyedRandom
from corruptions.spectral_noise import distance_from_centre, sample_phases, spectral_noise
from tests.corruptions.golden.bar import CROP, SCALE, cell, keys
from tests.corruptions.reference_draws import ReferenceDraws

# Some corruptions of the reference draw a seed, before draw number a counted from 0, and make their
# draws from number b on with a generator of that seed.
SEEDED = {
    "blue_noise_sample": (0, 0),
    "brownish_noise": (0, 0),
    "checkerboard_cutout": (2, 2),
    "inverse_sparkles": (1, 2),
    "lines": (2, 2),
    "perlin_noise": (0, 0),
    "sparkles": (1, 2),
}
# Values that may be off by one level where the image is flat: the last bit of a sine decides them.
UNSURE = {"ripple": 0.005}


class SeededDraws(ReferenceDraws):
    """Replays a reference that goes on with a second generator, whose seed the first one draws."""

    def __init__(self, seeds: Sequence[int], seed_place: int, switch_place: int) -> None:
        super().__init__(seeds)
        self._places = (seed_place, switch_place)
        self._draws = itertools.count()

    def normal(self, shape):
        self._step()
        return super().normal(shape)

    def uniform(self, shape, low=0.0, high=1.0):
        self._step()
        return super().uniform(shape, low, high)

    def integers(self, shape, low, high):
        self._step()
        return super().integers(shape, low, high)

    def _step(self):
        draw = next(self._draws)
        if draw == self._places[0]:
            drawn = [first.randint(0, 2**32) for first in self._generators]
            self._second = [np.random.RandomState(seed) for seed in drawn]
        if draw == self._places[1]:
            self._generators = self._second


@pytest.mark.parametrize("key", keys())
def test_pixels_of_the_reference(key):
    name, preset, side, severity = key.split("/")
    images, seeds, expected = cell(key)
    module = catalogue.load(name)
    strength = catalogue.strength(name, int(severity), preset)
    draws = ()
    if hasattr(module, "sample"):
        random = SeededDraws(seeds, *SEEDED[name]) if name in SEEDED else ReferenceDraws(seeds)
        draws = module.sample(random, strength, images)
    pixels = module.apply(images, strength, *draws)[CROP.get(int(side), ...)]
    difference = np.abs(pixels.astype(int) - expected)
    changed = np.count_nonzero(difference) / difference.size
    assert changed <= UNSURE.get(name, 0.0)
    assert difference.max() <= (name in UNSURE)


def test_every_corruption_is_held_against_the_reference():
    tested = {tuple(key.split("/")[:2]) for key in keys()}
    assert tested == {(n, "cifar") for n in CIFAR_BAR} | {(n, "imagenet") for n in IMAGENET_BAR}


def test_scales_are_the_reference_s():
    for preset, names in (("cifar", CIFAR_BAR), ("imagenet", IMAGENET_BAR)):
        assert tuple(SCALE[preset]) == names
        for name, scale in SCALE[preset].items():
            assert catalogue.load(name).STRENGTH[preset] == tuple((point,) for point in scale)
    for name in {*CIFAR_BAR, *IMAGENET_BAR}:
        presets = {preset for preset in SCALE if name in SCALE[preset]}
        assert set(catalogue.load(name).STRENGTH) == presets


def flat(level, height=32, width=32, count=1):
    return np.full((count, height, width, 3), level, np.uint8)


def drawn(module, count=1, height=32, width=32):
    """Return the draws of ``count`` images at severity 3."""
    row = next(iter(module.STRENGTH.values()))[2]
    random = KeyedRandom(0, module.__name__, 3, np.arange(count))
    return module.sample(random, row, flat(0, height, width, count))


def test_single_frequency_by_hand():
    # A wave of period 4 along x, amplitude 98: up, level, down, level.
    args = (np.array([[np.pi / 2, 0.0]]), np.array([np.pi / 2]))
    pixels = single_frequency_greyscale.apply(flat(100, 16, 16), (5.0,), *args)
    assert pixels[0, 7, :4].tolist() == [[198] * 3, [100] * 3, [2] * 3, [99] * 3]


def test_single_frequency_is_drawn_with_the_larger_on_either_axis():
    frequencies, _ = drawn(single_frequency_greyscale, 4000)
    along_x = np.abs(frequencies[:, 0]) > np.abs(frequencies[:, 1])
    assert along_x.mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(4000))
    assert np.abs(frequencies).max() == pytest.approx(np.pi, rel=0.01)


def test_plasma_is_folded_four_to_six_times():
    _, folds, _, _ = drawn(plasma_noise, 3000)
    counts = np.bincount(folds)
    assert counts[4:] == pytest.approx([1000] * 3, abs=5 * np.sqrt(3000 * 2 / 9))
    assert counts[:4].sum() == 0


@pytest.mark.parametrize(("height", "width"), [(16, 24), (17, 24), (16, 25), (17, 25)])
def test_phases_are_mirrored_about_the_middle(height, width):
    phases = sample_phases(KeyedRandom(0, "phases", 1, [3, 4]), 2, height, width)
    assert phases.shape == (2, 2, height, width)
    sides = np.delete(phases, width // 2, axis=-1) if width % 2 else phases
    np.testing.assert_array_equal(sides, sides[..., ::-1, ::-1])
    if width % 2:
        middle = phases[..., width // 2]
        np.testing.assert_array_equal(middle, middle[..., ::-1])
        assert not height % 2 or np.all(middle[..., height // 2] == 0)
    assert len(np.unique(phases)) >= 4 * (height * width // 2)


def test_spectral_noise_has_its_spectrum():
    amplitudes = distance_from_centre(32, 32) ** 2
    noises = spectral_noise(
        amplitudes, sample_phases(KeyedRandom(0, "x", 1, range(200)), 1, 32, 32)
    )
    np.testing.assert_allclose(noises.std(axis=(-2, -1)), 1.0)
    power = (np.abs(np.fft.fft2(noises)) ** 2).mean(axis=(0, 1))
    # Distance 16 against distance 4: 4 ** 4 times the power, give or take the mirrored phases.
    assert power[0, 15] / power[0, 4] == pytest.approx((15 / 4) ** 4, rel=0.3)


def test_sparkles_are_white_at_their_centres_and_leave_what_is_far():
    centres = np.broadcast_to([10.0, 20.0], (1, 5, 2)).copy()
    args = (centres, np.full((1, 5), 60), np.zeros((1, 995)))
    pixels = sparkles.apply(flat(0, 64, 64), (1.0,), *args)
    assert pixels[0, 10, 20].tolist() == [255] * 3
    # Every ray is raised to 1 px, so at 50 px a burst adds at most 1 / 50 ** 2 of white.
    assert pixels[0, 60, 20].max() == 0


def test_sparkles_take_their_rays_one_burst_after_the_other():
    centres = np.array([[[16.0, 16.0], [1e4, 1e4], [1e4, 0], [0, 1e4], [-1e4, 0]]])
    counts = np.array([[50, 60, 70, 80, 90]])
    normals = np.random.default_rng(0).normal(size=(1, 995))
    pixels = sparkles.apply(flat(0), (7.0,), centres, counts, normals)
    swapped = sparkles.apply(
        flat(0), (7.0,), centres[:, [1, 0, 2, 3, 4]], counts, np.roll(normals, 50)
    )
    assert np.any(pixels != swapped)
    args = (centres[:, [1, 0, 2, 3, 4]], counts[:, [1, 0, 2, 3, 4]], np.roll(normals, 60))
    np.testing.assert_array_equal(sparkles.apply(flat(0), (7.0,), *args), pixels)


def test_sparkles_round_to_single_precision_between_two_bursts():
    # Four pixels below its centre the first burst makes black 100 - 1e-7, and single precision 100
    # of it before the far other bursts. On a ray the light is 3/4 of length**2 / distance**2.
    centres = np.full((1, 5, 2), 1e9)
    centres[0, 0] = 16.0, 16.0
    length = np.sqrt((100 - 1e-7) / 255 * (4.0**2 + 1e-4) / 0.75)
    normals = np.full((1, 995), (length / 1.92 - 1) / 0.25)
    pixels = sparkles.apply(flat(0, 64, 64), (3.0,), centres, np.full((1, 5), 60), normals)
    assert pixels[0, 20, 16].tolist() == [100] * 3


def test_inverse_sparkles_turn_the_far_image_white():
    args = (np.array([[32.0, 32.0]]), np.array([50]), np.zeros((1, 199)))
    pixels = inverse_sparkles.apply(flat(0, 64, 64), (10.0,), *args)
    assert pixels[0, 32, 32].max() <= 64
    assert pixels[0, 0, 0].min() > pixels[0, 28, 28].max()


@pytest.mark.parametrize("module", [sparkles, inverse_sparkles])
def test_bursts_are_drawn_within_the_image(module):
    centres, counts, normals = drawn(module, 500, 24, 48)
    margin = 0.25 if module is inverse_sparkles else 0.0
    for axis, side in enumerate((24, 48)):
        places = centres[..., axis] / side
        assert (places.min(), places.max()) == pytest.approx((margin, 1 - margin), abs=0.01)
    assert (counts.min(), counts.max()) == (50, 199)
    assert normals.shape[1] == 199 * math.prod(counts.shape[1:])


def board(angle, numbers):
    pixels = checkerboard_cutout.apply(
        flat(7, 16, 16), (5.0,), np.array([angle]), np.array([4.0]), numbers
    )
    return pixels[0, :, :, 0]


def test_checkerboard_covers_squares_of_one_colour():
    # 4 * 16 // 4 = 16 squares a row. Those on the diagonal have the even colour.
    numbers = np.ones((1, 1600))
    numbers[0, [0, 1, 17, 2 * 16 + 0]] = 0.0
    expected = np.full((16, 16), 7)
    expected[0:4, 0:4] = expected[4:8, 4:8] = expected[8:12, 0:4] = 128
    np.testing.assert_array_equal(board(0.0, numbers), expected)


def test_checkerboard_cuts_towards_zero_across_an_axis():
    # A quarter of a turn: the columns of squares run from row 0 of the image down, to -4. The first
    # of them has the number 0 like the one beyond the axis, but the odd colour; the next, -1, is the
    # last of its row, 15.
    numbers = np.ones((1, 1600))
    numbers[0, [16 + 0, 0 + 15]] = 0.0
    covered = board(np.pi / 2, numbers) == 128
    expected = np.zeros((16, 16), bool)
    expected[1:4, 4:8] = expected[5:8, 0:4] = True
    inner = np.arange(16) % 4 != 0  # on the lines themselves, the last bit of a cosine decides
    np.testing.assert_array_equal(covered[inner], expected[inner])


def test_lines_by_hand():
    # Its middle at row 8, column 4.5, along the row axis: one column of full grey.
    args = (np.zeros(1), np.ones(1), np.array([[[0.5, 4.5 / 16, 0.5]]]))
    pixels = lines.apply(flat(200, 16, 16), (1.0,), *args)
    assert np.all(pixels[0, :, 4] == 128)
    assert np.all(np.delete(pixels[0], 4, axis=1) == 200)


def test_lines_are_as_many_as_the_side_allows():
    assert [drawn(lines, 1, side, side)[2].shape[1] for side in (32, 33, 40)] == [4, 4, 6]


@pytest.mark.parametrize("side", [4, 5, 32])
def test_splines_of_scipy(side):
    rows = np.random.default_rng(0).random((side, 7))
    expected = ndimage.spline_filter1d(rows, axis=0, mode="mirror")
    bumps = rows.copy()
    to_bumps(bumps)
    np.testing.assert_allclose(bumps, expected, rtol=0, atol=1e-13)
    places, weights = np.empty(4, np.int64), np.empty(4)
    for position in (0.0, 0.3, 1.0, side - 1.7, side - 1.0):
        bump_weights(position, side, places, weights)
        value = ndimage.map_coordinates(rows[:, 0], [[position]], mode="mirror")
        assert weights @ bumps[places, 0] == pytest.approx(value[0], abs=1e-13)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (20, 33)])
def test_circular_motion_blur_of_scipy(height, width):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    unit = image.astype(np.float32) / np.float32(255)
    total, weight = np.zeros((height, width, 3)), 0.0
    for part in np.linspace(-1, 1, 21):
        total += np.exp(-2 * part**2) * ndimage.rotate(unit, 9.0 * part, reshape=False)
        weight += np.exp(-2 * part**2)
    expected = np.clip(total / weight * 255, 0, 255)
    pixels = circular_motion_blur.apply(image[None], (6.0,))[0]
    # The reference's single precision may take one level more or less where it truncates.
    assert np.all(np.abs(pixels + 0.5 - expected) < 0.5001)


def test_circular_motion_blur_turns_in_black():
    pixels = circular_motion_blur.apply(flat(255), (6.0,))[0]
    assert pixels[16, 16].min() >= 254
    assert pixels[0, 0].max() < 200


@pytest.mark.parametrize(("height", "width"), [(32, 32), (21, 40)])
@pytest.mark.parametrize("scale", [1.0, 9.0])
def test_chromatic_abberation_of_scipy(height, width, scale):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    order = np.array([[2, 0, 1]])
    pixels = transverse_chromatic_abberation.apply(image[None], (scale,), order)[0]
    for channel, part in enumerate((1.0, 0.0, 0.5)):
        factor = 1.0 + part * scale * 0.05
        enlarged = ndimage.zoom(image[..., channel], factor, prefilter=False)
        top, left = (enlarged.shape[0] - height) // 2, (enlarged.shape[1] - width) // 2
        expected = enlarged[top : top + height, left : left + width]
        np.testing.assert_array_equal(pixels[..., channel], expected)


def test_chromatic_abberation_blurs_what_it_does_not_enlarge():
    images = flat(0)
    images[0, 16, 16] = 255
    pixels = transverse_chromatic_abberation.apply(images, (10.0,), np.array([[0, 1, 2]]))
    # 1, 4 and 16 parts of 36, rounded.
    assert pixels[0, 15:18, 15:18, 0].tolist() == [[7, 28, 7], [28, 113, 28], [7, 28, 7]]


def test_chromatic_abberation_draws_every_order_alike():
    (orders,) = drawn(transverse_chromatic_abberation, 6000)
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert counts == pytest.approx([1000] * 6, abs=5 * np.sqrt(6000 * 5 / 36))
    assert np.all(np.sort(orders, axis=1) == [0, 1, 2])


def test_ripple_is_black_beyond_the_border():
    # Quarter of a turn everywhere: rows move by 0.8 px, columns stay.
    args = (np.full((1, 2), 1e9), np.array([[np.pi / 2, 0.0]]))
    pixels = ripple.apply(flat(100), (10.0,), *args)
    assert np.all(np.isin(pixels[0, :-1], [99, 100]))
    assert np.all(np.abs(pixels[0, -1].astype(int) - 20) <= 1)


def test_pinch_and_twirl_leaves_cell_corners_and_the_rest():
    images = np.random.default_rng(0).integers(0, 256, (1, 32, 33, 3), dtype=np.uint8)
    pixels = pinch_and_twirl.apply(images, (10.0,), np.zeros((1, 3, 3), np.int64))
    for y, x in itertools.product((0, 10, 20), (0, 11, 22)):
        np.testing.assert_array_equal(pixels[0, y, x], images[0, y, x])
    np.testing.assert_array_equal(pixels[0, 30:], images[0, 30:])
    assert np.any(pixels != images)


def test_pinch_and_twirl_turns_either_way():
    images = np.random.default_rng(0).integers(0, 256, (1, 30, 30, 3), dtype=np.uint8)
    one, other = (np.full((1, 3, 3), way) for way in (0, 1))
    pixels = pinch_and_twirl.apply(images, (10.0,), one)
    assert np.any(pixels != pinch_and_twirl.apply(images, (10.0,), other))


def test_caustics_leave_what_calm_water_covers():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    pixels = np.empty_like(image)
    unit = image.astype(np.float32) / np.float32(255)
    caustic_refraction._refract(unit, np.full((16, 16), 0.5), 5.0, 0.0, pixels)
    np.testing.assert_array_equal(pixels[1:-1, 1:-1], image[1:-1, 1:-1])


def test_caustics_show_black_beyond_the_border():
    times, sizes = np.array([1.0]), np.array([40.0])
    pixels = caustic_refraction.apply(flat(255, 40, 40), (9.15,), times, sizes)[0]
    assert pixels[0].min() == 0 or pixels[-1].min() == 0
    assert pixels[8:-8, 8:-8].max() == 255


def test_perlin_noise_without_a_direction_is_black():
    components, swaps = drawn(perlin_noise)
    assert perlin_noise.apply(flat(255), (5.0,), components, swaps).min() > 100
    components[0, 17] = 256  # both components 0
    black = perlin_noise.apply(flat(255), (5.0,), components, swaps)[0].max(axis=-1) == 0
    assert 0 < black.mean() < 0.5
    components[0, 256:] = 256  # drawn, but never used
    again = perlin_noise.apply(flat(255), (5.0,), components, swaps)[0].max(axis=-1) == 0
    np.testing.assert_array_equal(again, black)
