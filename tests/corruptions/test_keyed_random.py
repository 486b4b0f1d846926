import itertools
import zlib
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from corruptions import catalogue, normal_table, poisson_table
from corruptions.errors import CorruptionError
from corruptions.keyed_random import KeyedRandom, stream_of
from corruptions.philox import philox

MANY = 200_000
# The other benchmarks' names, so that no stream is shared once they are here.
OTHERS = [
    "blue_noise_sample",
    "brownish_noise",
    "caustic_refraction",
    "checkerboard_cutout",
    "cocentric_sine_waves",
    "inverse_sparkles",
    "perlin_noise",
    "plasma_noise",
    "single_frequency_greyscale",
    "sparkles",
    "gaussian_noise_2",
    "gaussian_noise_3",
    "shot_noise_2",
    "shot_noise_3",
    "speckle_noise_2",
    "speckle_noise_3",
    "translate",
    "rotate",
    "tilt",
    "scale",
    "shear",
    "augmix",
    "ipmix",
    "pixmix",
    "fractals",
    "cutout",
    "mixup",
    "cutmix",
]


# Changes only if every corrupted image may change, which is another version of the benchmark.
GOLDEN = {
    "normal": [[-1.0753923077383019, 1.046508583322056], [0.6823757114896525, 1.276389975544586]],
    "uniform": [[0.8346788962371647, 0.8479252499528229], [1.8604843649081886, 2.8120378027670085]],
    "integers": [[-3, -1, -4, 3], [2, 2, 1, -4]],
    "poisson": [[0, 36, 52], [1, 58, 16]],
}


