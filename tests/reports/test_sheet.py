"""The sheet: pictures of every condition, beside them the errors of the runs."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from corruptions import corrupt
from reports.page.heat_table import chip, heat_table, sheet_tables
from reports.page.pictures import thumbnail
from reports.sheet import Sheet, drawn
from reports.test_images import CREDIT, Examples, example_pictures, open_test_images
from robench import datasets
from robench.errors import RobenchError
from robench.suites import CLEAN, Condition
from tests.reports.synthetic import INFO

FOG = Condition("fog", 2)
DIGITS = {**INFO, "suite": "digits-c"}


def labels(count: int = 500) -> pd.Series:
    source = datasets.load("digits")
    return pd.Series(source.labels, source.indices)[:count]


def table(*values: float) -> pd.DataFrame:
    return pd.DataFrame([values], index=["fog"], columns=range(1, len(values) + 1))


def test_the_run_s_own_images_are_shown_where_they_are_at_hand():
    images = open_test_images(DIGITS, labels()[2:], None)
    examples = example_pictures(DIGITS, [FOG], images)
    clean = datasets.load("digits").read(2, 3)
    made = corrupt(clean, "fog", 2, preset="cifar", seed=0, indices=np.array([1299]))
    np.testing.assert_array_equal(examples.pictures[CLEAN], clean[0])
    np.testing.assert_array_equal(examples.pictures[FOG], made[0])
    assert examples.credit == "test image 1299"


def test_otherwise_a_photograph_of_the_suite_s_size():
    assert open_test_images(INFO, labels(), None) is None
    examples = example_pictures({**INFO, "seed": 3}, [FOG], None)
    clean = examples.pictures[CLEAN]
    assert clean.shape == (32, 32, 3)
    expected = corrupt(clean[None], "fog", 2, preset="cifar", seed=3)[0]
    np.testing.assert_array_equal(examples.pictures[FOG], expected)
    assert examples.credit == CREDIT


def test_images_of_a_run_without_records_are_not_trusted():
    assert open_test_images(DIGITS, labels(0), None) is None


def test_corruptions_that_cannot_be_made_have_no_picture():
    assert example_pictures({**INFO, "suite": "imagenet-3dcc"}, [], None) is None


def test_other_images_than_the_runs_are_refused(tmp_path):
    with pytest.raises(RobenchError, match="holds other images than the runs"):
        open_test_images(DIGITS, labels() + 1, tmp_path)


def test_the_official_folder_is_read_where_the_run_was_of_it(cifar_dir):
    stored = np.arange(5 * 40 * 32 * 32 * 3, dtype=np.uint32).astype(np.uint8)
    folder = cifar_dir / "CIFAR-10-C"
    folder.mkdir()
    np.save(folder / "fog.npy", stored.reshape(200, 32, 32, 3))
    np.save(folder / "labels.npy", np.tile(np.arange(40) % 10, 5))
    of_folder = {**INFO, "data": {**INFO["data"], "description": f"the images in {folder}"}}
    known = pd.Series(np.arange(40) % 10)
    images = open_test_images(of_folder, known, cifar_dir)
    np.testing.assert_array_equal(images.picture(3, FOG), stored.reshape(5, 40, 32, 32, 3)[1, 3])
    assert images.classes[3] == "cat"


def test_small_pictures_are_inside_the_page_to_the_pixel():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    encoded = re.search(r"base64,([^\"]+)", thumbnail(pixels, "a&b"))[1]
    shown = Image.open(io.BytesIO(base64.b64decode(encoded)))
    np.testing.assert_array_equal(np.asarray(shown), pixels)
    assert 'alt="a&amp;b"' in thumbnail(pixels, "a&b")


def test_large_pictures_are_made_small():
    photograph = np.zeros((224, 224, 3), np.uint8)
    assert 'width="112"' in thumbnail(photograph, "")
    assert "data:image/jpeg" in thumbnail(photograph, "")


def test_a_chip_is_shaded_by_its_error():
    assert chip(0.5, 0.5) == chip(0.9, 0.5).replace("90.0", "50.0")
    assert "color:#ffffff" in chip(0.5, 0.5)
    assert "color:#000000" in chip(0.0, 0.5)
    assert "style" not in chip(float("nan"), 0.5)
    assert "—" in chip(float("nan"), 0.5)


def test_a_heat_table_holds_every_error():
    made = heat_table(table(0.1, 0.25), 0.5, "caption")
    assert re.findall(r">([\d.—]+)</span>", made) == ["10.0", "25.0", "—", "—", "—"]
    assert '<th scope="rowgroup" colspan="6" class="family">weather</th>' in made


def sheet(runs: int) -> Sheet:
    pixels = np.zeros((32, 32, 3), np.uint8)
    names = tuple("abcdef"[:runs])
    tables = tuple(table(0.1 * (run + 1), 0.2) for run in range(runs))
    pictures = dict.fromkeys((CLEAN, Condition("fog", 1), FOG), pixels)
    return Sheet(names, tables, (0.05,) * runs, 0.7, Examples("a zero", pictures))


def test_the_sheet_shows_each_run_s_error_below_the_picture():
    made = sheet_tables(sheet(2))
    assert made.count("<img") == 3
    assert 'alt="Fog, severity 2"' in made
    assert re.search(r"run-0[^>]*><span class=\"unseen\">a: </span>10.0", made)
    assert re.search(r"run-1[^>]*><span class=\"unseen\">b: </span>20.0", made)
    assert "a, b, from top to bottom. The picture is a zero" in made


def test_of_many_runs_the_sheet_shows_the_ends():
    made = sheet_tables(sheet(6))
    assert "the lowest and the highest of the 6 runs" in made
    assert re.findall(r"(min|max) </span>([\d.]+)", made)[2:4] == [("min", "10.0"), ("max", "60.0")]


def test_the_sheet_as_a_picture():
    made = drawn(sheet(1), "title")
    assert made.mode == "RGB"
    assert made.width > 6 * 32 * 3
