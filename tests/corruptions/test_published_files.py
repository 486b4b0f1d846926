"""Byte comparison with the published CIFAR-10-C files, which are known here by their md5 only."""

import hashlib
import io
import os

import numpy as np
import pytest

from corruptions import catalogue, corrupt
from robench import datasets
from tests.corruptions.test_digital import jpeg_by_pillow

MD5 = {
    "brightness": "0a81ef75e0b523c3383219c330a85d48",
    "contrast": "3c8262171c51307f916c30a3308235a8",
    "defocus_blur": "7d1322666342a0702b1957e92f6254bc",
    "gaussian_blur": "c33370155bc9b055fb4a89113d3c559d",
    "pixelate": "0f14f7e2db14288304e1de10df16832f",
    "saturate": "1cfae0964219c5102abbb883e538cc56",
    "zoom_blur": "6ea8e63f1c5cdee1517533840641641b",
}


@pytest.fixture(scope="module")
def cifar_10() -> np.ndarray:
    folder = os.environ.get("ROBENCH_DATA")
    if not folder:
        pytest.skip("ROBENCH_DATA does not name a folder that holds cifar-10-batches-py")
    return datasets.load("cifar-10", "test", folder).read(0, 10_000)


@pytest.mark.fidelity
@pytest.mark.parametrize("name", MD5)
def test_published_cifar_10_c_file(name: str, cifar_10: np.ndarray) -> None:
    published = io.BytesIO()
    severities = [corrupt(cifar_10, name, severity, preset="cifar") for severity in range(1, 6)]
    np.save(published, np.concatenate(severities))
    assert hashlib.md5(published.getvalue()).hexdigest() == MD5[name]


@pytest.mark.fidelity
@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_jpeg_compression_is_pillows(severity: int, cifar_10: np.ndarray) -> None:
    (quality,) = catalogue.strength("jpeg_compression", severity, "cifar")
    pixels = corrupt(cifar_10, "jpeg_compression", severity, preset="cifar")
    for image, decoded in zip(cifar_10, pixels, strict=True):
        np.testing.assert_array_equal(decoded, jpeg_by_pillow(image, int(quality)))
