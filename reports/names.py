"""What runs and corruptions are called in a report, and the order corruptions stand in."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from corruptions import BENCHMARK, EXTRA, FAMILIES, families

_FAMILY_WORDS = ("_noise", "_blur", "_transform", "_compression")
_ACRONYMS = {"jpeg": "JPEG", "gaussian": "Gaussian"}
OTHER = "other"


def corruption_title(name: str) -> str:
    """Return a corruption's name as prose: ``jpeg_compression`` is "JPEG compression"."""
    words = [_ACRONYMS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def corruption_heading(name: str) -> str:
    """Return the short name that stands below its family's heading: ``defocus_blur`` is "Defocus"."""
    for word in _FAMILY_WORDS:
        name = name.removesuffix(word)
    return corruption_title(name)


def family(corruption: str) -> str:
    """Return the heading a corruption stands under: its family, or "other" where it has none."""
    return families().get(corruption, OTHER)


def in_benchmark_order(names: Iterable[str]) -> list[str]:
    """Return corruption names by family in the order of the benchmark's tables; unknown names last, by alphabet."""
    headings = (*FAMILIES, OTHER)
    order = {name: position for position, name in enumerate(BENCHMARK + EXTRA)}
    return sorted(
        set(names), key=lambda name: (headings.index(family(name)), order.get(name, 99), name)
    )


def distinguished(names: Sequence[str], folders: Sequence[Path]) -> list[str]:
    """Return one name per run, no two alike: a name that several runs bear gets its folder, as "resnet18 (seed-2)".

    As many trailing parts of the folder are shown as it takes to tell the runs apart.
    """
    borne = Counter(names)
    labels = list(names)
    depth = 0
    while len(set(labels)) < len(labels) and depth < max(len(path.parts) for path in folders):
        depth += 1
        labels = [
            name if borne[name] == 1 else f"{name} ({'/'.join(path.parts[-depth:])})"
            for name, path in zip(names, folders, strict=True)
        ]
    return labels


def shortened(name: str, length: int = 34) -> str:
    """Return a name of at most ``length`` characters, the middle left out, for where a figure has little room."""
    name = " ".join(name.split())
    tail = length // 2 - 1
    return name if len(name) <= length else f"{name[: length - tail - 1]}…{name[-tail:]}"


def file_stem(kind: str, position: int, name: str) -> str:
    """Return the file name, without suffix, of one run's figure: ``heat-map-02-resnet18``."""
    return "-".join(filter(None, (kind, f"{position + 1:02}", slug(name))))


def slug(name: str) -> str:
    """Return a name as a part of a file name, of at most 40 letters: "A, 10 epochs" is ``a-10-epochs``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
