"""The documents a user reads, taken apart: their code, the robench commands in it, their links and headings."""

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A command goes on in the next line, or a sentence follows it after a gap.
CONTINUED = re.compile(r"\\\n\s*")
GAP = re.compile(r"\s{3,}")
ROBENCH = re.compile(r"^(?:\$ )?(?:torchrun .*-m )?(robench .*)$")


def docs_script(name: str) -> ModuleType:
    """Return the script docs/``name``.py, imported as when it is run: with its folder on the path."""
    if str(ROOT / "docs") not in sys.path:
        sys.path.insert(0, str(ROOT / "docs"))
    description = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert description is not None
    assert description.loader is not None
    module = importlib.util.module_from_spec(description)
    description.loader.exec_module(module)
    return module


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, ``""`` for those that name none."""
    return [code for name, code in FENCED.findall(text) if name == language]


def shell_commands(block: str) -> list[list[str]]:
    """Return every command of a block as its words, without comments."""
    return [words for line in _joined(block) if (words := shlex.split(line, comments=True))]


def spans(text: str) -> list[str]:
    """Return the inline code of a Markdown text."""
    return SPAN.findall(FENCED.sub("", text))


def robench_commands(text: str, indent: int = 4) -> list[str]:
    """Return every ``robench ...`` of a text that stands in a block: fenced, or indented by so many blanks."""
    prose = FENCED.sub("", text)
    lines = [line for line in _joined(prose) if line.startswith(" " * indent)]
    for language, code in FENCED.findall(text):
        lines += _joined(code) if language not in ("python", "sql") else []
    matches = [ROBENCH.match(line.strip()) for line in lines]
    return [GAP.split(match[1])[0].strip() for match in matches if match]


def mentioned_commands(text: str) -> list[str]:
    """Return every ``robench ...`` in a sentence, which may leave out what the command also needs."""
    matches = map(ROBENCH.match, spans(text))
    return [match[1] for match in matches if match]


def _joined(code: str) -> list[str]:
    return CONTINUED.sub(" ", code).splitlines()


def links(text: str) -> list[str]:
    """Return the targets of all links and pictures."""
    return LINK.findall(SPAN.sub("", FENCED.sub("", text)))


def anchors(text: str) -> set[str]:
    """Return what a link may name after ``#``: the headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
