from pathlib import Path

import pytest

from reports.names import (
    corruption_heading,
    corruption_title,
    distinguished,
    family,
    file_stem,
    in_benchmark_order,
    shortened,
)


@pytest.mark.parametrize(
    ("name", "title", "heading"),
    [
        ("gaussian_noise", "Gaussian noise", "Gaussian"),
        ("jpeg_compression", "JPEG compression", "JPEG"),
        ("elastic_transform", "Elastic transform", "Elastic"),
        ("fog", "Fog", "Fog"),
    ],
)
def test_corruptions_read_well(name, title, heading):
    assert corruption_title(name) == title
    assert corruption_heading(name) == heading


def test_strangers_come_last():
    assert in_benchmark_order(["zzz", "fog", "abc", "shot_noise"]) == [
        "shot_noise",
        "fog",
        "abc",
        "zzz",
    ]
    assert family("zzz") == "other"


def test_as_much_of_the_folder_as_it_takes():
    folders = [Path("/x/1/run"), Path("/x/2/run"), Path("/y/2/run")]
    assert distinguished(["m", "m", "n"], folders) == ["m (1/run)", "m (2/run)", "n"]
    assert distinguished(["m"] * 3, folders) == ["m (x/1/run)", "m (x/2/run)", "m (y/2/run)"]
    assert distinguished(["a", "b", "c"], folders) == ["a", "b", "c"]


def test_long_names_lose_their_middle():
    assert shortened("short") == "short"
    name = shortened("a" * 30 + "b" * 30, 20)
    assert len(name) == 20
    assert name.startswith("aaa")
    assert name.endswith("bbb")


def test_file_names_hold_nothing_a_shell_minds():
    assert file_stem("heat-map", 0, "../a b/<c>") == "heat-map-01-a-b-c"
    assert file_stem("heat-map", 11, "日本") == "heat-map-12"
