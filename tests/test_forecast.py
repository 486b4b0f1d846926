"""What a dry run says."""

from pathlib import Path

import pytest

from robench.forecast import Forecast, as_duration, nearest_existing, peak_memory_bytes


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "a second"),
        (45, "45 s"),
        (720, "12 min"),
        (3590, "1 h"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_are_for_people(seconds: float, words: str) -> None:
    assert as_duration(seconds) == words


def test_a_forecast_in_words(tmp_path: Path) -> None:
    found = Forecast(
        100, 76, "conditions", 7500, 720, "3 batches", 2**30, 1.5e6, tmp_path / "a" / "b"
    )
    text = "\n".join(found.lines())
    assert "100 images x 76 conditions = 7,600, 7,500 to do" in text
    assert "about 12 min (3 batches)" in text
    assert "about 1.07 GB" in text
    assert f"about 1.5 MB in {tmp_path}/a/b" in text
    assert not (tmp_path / "a").exists()


def test_memory_is_in_bytes(tmp_path: Path) -> None:
    assert 5e6 < peak_memory_bytes() < 1e12
    assert nearest_existing(tmp_path / "a" / "b") == tmp_path
