"""What a message calls an argument: a keyword for who calls from Python, an option for who types at a terminal.

The library names its arguments with ``argument`` wherever it advises one; the command line says for as long as it runs
how it calls them.
"""

import contextlib
from collections.abc import Callable, Iterator


class Placeholder(str):
    """What only the reader knows, such as ``FILE``: never in quotation marks."""

    def __repr__(self) -> str:
        return str(self)


# Of the argument's name and the values advised, none where it is only named.
Spelling = Callable[[str, tuple[object, ...]], str]


def as_keyword(name: str, values: tuple[object, ...]) -> str:
    """Return ``name``, ``name='value'`` or ``name=(1, 2)``."""
    if not values:
        return name
    return f"{name}={values[0]!r}" if len(values) == 1 else f"{name}={values!r}"


_spelling: Spelling = as_keyword


def argument(name: str, *values: object) -> str:
    """Return what the reader of a message calls the argument ``name`` of ours, with the values that are advised.

    From Python ``argument("architecture", "resnet20")`` is ``architecture='resnet20'``, at the terminal ``--arch
    resnet20``.
    """
    return _spelling(name, values)


@contextlib.contextmanager
def spelled(spelling: Spelling) -> Iterator[None]:
    """Spell arguments in this way in all threads, until the context ends."""
    global _spelling
    before, _spelling = _spelling, spelling
    try:
        yield
    finally:
        _spelling = before
