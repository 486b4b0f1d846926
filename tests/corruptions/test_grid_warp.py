"""Warps on a grid of 1/32 pixel: by numpy, and by OpenCV where that is one of the versions which have the grid."""

import cv2
import numpy as np
import pytest

from corruptions.grid_warp import (
    inverse_affine_map,
    inverse_homography,
    warp_affine,
    warp_perspective,
)
from corruptions.perturbations.tilt import _perspective
from tests.corruptions.golden.reference_pixels import assert_same_pixels

with_grid = pytest.mark.skipif(
    int(cv2.__version__.partition(".")[0]) > 4, reason="OpenCV 5 has dropped the grid"
)
SHAPES = [(16, 16), (32, 32), (33, 70), (150, 65), (64, 129)]
every_shape = pytest.mark.parametrize(("height", "width"), SHAPES)


def random_image(height, width):
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


def triangle(height, width):
    """Return the corners that the elastic transform moves: float32 (3, 2)."""
    arm = min(height, width) // 3
    return np.float32([height // 2, width // 2]) + np.float32([[arm, arm], [arm, -arm], [-arm] * 2])


def moved_triangle(height, width, furthest):
    moves = np.random.default_rng(width).uniform(-furthest, furthest, (3, 2))
    return triangle(height, width) + moves.astype(np.float32)


def forward_map(points, moved):
    """Return (2, 3): the affine map that takes ``points`` to ``moved``."""
    return np.linalg.solve(np.column_stack([points, np.ones(3)]), moved).T


def affine_by_numpy(image, points, moved):
    """Return ``image``, float32, under the map of three points, mirrored, by its points in 1/32 pixel."""
    height, width, _ = image.shape
    inverse = np.linalg.inv(np.vstack([forward_map(points, moved), [0, 0, 1]]))
    steps = np.rint(inverse[:2, :1] * np.arange(width) * 1024).astype(int)
    starts = np.rint((inverse[:2, 1:2] * np.arange(height) + inverse[:2, 2:]) * 1024).astype(int)
    x, y = (starts[:, :, None] + steps[:, None] + 16) >> 5
    return linear_by_numpy(image, x, y, "reflect")


def linear_by_numpy(image, x, y, mode):
    """Return what ``image``, padded by numpy's ``mode``, shows at points in 1/32 pixel."""
    margin = int(max(-x.min(), -y.min(), x.max(), y.max())) // 32 + 2
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode)
    left, upper = x // 32 + margin, y // 32 + margin
    right_share, lower_share = (
        np.float32(part % 32)[..., None] / np.float32(32) for part in (x, y)
    )
    total = np.float32(0)
    for dy, vertical in enumerate((1 - lower_share, lower_share)):
        for dx, horizontal in enumerate((1 - right_share, right_share)):
            total += padded[upper + dy, left + dx] * (vertical * horizontal)
    return total


def affine(image, points, moved):
    """Return ``image``, float32, under the map of three points by the kernel."""
    source, out = np.zeros((2, image.size + 1), np.float32)
    source[:-1] = image.ravel()
    inverse = np.empty(6)
    inverse_affine_map(points, moved, inverse)
    warp_affine(source, image.shape[:2], inverse, out)
    return out[:-1].reshape(image.shape)


def perspective(image, homography):
    output = np.empty((1, 1, *image.shape), np.uint8)
    warp_perspective(image[None], inverse_homography(homography)[None], output)
    return output[0, 0]


@every_shape
@pytest.mark.parametrize("furthest", [0.0, 0.3, 4.0, 40.0])
def test_affine_by_numpy(height, width, furthest):
    image = random_image(height, width).astype(np.float32) / np.float32(255)
    points = triangle(height, width)
    moved = moved_triangle(height, width, furthest)
    expected = affine_by_numpy(image, points, moved)
    np.testing.assert_array_equal(affine(image, points, moved), expected)


def test_points_on_a_line_show_the_first_pixel():
    """Their map has no inverse, and every pixel comes from the corner, as in OpenCV."""
    image = random_image(20, 20).astype(np.float32)
    moved = np.float32([[3, 3], [6, 6], [9, 9]])
    np.testing.assert_array_equal(
        affine(image, triangle(20, 20), moved), np.broadcast_to(image[0, 0], image.shape)
    )


@every_shape
@pytest.mark.parametrize("angle_deg", [-30.0, -7.5, 0.0, 11.25])
def test_perspective_by_numpy(height, width, angle_deg):
    image = random_image(height, width)
    homography = _perspective(height, width, np.deg2rad(angle_deg))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x, y, depth = np.einsum(
        "ij,jyx->iyx", np.linalg.inv(homography), np.stack([columns, rows, np.ones_like(rows)])
    )
    x, y = (np.rint(32 * each / depth).astype(int) for each in (x, y))
    expected = np.floor(linear_by_numpy(image, x, y, "constant") + 0.5).astype(np.uint8)
    assert_same_pixels(perspective(image, homography), expected)
    assert expected.any()


@with_grid
@every_shape
@pytest.mark.parametrize("furthest", [0.0, 0.3, 4.0, 40.0])
def test_affine_is_opencvs(height, width, furthest):
    image = random_image(height, width).astype(np.float32) / np.float32(255)
    points = triangle(height, width)
    moved = moved_triangle(height, width, furthest)
    expected = cv2.warpAffine(
        image,
        cv2.getAffineTransform(points, moved),
        (width, height),
        borderMode=cv2.BORDER_REFLECT_101,
    )
    np.testing.assert_array_equal(affine(image, points, moved), expected)


@with_grid
@every_shape
@pytest.mark.parametrize("angle_deg", [-30.0, -7.5, 0.0, 11.25])
def test_perspective_is_opencvs(height, width, angle_deg):
    image = random_image(height, width)
    homography = _perspective(height, width, np.deg2rad(angle_deg))
    expected = cv2.warpPerspective(image, homography, (width, height))
    assert_same_pixels(perspective(image, homography), expected)
