import io

import numpy as np
import pytest
from PIL import Image, features
from scipy import ndimage

from corruptions.digital import contrast, elastic_transform, jpeg_compression, pixelate, saturate
from corruptions.reflected_gaussian import smooth, smoother
from tests.corruptions.golden.reference_pixels import assert_same_pixels
from tests.corruptions.test_grid_warp import affine_by_numpy, triangle


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


def test_contrast_by_hand():
    images = np.zeros((1, 16, 16, 3), np.uint8)
    images[0, :8] = 202, 102, 50
    # Halfway to means of 101, 51 and 25, truncated.
    pixels = contrast.apply(images, (0.5,))[0]
    assert pixels[0, 0].tolist() == [151, 76, 37]
    assert pixels[15, 15].tolist() == [50, 25, 12]


def test_contrast_sums_in_floats():
    """The exact mean of these pixels is 1 / 255; the float sum is a hair less, which costs a level."""
    images = np.full((1, 16, 16, 3), 1, np.uint8)
    x = images[0] / 255.0
    mean = x.mean(axis=(0, 1))
    expected = (((x - mean) * 0.75 + mean) * 255).astype(np.uint8)
    assert_same_pixels(contrast.apply(images, (0.75,))[0], expected)
    assert not expected.any()


def test_saturate_tints_grey_red():
    """A grey has the hue of red, and the offset of severities 4 and 5 saturates it."""
    greys = np.full((1, 16, 16, 3), 100, np.uint8)
    factor, offset = saturate.STRENGTH["imagenet"][4]
    red, green, blue = saturate.apply(greys, (factor, offset))[0, 0, 0]
    assert (red, green, blue) == (100, 80, 80)
    assert_same_pixels(saturate.apply(greys, (factor, 0.0)), greys)


def test_saturate_to_nothing_is_grey():
    pixels = saturate.apply(random_images(1, 20, 20), (0.0, 0.0))
    assert_same_pixels(pixels, np.repeat(pixels.max(axis=3, keepdims=True), 3, axis=3))


@pytest.mark.parametrize(
    ("height", "width"), [(16, 16), (33, 17), (31, 64), (100, 60), (107, 161), (299, 299)]
)
@pytest.mark.parametrize("fraction", [0.95, 0.9, 0.85, 0.65, 0.5, 0.3, 0.2])
def test_pixelate_is_pillows_box(height, width, fraction):
    image = random_images(height, width)
    small = (int(width * fraction), int(height * fraction))
    picture = Image.fromarray(image).resize(small, Image.Resampling.BOX)
    expected = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
    assert_same_pixels(pixelate.apply(image[None], (fraction,))[0], expected)


def jpeg_by_pillow(image, quality):
    data = io.BytesIO()
    Image.fromarray(image).save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data))


@pytest.mark.skipif(not features.check("libjpeg_turbo"), reason="Pillow is built on another codec")
@pytest.mark.parametrize("quality", [80, 40, 25, 5])
@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 47), (64, 20)])
def test_jpeg_compression_is_pillows(height, width, quality):
    image = random_images(height // 4 + 1, width // 4 + 1).repeat(4, axis=0).repeat(4, axis=1)
    image = np.ascontiguousarray(image[:height, :width])
    decoded = jpeg_compression.apply(image[None], (float(quality),))[0]
    assert_same_pixels(decoded, jpeg_by_pillow(image, quality))


def test_elastic_transform_keeps_244():
    """224 was meant; 244 made the published files."""
    rows = elastic_transform.STRENGTH["imagenet"]
    fractions = ((2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02))
    for row, parts in zip(rows, (*fractions, (0.12, 0.01, 0.02)), strict=True):
        np.testing.assert_allclose(row, np.multiply(244, parts))


@pytest.mark.parametrize("shape", [(16, 40), (33, 20), (32, 33)])
@pytest.mark.parametrize("sigma_px", [0.0, 0.96, 2.5, 6.4, 170.8])
def test_smoothing_is_scipys(shape, sigma_px):
    field = np.random.default_rng(0).uniform(-1, 1, shape)
    smoothed = np.empty(shape)
    smooth(field, smoother(shape, sigma_px, 3.0), smoothed)
    expected = ndimage.gaussian_filter(field, sigma_px, mode="reflect", truncate=3.0)
    # A kernel that slides gives the last bit; one that is mixed by matrices adds in another order.
    slides = 3 * sigma_px < min(shape) / 4
    np.testing.assert_allclose(smoothed, expected, rtol=0, atol=0 if slides else 1e-14)


@pytest.mark.parametrize("shape", [(24, 24), (20, 45)])
@pytest.mark.parametrize("amount", [0.0, 3.0, 300.0])
def test_elastic_transform_fetches_as_scipy(shape, amount):
    """By fields that are not smoothed, up to several image sizes beyond the edges."""
    images = random_images(1, *shape)
    moves = np.random.default_rng(1).uniform(-2, 2, (1, 3, 2))
    x_field, y_field = np.random.default_rng(2).uniform(-1, 1, (2, 1, *shape))
    pixels = elastic_transform.apply(images, (amount, 0.0, 2.0), moves, x_field, y_field)
    units = images[0].astype(np.float32) / np.float32(255)
    points = triangle(*shape)
    tilted = affine_by_numpy(units, points, points + moves[0].astype(np.float32))
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    where = [
        rows + (y_field[0] * amount).astype(np.float32),
        columns + (x_field[0] * amount).astype(np.float32),
    ]
    planes = [
        ndimage.map_coordinates(tilted[..., channel], where, order=1, mode="reflect")
        for channel in range(3)
    ]
    expected = (np.clip(np.stack(planes, axis=2), 0, 1) * 255).astype(np.uint8)
    assert_same_pixels(pixels[0], expected)
