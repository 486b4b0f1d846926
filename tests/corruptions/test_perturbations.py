"""Laws that every perturbation sequence obeys, and what ``perturb`` refuses."""

import numpy as np
import pytest

import corruptions
from corruptions import (
    CORE_CIFAR,
    CORE_IMAGENET,
    EXTRA_CIFAR,
    EXTRA_IMAGENET,
    PRESETS,
    CorruptionError,
    batches,
    catalogue,
    frame_count,
    perturb,
    perturbation_names,
)
from corruptions.keyed_random import KeyedRandom
from corruptions.sequence_catalogue import sequence
from corruptions.sequences import SEVERITY
from tests.corruptions.test_corrupt import pictures

NAMES = perturbation_names()
RANDOM = [name for name in NAMES if hasattr(sequence(name, "cifar")[0], "sample")]
NOISE = [name for name in NAMES if "noise" in name]
WARPED = [name for name in NAMES if hasattr(sequence(name, "cifar")[0], "WARPS_BEFORE_CROP")]
# Where the clean image is, exactly.
CLEAN = dict.fromkeys((*NOISE, "zoom_blur"), (0, 0, 0, 0)) | {
    "translate": (7, 15, 20, 20),
    "rotate": (15, 15, 15, 15),
    "shear": (15, 15, 15, 15),
    "scale": (15, 24, 24, 24),
}

every_name = pytest.mark.parametrize("name", NAMES)
every_random_name = pytest.mark.parametrize("name", RANDOM)
every_preset = pytest.mark.parametrize("preset", PRESETS)


def test_the_names_are_the_benchmark_s():
    assert sorted((*CORE_CIFAR, *EXTRA_CIFAR)) == sorted((*CORE_IMAGENET, *EXTRA_IMAGENET))
    assert sorted((*CORE_IMAGENET, *EXTRA_IMAGENET)) == list(NAMES)
    assert (len(CORE_CIFAR), len(CORE_IMAGENET)) == (10, 10)
    assert set(CORE_IMAGENET) - set(CORE_CIFAR) == {"snow"}
    assert set(CORE_CIFAR) - set(CORE_IMAGENET) == {"spatter"}


@every_name
def test_frame_counts(name):
    counts = [frame_count(name, preset=preset) for preset in PRESETS]
    special = {"motion_blur": [21, 31, 31, 31], "translate": [16, 31, 41, 41]}
    assert counts == special.get(name, [31, 31, 31, 31])


@every_name
@every_preset
def test_dtype_shape_and_input(name, preset):
    images = pictures(2)
    images.flags.writeable = False
    before = images.copy()
    film = perturb(images, name, preset=preset, threads=1)
    assert film.dtype == np.uint8
    assert film.shape == (2, frame_count(name, preset=preset), 32, 32, 3)
    assert film.flags.c_contiguous
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(film, images)
    # Neighbours differ, but for angles too close for so few pixels, and drops that have run off.
    moves = np.any(film[:, 1:] != film[:, :-1], axis=(2, 3, 4))
    assert moves.any() if name == "spatter" else moves.mean() > 0.5


@every_preset
@pytest.mark.parametrize("name", CLEAN)
def test_where_the_clean_frame_is(name, preset):
    images = pictures(2)
    film = perturb(images, name, preset=preset)
    clean = CLEAN[name][PRESETS.index(preset)]
    np.testing.assert_array_equal(film[:, clean], images)


@every_name
@every_preset
@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 50), (41, 17)])
def test_every_shape_from_16_px(name, preset, height, width):
    images = pictures(2, height, width)
    film = perturb(images, name, preset=preset, threads=1)
    assert film.shape[2:] == images.shape[1:]
    again = perturb(images[1:], name, preset=preset, indices=[1], threads=1)
    np.testing.assert_array_equal(again[0], film[1])


@every_name
@every_preset
def test_a_sequence_is_the_same_in_any_batch(name, preset, monkeypatch):
    images = pictures(64, 16, 16)
    numbers = np.random.default_rng(1).permutation(10_000)[:64]
    together = perturb(images, name, preset=preset, indices=numbers, threads=1)
    again = perturb(images, name, preset=preset, indices=numbers, threads=2)
    np.testing.assert_array_equal(again, together, err_msg="threads")
    for size in (1, 7):
        some = perturb(images[:size], name, preset=preset, indices=numbers[:size], threads=1)
        np.testing.assert_array_equal(some, together[:size], err_msg=f"batch of {size}")
    backwards = perturb(images[::-1], name, preset=preset, indices=numbers[::-1], threads=1)
    np.testing.assert_array_equal(backwards[::-1], together, err_msg="order")
    monkeypatch.setattr(batches, "CHUNK_PIXELS", 1)
    chunked = perturb(images, name, preset=preset, indices=numbers, threads=2)
    np.testing.assert_array_equal(chunked, together, err_msg="chunks")


@every_random_name
@every_preset
def test_draws_depend_on_index_and_seed(name, preset):
    twins = np.repeat(pictures(1), 2, axis=0)
    first, second = perturb(twins, name, preset=preset, indices=[4, 5], threads=1)
    assert np.any(first != second)
    other = perturb(twins[:1], name, preset=preset, indices=[4], seed=1, threads=1)
    assert np.any(first != other[0])


