"""Fractals: the maps they are drawn from, that no picture is empty or dull, and what they depend on."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from baselines.fractals import fractals, kernels
from baselines.keyed_uniforms import keyed_uniforms

SIDE = 24


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return fractals(3, np.arange(120), SIDE)


def test_a_picture_depends_on_seed_and_number_only(pictures: NDArray[np.uint8]) -> None:
    order = np.array([77, 3, 119, 4])
    np.testing.assert_array_equal(fractals(3, order, SIDE, threads=1), pictures[order])
    np.testing.assert_array_equal(fractals(3, order, SIDE, threads=3), pictures[order])
    others = fractals(4, order, SIDE)
    assert all((a != b).mean() > 0.5 for a, b in zip(others, pictures[order], strict=True))


def test_no_two_pictures_are_alike(pictures: NDArray[np.uint8]) -> None:
    flat = pictures.reshape(len(pictures), -1).astype(float)
    distances = np.abs(flat[:, None] - flat[None]).mean(axis=2)
    assert distances[~np.eye(len(flat), dtype=bool)].min() > 10


def test_no_picture_is_near_empty_or_dull(pictures: NDArray[np.uint8]) -> None:
    deviation = pictures.reshape(len(pictures), -1, 3).std(axis=1).mean(axis=1) / 255
    assert deviation.min() > 0.1
    assert np.median(deviation) > 0.17
    neighbours = np.abs(np.diff(pictures.astype(float), axis=2)).mean(axis=(1, 2, 3))
    assert (neighbours > 3).mean() > 0.95  # texture, not only a gradient


def test_the_pictures_have_all_hues(pictures: NDArray[np.uint8]) -> None:
    strongest = pictures.reshape(len(pictures), -1, 3).mean(axis=1).argmax(axis=1)
    assert (np.bincount(strongest, minlength=3) > 20).all()


def test_a_picture_without_attractor_is_drawn_again() -> None:
    """The first numbers of some pictures leave them near-empty; what is given covers enough."""
    numbers = np.arange(200)
    covered = np.empty(len(numbers))
    drawn = np.empty((len(numbers), 8, 8, 3), np.uint8)
    kernels.draw(keyed_uniforms(3, "fractal", 0, numbers, kernels.PER_PICTURE), drawn, covered)
    given = fractals(3, numbers, 8)
    kept = np.array([np.array_equal(a, b) for a, b in zip(drawn, given, strict=True)])
    np.testing.assert_array_equal(kept, covered >= kernels.LEAST_COVERAGE)
    assert 0 < (~kept).sum() < len(numbers) / 2


@pytest.mark.parametrize("maps", [2, 3, 8])
def test_the_maps_contract_and_their_singular_values_sum_up_as_drawn(maps: int) -> None:
    numbers = keyed_uniforms(0, "systems", 0, np.arange(300), kernels.PER_LAYER)
    sums = []
    for row in numbers:
        systems = np.empty((maps, 6))
        kernels._systems(row, maps, systems)
        matrices = systems[:, [0, 1, 3, 4]].reshape(maps, 2, 2)
        values = np.linalg.svd(matrices, compute_uv=False)
        assert (values <= kernels.MAX_SINGULAR_VALUE + 1e-12).all()
        assert (np.abs(systems[:, [2, 5]]) <= 1).all()
        sums.append((values @ [1, 2]).sum())
    clipped = 3 * maps * (1 - kernels.MAX_SINGULAR_VALUE)
    assert min(sums) > (5 + maps) / 2 - clipped
    assert max(sums) < (6 + maps) / 2
    assert np.ptp(sums) > 0.4


def test_the_sierpinski_triangle_is_found() -> None:
    """Three maps that halve the distance to three corners: a point of the walk is never in the middle."""
    systems = np.array([[0.5, 0, 0, 0, 0.5, 0], [0.5, 0, 0.5, 0, 0.5, 0], [0.5, 0, 0, 0, 0.5, 0.5]])
    lots = np.arange(kernels.LOTS, dtype=np.int64) % 3
    visits = np.empty((64, 64, 4))
    window = (0.0, 0.0, 64.0, 64.0)
    kernels._visit(
        systems, np.eye(3), lots.astype(np.uint8), np.uint64(1), (0.0, 0.0), window, visits
    )
    seen = visits[..., 3] > 0
    row, column = np.indices(seen.shape)
    # The binary digits of a place's coordinates never meet, but for points on the edge of a place.
    assert seen.sum() == pytest.approx(3 ** math.log2(64), rel=0.03)
    assert (seen & ((row & column) == 0)).sum() > 0.97 * seen.sum()
    # The colour of a place is that of the last maps: here the map is the corner.
    top_left = visits[:16, :16].sum(axis=(0, 1))
    assert top_left[0] > 3 * top_left[1]
