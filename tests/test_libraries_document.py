"""docs/libraries.py: the table in docs/corruptions.md is of setup.cfg's bounds, and a difference is named."""

import json
from pathlib import Path

import numpy as np

from tests.documents import ROOT, docs_script

libraries = docs_script("libraries")


def row(environment: str) -> list[str]:
    """Return the cells of an environment's row in the document, from the first library on."""
    text = (ROOT / "docs" / "corruptions.md").read_text(encoding="utf-8")
    table = libraries.MARKED.search(text)
    assert table is not None
    (line,) = (line for line in table[0].splitlines() if line.startswith(f"| {environment} |"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_oldest_are_the_lower_bounds_and_nothing_differed() -> None:
    bounds = [each.partition("==")[2] for each in libraries.requirements("oldest")]
    versions = row("oldest")[: len(bounds)]
    for bound, version in zip(bounds, versions, strict=True):
        assert version == bound or version.startswith(f"{bound}."), (bound, version)
    assert {row(name)[-1] for name in libraries.ENVIRONMENTS} == {"none"}


def test_a_difference_is_named_with_its_size(tmp_path: Path) -> None:
    same, other = np.full((2, 10), 7, np.uint8), np.full((2, 10), 7, np.uint8)
    other[0, 3] = 4
    for environment, fog in (("oldest", other), (libraries.NEWEST, same)):
        folder = libraries.place(tmp_path, environment) / "pixels"
        folder.mkdir(parents=True)
        np.save(folder / "fog 1 of tiny.npy", fog)
        np.save(folder / "snow 1 of tiny.npy", same)
    np.save(folder / "frost 1 of tiny.npy", same)
    assert libraries.differing(tmp_path, "oldest") == [
        "frost 1 of tiny is in one only",
        "fog 1 of tiny: 5.000% of the values, by up to 3",
    ]
    assert libraries.differing(tmp_path, libraries.NEWEST) == []


def test_a_row_says_what_an_environment_has(tmp_path: Path) -> None:
    for environment in libraries.ENVIRONMENTS:
        folder = libraries.place(tmp_path, environment) / "pixels"
        folder.mkdir(parents=True)
        versions = dict.fromkeys(libraries.PIXEL_MAKERS, "1.2.3")
        (folder / "versions.json").write_text(json.dumps(versions), encoding="utf-8")
    assert libraries.table(tmp_path).splitlines()[-1] == f"| newest | {'1.2.3 | ' * 6}0 | none |"
