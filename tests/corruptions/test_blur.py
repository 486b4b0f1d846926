import math

import numpy as np
import pytest
from scipy import ndimage

from corruptions.blur import defocus_blur, gaussian_blur, glass_blur, motion_blur, zoom_blur
from corruptions.disk_kernel import disk_kernel
from corruptions.gaussian_filter import blur_plane, gaussian_taps
from corruptions.linear_zoom import zoom_map, zoom_row
from corruptions.motion_taps import motion_offsets, motion_weights
from tests.corruptions.golden.reference_pixels import assert_same_pixels


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


@pytest.mark.parametrize("sigma_px", [0.05, 0.4, 1.0, 6.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gaussian_filter_of_scipy(sigma_px, dtype):
    plane = np.random.default_rng(0).random((20, 31, 3)).astype(dtype)
    taps = gaussian_taps(sigma_px)
    # Of our taps: numpy's exponential, which SciPy takes, has another last bit on some processors.
    kernel = np.concatenate([taps[:0:-1], taps])
    expected = ndimage.correlate1d(plane, kernel, axis=0, mode="nearest")
    expected = ndimage.correlate1d(expected, kernel, axis=1, mode="nearest")
    blurred = np.empty((20, 93), dtype)
    blur_plane(plane.reshape(20, 93), 3, taps, blurred, False)
    np.testing.assert_array_equal(blurred.reshape(plane.shape), expected)
    whole = ndimage.gaussian_filter(plane, [sigma_px, sigma_px, 0], mode="nearest")
    np.testing.assert_allclose(expected, whole, rtol=0, atol=4 * np.finfo(dtype).eps)


def test_taps_are_of_the_c_librarys_exponential():
    kernel = [math.exp(-0.5 / (6.0 * 6.0) * k * k) for k in range(-24, 25)]
    np.testing.assert_array_equal(gaussian_taps(6.0), (np.array(kernel) / np.sum(kernel))[24:])


def test_gaussian_blur_truncates():
    images = random_images(1, 16, 16)
    blurred = ndimage.gaussian_filter(images[0] / 255.0, [1.0, 1.0, 0], mode="nearest") * 255
    assert_same_pixels(gaussian_blur.apply(images, (1.0,))[0], np.floor(blurred).astype(np.uint8))


def test_glass_copies_its_neighbour_instead_of_swapping():
    images = random_images(1, 16, 16)
    strength = (0.05, 1, 1)  # so little blur that the kernel is a single tap
    offsets = np.zeros((1, 1, 14, 14, 2), np.int64)
    still = glass_blur.apply(images, strength, offsets)
    # Visits start at the bottom right: row 0, column 0 of the offsets is the pixel (15, 15).
    offsets[0, 0, 3, 5] = (-1, 0)
    moved = glass_blur.apply(images, strength, offsets)
    expected = still.copy()
    expected[0, 12, 10] = still[0, 12, 9]
    assert_same_pixels(moved, expected)


def test_glass_draws_horizontal_before_vertical():
    images = random_images(1, 16, 16)
    offsets = np.zeros((1, 1, 14, 14, 2), np.int64)
    still = glass_blur.apply(images, (0.05, 1, 1), offsets)
    offsets[0, 0, 0, 0] = (0, -1)
    moved = glass_blur.apply(images, (0.05, 1, 1), offsets)
    np.testing.assert_array_equal(moved[0, 15, 15], still[0, 14, 15])


@pytest.mark.parametrize(
    ("radius_px", "edge_sigma_px", "total"),
    [(3, 0.1, 1.0), (8, 0.5, 1.01298), (10, 0.5, 1.01079), (12, 0.5, 1.00775)],
)
def test_disk_kernels_of_large_radius_sum_to_more_than_one(radius_px, edge_sigma_px, total):
    kernel = disk_kernel(radius_px, edge_sigma_px)
    assert kernel.dtype == np.float32
    assert kernel.sum(dtype=np.float64) == pytest.approx(total, abs=1e-5)


@pytest.mark.parametrize("strength", sorted({*sum(defocus_blur.STRENGTH.values(), ())}))
def test_defocus_groups_the_taps_of_a_disk_that_is_the_same_upside_down(strength):
    kernel = disk_kernel(*strength)
    np.testing.assert_array_equal(kernel, kernel[::-1])
    # A white image reaches the largest sum that a group can have, which 16 bits must hold.
    white = np.full((1, 32, 32, 3), 255, np.uint8)
    total = min(kernel.sum(dtype=np.float64), 1.0)
    assert (defocus_blur.apply(white, strength) == int(total * 255)).all()


# The last has so many taps of one weight that they make two groups.
@pytest.mark.parametrize("strength", [(3.0, 0.1), (4.0, 0.5), (12.0, 0.5)])
def test_defocus_mirrors_the_border(strength):
    images = random_images(2, 20, 33)
    kernel = disk_kernel(*strength).astype(np.float64)[..., None]
    expected = [ndimage.correlate(image / 255.0, kernel, mode="mirror") for image in images]
    levels = (np.clip(expected, 0, 1) * 255).astype(np.uint8)
    assert_same_pixels(defocus_blur.apply(images, strength), levels)


def test_zoom_factors_end_where_arange_rounds_to():
    # 1.06 is reached, 1.16 is not.
    assert len(zoom_blur.zoom_factors(1.06, 0.01)) == 7
    assert len(zoom_blur.zoom_factors(1.16, 0.01)) == 16


@pytest.mark.parametrize(
    ("height", "width", "factor"),
    [(32, 32, 1.0), (32, 32, 1.11), (47, 60, 1.25), (224, 17, 3.0), (150, 26, 1.75), (150, 150, 3)],
)
def test_zoom_of_scipy(height, width, factor):
    plane = np.random.default_rng(0).random((height, width))
    expected = cropped_zoom(plane, factor)
    rows, row_weights = zoom_map(height, factor)
    columns, column_weights = zoom_map(width, factor)
    zoomed = np.empty_like(plane)
    for y in range(height):
        zoom_row(
            plane,
            1,
            rows[y],
            row_weights[y],
            columns,
            column_weights,
            np.empty(width),
            zoomed[y],
        )
    np.testing.assert_allclose(zoomed, expected, rtol=0, atol=1e-15)


def cropped_zoom(plane, factor):
    """Return the centre of ``plane`` enlarged by scipy and trimmed to the shape of ``plane``."""
    crops = [int(np.ceil(side / factor)) for side in plane.shape]
    starts = [(side - crop) // 2 for side, crop in zip(plane.shape, crops, strict=True)]
    middle = plane[starts[0] : starts[0] + crops[0], starts[1] : starts[1] + crops[1]]
    zoomed = ndimage.zoom(middle, factor, order=1)
    trims = [(got - side) // 2 for got, side in zip(zoomed.shape, plane.shape, strict=True)]
    return zoomed[trims[0] :, trims[1] :][: plane.shape[0], : plane.shape[1]]


def test_motion_weights_by_hand():
    weights = motion_weights(1.0, 1.0)
    expected = np.array([1.0, np.exp(-0.5), np.exp(-2.0)])
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-15)


def test_motion_trail_rounds_half_down():
    offsets = motion_offsets(np.array([0.0, 30.0, -90.0]), 4)
    assert offsets[0].tolist() == [[0, 0], [0, 1], [0, 2], [0, 3]]
    # 3 sin 30 = 1.5 goes to 1, 2 cos 30 = 1.73 to 2.
    assert offsets[1].tolist() == [[0, 0], [0, 1], [1, 2], [1, 3]]
    assert offsets[2].tolist() == [[0, 0], [-1, 0], [-2, 0], [-3, 0]]


def test_motion_takes_light_from_its_right():
    images = np.zeros((1, 16, 16, 3), np.uint8)
    images[0, 8, 8] = 255
    blurred = motion_blur.apply(images, (1.0, 1.0), np.array([0.0]))
    # 255 times the weights is 146.37, 88.78 and 19.81: truncated, not rounded.
    assert blurred[0, 8, 6:10, 0].tolist() == [19, 88, 146, 0]
    assert np.count_nonzero(blurred) == 9
