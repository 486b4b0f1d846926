"""The bar: frames on a terminal, lines in a file."""

import io

import pytest

from robench.progress import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_piped_output_gets_a_line_every_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.StringIO()
    monkeypatch.setattr("sys.stderr", piped)
    with bar(1160, unit="img", desc="fog-3") as shown:
        shown.mininterval = shown.miniters = 0
        for _ in range(1160):
            shown.update(1)
    lines = piped.getvalue().splitlines()
    assert [line.split(" (")[0] for line in lines] == [f"fog-3: {n}0%" for n in range(1, 11)]
    assert "(116 of 1,160 img), 00:00, 00:00 left" in lines[0]
    assert "left" not in lines[-1]
    assert "\r" not in piped.getvalue()


def test_what_was_done_before_is_no_news_and_what_is_not_done_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    piped = io.StringIO()
    monkeypatch.setattr("sys.stderr", piped)
    with bar(10, unit="step", initial=5) as shown:
        shown.update(1)
    assert [line.split(" (")[0] for line in piped.getvalue().splitlines()] == ["60%"]


def test_a_terminal_gets_a_bar_and_quiet_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with bar(10, unit="img", shown=False) as hidden:
        hidden.update(10)
    assert terminal.getvalue() == ""
    with bar(10, unit="img") as shown:
        shown.update(10)
    assert "100%" in terminal.getvalue()
    assert "\r" in terminal.getvalue()
