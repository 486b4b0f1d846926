"""Laws that every corruption obeys, over the whole registry, and what ``corrupt`` refuses."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import corruptions
from corruptions import (
    BENCHMARK,
    CIFAR_BAR,
    EXTRA,
    IMAGENET_BAR,
    PRESETS,
    SEVERITIES,
    CorruptionError,
    batches,
    catalogue,
    corrupt,
)
from corruptions.digital import contrast

NAMES = sorted(catalogue.families())
RANDOM = [name for name in NAMES if hasattr(catalogue.load(name), "sample")]
# The corruptions of the C-bar benchmarks have one or two presets, the others have all four.
PAIRS = [(name, preset) for name in NAMES for preset in catalogue.load(name).STRENGTH]

every_name = pytest.mark.parametrize("name", NAMES)
every_random_name = pytest.mark.parametrize("name", RANDOM)
every_pair = pytest.mark.parametrize(("name", "preset"), PAIRS)
every_random_pair = pytest.mark.parametrize(
    ("name", "preset"), [(name, preset) for name, preset in PAIRS if name in RANDOM]
)


def pictures(count, height=32, width=32, seed=0):
    """Return smooth random images with some texture, uint8 (count, height, width, 3)."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (count, -(-height // 8), -(-width // 8), 3))
    smooth = coarse.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]
    texture = random.normal(0, 12, smooth.shape)
    return np.clip(smooth + texture, 0, 255).astype(np.uint8)


def test_the_registry_is_the_benchmark():
    assert sorted({*BENCHMARK, *EXTRA, *CIFAR_BAR, *IMAGENET_BAR}) == NAMES
    assert (len(BENCHMARK), len(EXTRA), len(CIFAR_BAR), len(IMAGENET_BAR)) == (15, 4, 10, 10)


@pytest.mark.parametrize("name", BENCHMARK + EXTRA)
def test_strengths_are_the_reference_s(name):
    # The constants as they stand in the four create_c scripts of the reference.
    path = Path(__file__).parent / "golden" / "severities.csv"
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["corruption"] == name]
    table = catalogue.load(name).STRENGTH
    assert set(table) == set(PRESETS)
    assert [len(table[preset]) for preset in PRESETS] == [5, 5, 5, 5]
    assert len(rows) == 20
    for row in rows:
        expected = [float(value) for value in row["values"].split()]
        strength = catalogue.strength(name, int(row["severity"]), row["preset"])
        # A row may go on with what else depends on the preset, such as the scale of a texture.
        assert strength[: len(expected)] == pytest.approx(expected, rel=1e-12)


@every_pair
def test_dtype_shape_and_input(name, preset):
    for severity in SEVERITIES:
        images = pictures(2)
        before = images.copy()
        corrupted = corrupt(images, name, severity, preset=preset, threads=1)
        assert (corrupted.dtype, corrupted.shape) == (np.uint8, images.shape)
        assert corrupted.flags.c_contiguous
        assert not np.shares_memory(corrupted, images)
        np.testing.assert_array_equal(images, before)
        assert np.any(corrupted != images)


@every_pair
@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 50), (41, 17)])
def test_every_shape_from_16_px(name, preset, height, width):
    for severity in (1, 5):
        images = pictures(2, height, width)
        corrupted = corrupt(images, name, severity, preset=preset, threads=1)
        assert corrupted.shape == images.shape
        again = corrupt(images[1:], name, severity, preset=preset, indices=[1], threads=1)
        np.testing.assert_array_equal(again[0], corrupted[1])


@every_pair
def test_an_image_is_the_same_in_any_batch(name, preset, monkeypatch):
    images = pictures(64)
    numbers = np.random.default_rng(1).permutation(10_000)[:64]
    together = corrupt(images, name, 3, preset=preset, indices=numbers, threads=1)
    again = corrupt(images, name, 3, preset=preset, indices=numbers, threads=2)
    np.testing.assert_array_equal(again, together, err_msg="threads")
    for size in (1, 7):
        some = corrupt(images[:size], name, 3, preset=preset, indices=numbers[:size], threads=1)
        np.testing.assert_array_equal(some, together[:size], err_msg=f"batch of {size}")
    backwards = corrupt(images[::-1], name, 3, preset=preset, indices=numbers[::-1], threads=1)
    np.testing.assert_array_equal(backwards[::-1], together, err_msg="order")
    monkeypatch.setattr(batches, "CHUNK_PIXELS", 5 * 32 * 32)
    chunked = corrupt(images, name, 3, preset=preset, indices=numbers, threads=2)
    np.testing.assert_array_equal(chunked, together, err_msg="chunks")


@pytest.mark.parametrize("side", [16, 32, 75])
@pytest.mark.parametrize(
    "name", [n for n in RANDOM if hasattr(catalogue.load(n), "draw_and_apply")]
)
def test_drawing_while_applying_gives_the_same_pixels(name, side):
    """The short way through a corruption goes through the same numbers as its two doors."""
    module, images = catalogue.load(name), pictures(3, side, side + 1)
    for preset, severity in ((preset, s) for preset in module.STRENGTH for s in SEVERITIES):
        row = module.STRENGTH[preset][severity - 1]
        random, again = (batches.KeyedRandom(7, name, severity, [2, 0, 2**40]) for _ in range(2))
        expected = module.apply(images, row, *module.sample(random, row, images))
        np.testing.assert_array_equal(module.draw_and_apply(images, row, again), expected)
        assert again.uniform((1,)) == pytest.approx(random.uniform((1,)), abs=0)


