"""Options that hold a comma-separated list, or a number or a word."""

from robench.errors import RobenchError


def words(text: str | None) -> tuple[str, ...] | None:
    """Return the words of ``"fog, snow"``, or None for no option."""
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(option: str, text: str | None) -> tuple[int, ...] | None:
    """Return the whole numbers of ``"1,3"``, or None for no option; raise RobenchError for anything else."""
    found = words(text)
    try:
        return None if found is None else tuple(map(int, found))
    except ValueError:
        raise RobenchError(f"{option} takes whole numbers like 1,3,5, got {text!r}") from None


def number_or_auto(option: str, text: str) -> int | None:
    """Return the number of ``"64"``, or None for ``"auto"``; raise RobenchError for anything else."""
    try:
        return None if text.strip() == "auto" else int(text)
    except ValueError:
        raise RobenchError(f"{option} takes a whole number or auto, got {text!r}") from None


def number_or_word(option: str, text: str | None, word: str = "fit") -> float | str | None:
    """Return the number of ``"1.7"`` or the word itself, None for no option; raise RobenchError for anything else."""
    if text is None or text == word:
        return text
    try:
        return float(text)
    except ValueError:
        raise RobenchError(f"{option} takes a number or {word}, got {text!r}") from None