def stream(seed=1, name="fog", severity=3, indices=(0,)):
    return KeyedRandom(seed, name, severity, np.array(indices))


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ("00000000 00000000", "00000000 " * 4, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff", "ffffffff " * 4, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            "a4093822 299f31d0",
            "243f6a88 85a308d3 13198a2e 03707344",
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_known_answers(key, counter, expected):
    """The vectors that the authors of Philox publish with Random123."""
    words = np.empty(4, np.uint32)
    philox(tuple(map(hexadecimal, key.split())), *map(hexadecimal, counter.split()), words)
    assert [f"{word:08x}" for word in words] == expected.split()


def hexadecimal(word):
    return np.uint64(int(word, 16))


@pytest.mark.parametrize("seed", [0, 5, 2**40 + 3, 2**64 - 1])
@pytest.mark.parametrize("index", [0, 7, 2**32 + 1, 2**63 - 1])
def test_counter_is_block_stream_and_index(seed, index):
    random = stream(seed, "snow", 2, (index,))
    random.uniform((5,))  # two blocks, the second with three words to spare
    words = np.empty(8, np.uint32)
    key = (np.uint64(seed % 2**32), np.uint64(seed // 2**32))
    name = np.uint64(zlib.crc32(b"snow/2"))
    philox(key, np.uint64(2), name, np.uint64(index % 2**32), np.uint64(index // 2**32), words)
    np.testing.assert_array_equal(random.uniform((8,))[0], (words + 0.5) / 2**32)


def test_golden_values():
    random = stream(seed=12345, name="gaussian_noise", severity=3, indices=(0, 49_999))
    levels = np.array([[0, 128, 255], [1, 200, 77]], np.uint8)
    drawn = {
        "normal": random.normal((2,)),
        "uniform": random.uniform((2,), -1.0, 3.0),
        "integers": random.integers((4,), -4, 4),
        "poisson": random.poisson(levels, np.arange(256) / 255 * 60),
    }
    for name, expected in GOLDEN.items():
        np.testing.assert_allclose(drawn[name], expected, rtol=0, atol=1e-9, err_msg=name)


def test_no_streams_are_shared():
    names = [*catalogue.BENCHMARK, *catalogue.EXTRA, *catalogue.families(), *OTHERS]
    keys = set(itertools.product(names, range(11)))
    assert len({stream_of(*key) for key in keys}) == len(keys)


@pytest.mark.parametrize("method", ["normal", "uniform"])
def test_prefixes_agree_across_the_tiles(method):
    longest = getattr(stream(), method)((2050,))[0]
    for count in (1, 3, 4, 5, 1023, 1024, 1025, 2048, 2049):
        np.testing.assert_array_equal(getattr(stream(), method)((count,))[0], longest[:count])


@pytest.mark.parametrize(
    "draw",
    [
        lambda random: random.normal((3, 2)),
        lambda random: random.uniform((3, 2)),
        lambda random: random.integers((3, 2), 0, 1000),
        lambda random: random.poisson(
            np.full((len(random.indices), 3, 2), 200, np.uint8), np.arange(256.0)
        ),
    ],
)
def test_an_image_draws_the_same_in_any_batch(draw):
    numbers = [5, 0, 123_456, 2**40]
    together = stream(indices=numbers)
    first, second = draw(together), draw(together)
    assert first.shape == (4, 3, 2)
    for n, number in enumerate(numbers):
        alone = stream(indices=(number,))
        np.testing.assert_array_equal(draw(alone)[0], first[n])
        np.testing.assert_array_equal(draw(alone)[0], second[n])


def test_scalar_shape():
    assert stream(indices=(1, 2, 3)).uniform(()).shape == (3,)


@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_distribution(name):
    numbers = getattr(stream(seed=3), name)((MANY,))[0]
    assert stats.kstest(numbers, {"normal": "norm", "uniform": "uniform"}[name]).pvalue > 1e-3


def test_normal_moments():
    z = stream(seed=4).normal((10 * MANY,))[0]
    moments = [np.mean(z**power) for power in range(1, 7)]
    # Five standard errors of each moment of the normal distribution.
    errors = 5 * np.sqrt(np.array([1, 2, 15, 96, 945, 10170]) / len(z))
    assert np.all(np.abs(np.array(moments) - [0, 1, 0, 3, 0, 15]) < errors)


@pytest.mark.parametrize(
    "neighbour",
    [
        {"indices": (1,)},
        {"indices": (2**32,)},
        {"severity": 4},
        {"seed": 2},
        {"seed": 1 + 2**32},
        {"name": "frost"},
    ],
)
def test_neighbouring_keys_are_independent(neighbour):
    one, other = stream().uniform((MANY,))[0], stream(**neighbour).uniform((MANY,))[0]
    cells = np.histogram2d(one, other, bins=16, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 1e-3
    assert np.intersect1d(one[:1000], other[:1000]).size == 0


def test_calls_of_one_stream_are_independent():
    random = stream()
    one, other = random.normal((MANY,))[0], random.normal((MANY,))[0]
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(MANY)


def test_normal_table_against_the_exact_quantile():
    random = np.random.default_rng(0)
    words = random.integers(0, 2**32, 4000) >> random.integers(0, 32, 4000)
    words = np.append(words, [0, 1, 2, 3, 2**31, 2**32 - 1]).astype(np.uint32)
    for word in words:
        exact = -NormalDist().inv_cdf((int(word) | 1) / 2**33) * (1 if word & 1 else -1)
        assert abs(normal_table.quantile(word, normal_table.coefficients()) - exact) < 2e-9


def test_normal_vectors_equal_the_table():
    table = normal_table.coefficients()
    # Tiles of words, the last one with numbers left over from the vectors.
    random = stream()
    numbers = random.normal((1031,))[0]
    words = np.empty(1032, np.uint32)
    zero = np.uint64(0)
    philox(random._key, zero, random._stream, np.uint64(random.indices[0]), zero, words)
    one_by_one = np.array([normal_table.quantile(word, table) for word in words])
    np.testing.assert_array_equal(numbers, one_by_one[:1031])


@pytest.mark.parametrize(("low", "high"), [(-4, 4), (0, 5), (7, 8), (-135, -45)])
def test_integers_are_even(low, high):
    drawn = stream().integers((MANY,), low, high)[0]
    assert drawn.dtype == np.int64
    counts = np.bincount(drawn - low, minlength=high - low)
    assert len(counts) == high - low
    assert high - low == 1 or stats.chisquare(counts).pvalue > 1e-3


def test_integers_with_bounds_per_image():
    drawn = stream(indices=(0, 1, 2)).integers((1000,), np.array([0, 5, -9]), np.array([3, 6, 0]))
    assert [set(row) for row in drawn] == [{0, 1, 2}, {5}, set(range(-9, 0))]


@pytest.mark.parametrize(("low", "high"), [(3, 3), (3, 2), (0, 2**32 + 1)])
def test_integers_refuse_an_impossible_range(low, high):
    with pytest.raises(CorruptionError, match="low < high"):
        stream().integers((1,), low, high)


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.7, 3.0, 60.0, 500.0, 30_000.0])
def test_poisson_inverts_the_distribution_function(rate):
    table = poisson_table.of(np.full(256, rate))
    words = np.random.default_rng(0).integers(0, 2**32, 2000, dtype=np.uint32)
    counts = np.array([poisson_table.count(word, 9, table) for word in words])
    together = np.empty(2000, np.int32)
    levels = np.full(2000, 9, np.uint8)
    poisson_table.fill_counts(words, levels, table, np.empty(2000, np.uint64), together)
    np.testing.assert_array_equal(together, counts)
    low = stats.poisson.cdf(counts - 1, rate) - 2.0**-31
    high = stats.poisson.cdf(counts, rate) + 2.0**-31
    assert np.all((low <= words / 2**32) & (words / 2**32 <= high))


@pytest.mark.parametrize("rate", [0.0, 0.01, 3.0, 500.0])
def test_poisson_tails(rate):
    table = poisson_table.of(np.full(256, rate))
    least = poisson_table.count(np.uint32(0), 0, table)
    most = poisson_table.count(np.uint32(2**32 - 1), 0, table)
    assert least == stats.poisson.ppf(2.0**-33, rate)
    assert stats.poisson.sf(most, rate) < 2.0**-31


def test_poisson_follows_the_rate_of_each_level():
    levels = np.broadcast_to(np.array([0, 1, 100, 255], np.uint8), (1, MANY, 4)).copy()
    counts = stream().poisson(levels, np.arange(256) / 255 * 25)[0]
    assert counts.dtype == np.int32
    rates = np.array([0, 1, 100, 255]) / 255 * 25
    assert np.all(np.abs(counts.mean(axis=0) - rates) <= 5 * np.sqrt(rates / MANY))
    assert np.allclose(counts.var(axis=0), rates, rtol=0.05)


@pytest.mark.parametrize("rates", [np.ones(255), np.full(256, -1.0), np.full(256, 30_001.0)])
def test_poisson_refuses_impossible_rates(rates):
    with pytest.raises(CorruptionError, match="256 numbers from 0 to 30000"):
        stream().poisson(np.zeros((1, 2), np.uint8), rates)


def test_an_image_cannot_draw_for_ever():
    with pytest.raises(CorruptionError, match="2\\*\\*34"):
        stream(indices=()).uniform((2**34 + 1,))