@pytest.mark.parametrize("name", NOISE)
def test_noise_of_two_frames_is_unrelated(name):
    """About as far from each other as two frames with independent noise of the same size are."""
    images = np.full((1, 32, 32, 3), 128, np.uint8)
    film = perturb(images, name, preset="imagenet")[0, 1:].astype(float)
    noise = (film - film.mean()).reshape(30, -1)
    correlation = np.corrcoef(noise) - np.eye(30)
    assert np.abs(correlation).max() < 6 / np.sqrt(noise.shape[1])


def test_the_stronger_noises_are_stronger_and_draw_their_own_numbers():
    images = np.full((1, 32, 32, 3), 128, np.uint8)
    for kind in ("gaussian", "shot", "speckle"):
        films = [
            perturb(images, f"{kind}_noise{level}", preset="cifar")[0, 1:].astype(float)
            for level in ("", "_2", "_3")
        ]
        spreads = [film.std() for film in films]
        assert spreads == sorted(spreads)
        # Of the same numbers they would correlate by almost 1.
        assert abs(np.corrcoef(films[0].ravel(), films[2].ravel())[0, 1]) < 0.05


@every_random_name
def test_no_corruption_has_the_numbers_of_a_sequence(name):
    assert SEVERITY not in catalogue.SEVERITIES
    one, other = (KeyedRandom(0, name, s, [3]).uniform((8,)) for s in (SEVERITY, 1))
    assert np.all(one != other)


@every_preset
@pytest.mark.parametrize("name", WARPED)
def test_a_warp_brings_the_margin_into_view(name, preset):
    """A white picture stays white in its middle, where its crop alone would get black corners."""
    white = np.full((1, 120, 120, 3), 255, np.uint8)
    film = perturb(white, name, preset=preset, crop_px=32)
    assert film.shape[2:] == (32, 32, 3)
    # Zoom blur's mean in single precision may lose a level.
    assert film.min() >= 254


@pytest.mark.parametrize("name", WARPED)
def test_a_warp_comes_before_the_crop(name):
    images = pictures(2, 40, 53)
    whole = perturb(images, name, preset="imagenet")
    # (53 - 20) / 2 = 16.5 is rounded to 16, (53 - 22) / 2 = 15.5 to 16.
    for side in (20, 22):
        top = (40 - side) // 2
        np.testing.assert_array_equal(
            perturb(images, name, preset="imagenet", crop_px=side),
            whole[:, :, top : top + side, 16 : 16 + side],
        )


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WARPED)))
def test_all_else_comes_after_the_crop(name):
    images = pictures(2, 40, 50)
    np.testing.assert_array_equal(
        perturb(images, name, preset="imagenet", crop_px=20),
        perturb(images[:, 10:30, 15:35], name, preset="imagenet"),
    )


@every_name
def test_an_empty_batch_stays_empty(name):
    film = perturb(np.empty((0, 32, 32, 3), np.uint8), name, preset="cifar")
    assert film.shape == (0, frame_count(name, preset="cifar"), 32, 32, 3)


def test_any_memory_order():
    images = pictures(3, 24, 32)
    expected = perturb(images, "brightness", preset="cifar")
    for order in (np.asfortranarray(images), images.repeat(2, axis=2)[:, :, ::2]):
        np.testing.assert_array_equal(perturb(order, "brightness", preset="cifar"), expected)


def test_grey_images_have_equal_channels():
    grey = pictures(2)[..., 0]
    expected = perturb(grey[..., None].repeat(3, axis=3), "snow", preset="cifar")
    np.testing.assert_array_equal(perturb(grey, "snow", preset="cifar"), expected)


def test_the_preset_is_that_of_the_crop():
    images = pictures(1, 64, 64)
    chosen = perturb(images, "translate", preset="auto", crop_px=32)
    np.testing.assert_array_equal(chosen, perturb(images, "translate", preset="cifar", crop_px=32))


OK = pictures(2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": OK / 255}, "uint8 array with values 0 to 255, got float64"),
        ({"images": OK[None]}, r"shape \(N, H, W, 3\).*got \(1, \d+, 32, 32, 3\)"),
        ({"images": OK[:, :15]}, "at least 16 pixels on each side, got 15 x 32"),
        ({"name": "tilted"}, "unknown perturbation 'tilted'; did you mean 'tilt'\\? known: bright"),
        ({"name": "gaussian_noise_4"}, "did you mean 'gaussian_noise"),
        ({"name": "fog"}, "unknown perturbation 'fog'"),
        ({"preset": "imagenet1k"}, "unknown preset 'imagenet1k'; did you mean 'imagenet'\\?"),
        ({"indices": [3, 3]}, "must be distinct"),
        ({"seed": -1}, r"0 to 2\*\*64 - 1, got -1"),
        ({"threads": 0}, "threads must be at least 1, got 0"),
        ({"crop_px": 15}, "crop_px must be 16 to 32, the smaller side of the images, got 15"),
        ({"crop_px": 33}, "got 33"),
        ({"crop_px": 20.0}, "got 20.0"),
        ({"images": OK[:, :, :30], "crop_px": 31}, "16 to 30"),
    ],
)
def test_refused_arguments(change, message):
    arguments = {"images": OK, "name": "tilt", "preset": "cifar"} | change
    with pytest.raises(CorruptionError, match=message):
        perturb(**arguments)


def test_frame_count_refuses_what_perturb_refuses():
    with pytest.raises(CorruptionError, match="unknown perturbation 'fog'"):
        frame_count("fog", preset="cifar")
    with pytest.raises(CorruptionError, match="unknown preset ''; known: cifar"):
        frame_count("tilt", preset="")


def test_the_door_is_complete():
    assert all(hasattr(corruptions, name) for name in corruptions.__all__)