@every_random_pair
def test_draws_depend_on_index_and_seed(name, preset):
    # Eight of them, since a corruption may have as few as six outcomes.
    twins = np.repeat(pictures(1), 8, axis=0)
    numbers = range(4, 12)
    corrupted = corrupt(twins, name, 3, preset=preset, indices=numbers, threads=1)
    assert np.any(corrupted != corrupted[0])
    other = corrupt(twins, name, 3, preset=preset, indices=numbers, seed=1, threads=1)
    assert np.any(corrupted != other)


@every_random_name
def test_draws_depend_on_severity(name):
    """Two severities share no numbers, also where their constants are the same."""
    row = next(iter(catalogue.load(name).STRENGTH.values()))[2]
    images = pictures(8)
    drawn = [
        catalogue.load(name).sample(batches.KeyedRandom(0, name, severity, range(8)), row, images)
        for severity in (3, 4)
    ]
    assert any(np.any(one != other) for one, other in zip(*drawn, strict=True))


@every_pair
def test_severities_differ(name, preset):
    images = pictures(1, 64, 64)
    levels = {corrupt(images, name, s, preset=preset, threads=1).tobytes() for s in SEVERITIES}
    rows = set(catalogue.load(name).STRENGTH[preset])
    assert len(levels) == (5 if name in RANDOM else len(rows))


@every_pair
@pytest.mark.parametrize("level", [0, 255])
def test_flat_images_do_not_wrap_around(name, preset, level):
    """No corruption makes most of a black image white or of a white image black."""
    for severity in SEVERITIES:
        images = np.full((2, 32, 32, 3), level, np.uint8)
        distance = np.abs(corrupt(images, name, severity, preset=preset).astype(int) - level)
        assert np.median(distance) < 255


@every_name
def test_an_empty_batch_stays_empty(name):
    images = np.empty((0, 32, 32, 3), np.uint8)
    for preset in catalogue.load(name).STRENGTH:
        assert corrupt(images, name, 1, preset=preset).shape == (0, 32, 32, 3)


def test_indices_count_from_0_when_omitted():
    images = pictures(3)
    counted = corrupt(images, "gaussian_noise", 3, preset="cifar", indices=[0, 1, 2])
    np.testing.assert_array_equal(corrupt(images, "gaussian_noise", 3, preset="cifar"), counted)


def test_any_memory_order():
    images = pictures(3, 24, 32)
    expected = corrupt(images, "contrast", 3, preset="cifar")
    for order in (np.asfortranarray(images), images.repeat(2, axis=2)[:, :, ::2]):
        np.testing.assert_array_equal(corrupt(order, "contrast", 3, preset="cifar"), expected)


def test_a_read_only_file_in_memory(tmp_path):
    images = pictures(3)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    expected = corrupt(images, "contrast", 3, preset="cifar")
    np.testing.assert_array_equal(corrupt(mapped, "contrast", 3, preset="cifar"), expected)
    assert len(contrast._flatten.signatures) == 1, "compiled once more for read-only arrays"


OK = pictures(2)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (OK / 255, "uint8 array with values 0 to 255, got float64"),
        (OK.astype(np.int64), "got int64"),
        (OK.tolist(), "got list"),
        (OK[..., :2], r"got \(2, 32, 32, 2\)"),
        (OK.transpose(0, 3, 1, 2), r"got \(2, 3, 32, 32\)"),
        (OK[:, :15], "at least 16 pixels on each side, got 15 x 32"),
        (OK[:, :, :1], "got 32 x 1"),
    ],
)
def test_refused_images(images, message):
    with pytest.raises(CorruptionError, match=message):
        corrupt(images, "fog", 1, preset="cifar")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"name": "fogg"},
            "unknown corruption 'fogg'; did you mean 'fog'\\? known: blue_noise_sample, ",
        ),
        ({"name": ""}, "unknown corruption ''; known: "),
        ({"preset": "imagenet1k"}, "unknown preset 'imagenet1k'; did you mean 'imagenet'\\?"),
        ({"preset": "?"}, "unknown preset '\\?'; known: cifar, tiny, imagenet, inception"),
        (
            {"name": "ripple", "preset": "imagenet"},
            "ripple does not exist in preset 'imagenet'; its presets: cifar$",
        ),
        ({"severity": 0}, 'severity must be 1 to 5, got 0 .*"clean"'),
        ({"severity": 6}, "got 6"),
        ({"severity": 1.5}, "got 1.5"),
        ({"severity": "3"}, "got 3"),
        ({"indices": [0, -1]}, "must not be negative, got -1"),
        ({"indices": [3, 3]}, "must be distinct"),
        ({"indices": [1]}, r"must be 2 integers, one per image, got int64 \(1,\)"),
        ({"indices": [0.0, 1.0]}, "got float64"),
        ({"indices": np.array([0, 2**63], np.uint64)}, r"below 2\*\*63"),
        ({"seed": -1}, r"0 to 2\*\*64 - 1, got -1"),
        ({"seed": 2**64}, "seed must be"),
        ({"seed": 0.5}, "got 0.5"),
        ({"threads": 0}, "threads must be at least 1, got 0"),
    ],
)
def test_refused_arguments(change, message):
    arguments = {"name": "fog", "severity": 1, "preset": "cifar"} | change
    with pytest.raises(CorruptionError, match=message):
        corrupt(OK, **arguments)


@pytest.mark.parametrize("count", [0, 1, 7, 64])
@pytest.mark.parametrize("threads", [1, 2, 16])
@pytest.mark.parametrize("side", [16, 224, 1000])
def test_chunks_cover_a_batch_once(count, threads, side):
    covered = [
        n for chunk in batches.chunks((count, side, side, 3), threads) for n in range(count)[chunk]
    ]
    assert covered == list(range(count))


def test_importing_needs_neither_torch_nor_robench():
    code = "import sys, corruptions; print({'torch', 'robench', 'skimage'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_door_is_complete():
    assert all(hasattr(corruptions, name) for name in corruptions.__all__)
