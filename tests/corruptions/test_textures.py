import hashlib
import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from corruptions import textures
from corruptions.errors import CorruptionError
from corruptions.textures import PHOTOGRAPHS, frost_texture

# Shape, and the start of the sha256 of the bytes in OpenCV's channel order, at scale 1, 0.2 and 0.3.
DECODED = {
    "frost1.png": (
        ((600, 900, 3), "ffb26b98c3661d09"),
        ((120, 180, 3), "670e05c6af69bb04"),
        ((180, 270, 3), "2afdb560125fb5f1"),
    ),
    "frost2.png": (
        ((315, 560, 3), "9a80d65685a979b6"),
        ((63, 112, 3), "17b0bcde6421e6b2"),
        ((94, 168, 3), "aab5843ffcef6760"),
    ),
    # Oddity of the authors' files: the same pixels as frost2.
    "frost3.png": (
        ((315, 560, 3), "9a80d65685a979b6"),
        ((63, 112, 3), "17b0bcde6421e6b2"),
        ((94, 168, 3), "aab5843ffcef6760"),
    ),
    "frost4.jpg": (
        ((350, 527, 3), "bfb85585cb67e1d2"),
        ((70, 105, 3), "38ba22a39e3553e9"),
        ((105, 158, 3), "ed79cb12eaadfc26"),
    ),
    "frost5.jpg": (
        ((495, 660, 3), "b5f450aa8eecd8fe"),
        ((99, 132, 3), "441b120cd911cc51"),
        ((148, 198, 3), "87e67d4f05833d26"),
    ),
}


@pytest.fixture
def forgotten_textures():
    clear_caches()
    yield
    clear_caches()


def clear_caches():
    for function in (textures._photograph, textures._scaled, textures._enlarged):
        function.cache_clear()


def test_the_sixth_photograph_is_never_drawn():
    assert tuple(DECODED) == PHOTOGRAPHS


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize(("place", "scale"), [(0, 1.0), (1, 0.2), (2, 0.3)])
def test_pixels_of_the_authors_photographs(number, place, scale):
    texture = frost_texture(number, scale, 16, 16)
    shape, sha256 = DECODED[PHOTOGRAPHS[number]][place]
    assert texture.shape == shape
    blue_first = np.ascontiguousarray(texture[..., ::-1])
    assert hashlib.sha256(blue_first).hexdigest().startswith(sha256)


def test_a_texture_is_shared_and_so_read_only():
    texture = frost_texture(0, 0.2, 32, 32)
    assert texture is frost_texture(0, 0.2, 40, 40)
    assert not texture.flags.writeable


@pytest.mark.parametrize(("height", "width"), [(62, 112), (63, 100), (300, 40), (700, 1000)])
def test_a_photograph_grows_until_it_exceeds_the_image(height, width):
    texture = frost_texture(1, 0.2, height, width)  # 63 x 112 at this scale
    assert texture.dtype == np.uint8
    assert texture.shape[0] > height
    assert texture.shape[1] > width
    # One side is just large enough, and the aspect is kept.
    assert min(texture.shape[0] - height, texture.shape[1] - width) <= 2
    assert texture.shape[1] / texture.shape[0] == pytest.approx(112 / 63, rel=0.02)


def test_a_photograph_that_is_large_enough_stays():
    assert frost_texture(1, 0.2, 62, 111).shape == (63, 112, 3)


def test_missing_package_is_named_with_its_remedy(monkeypatch, forgotten_textures):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CorruptionError, match="pip install imagecorruptions"):
        frost_texture(0, 1.0, 32, 32)


def test_unreadable_photograph_is_named(monkeypatch, forgotten_textures, tmp_path):
    monkeypatch.setattr(textures, "_folder", lambda: tmp_path)
    with pytest.raises(CorruptionError, match=r"frost4\.jpg"):
        frost_texture(3, 1.0, 32, 32)


def test_the_package_is_located_but_not_imported():
    code = (
        "import sys; from corruptions.textures import frost_texture; frost_texture(0, 1.0, 32, 32);"
        "sys.exit('imagecorruptions' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
