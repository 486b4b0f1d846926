"""Print docs/tutorial.md as a shell script: ``python docs/tutorial_script.py | bash -e`` does what its reader does.

A block of Python after a sentence that ends with a file's name is that file; blocks of bash are run. A command marked
``# exits with 1`` has to. The part on CIFAR-10 needs ``--cifar DATA CHECKPOINT``, without which it is left out.
"""

import argparse
import re
import shlex
from pathlib import Path

TUTORIAL = Path(__file__).parent / "tutorial.md"
BLOCK = re.compile(
    r"(?:`(?P<file>\w+\.py)`:\n\n)?^```(?P<language>python|bash)\n(?P<code>.*?)^```$", re.M | re.S
)
FAILS = re.compile(r"^(?P<command>robench .*?) +# exits with 1$", re.M)
INSTALL, CIFAR = "Install", "The same on CIFAR-10"


def main() -> None:
    """Print the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cifar", nargs=2, type=Path, metavar=("DATA", "CHECKPOINT"))
    cifar = parser.parse_args().cifar
    print(script(TUTORIAL.read_text(encoding="utf-8"), cifar=cifar))


def sections(text: str) -> dict[str, str]:
    """Return the tutorial's sections by their headings."""
    parts = re.split(r"^## (.+)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def script(text: str, *, cifar: tuple[Path, Path] | None = None, install: bool = True) -> str:
    """Return the shell script of a tutorial; ``cifar`` is the data folder and the ResNet-20 of its last part."""
    lines = []
    for title, section in sections(text).items():
        if (title == INSTALL and not install) or (title == CIFAR and cifar is None):
            continue
        if title == CIFAR and cifar is not None:
            pairs = zip(cifar, ("data", "resnet20.th"), strict=True)
            lines += [f"ln -s {shlex.quote(str(path.resolve()))} {name}" for path, name in pairs]
        lines += [_step(**match.groupdict()) for match in BLOCK.finditer(section)]
    return "\n".join(lines)


def _step(file: str | None, language: str, code: str) -> str:
    if language == "bash":
        return FAILS.sub(r"(\g<command>) && exit 99 || test $? = 1", code)
    if file is None:
        raise ValueError(f"this Python of the tutorial has no file name before it: {code[:60]}")
    return f"cat > {file} <<'END_OF_FILE'\n{code}END_OF_FILE"


if __name__ == "__main__":
    main()
