"""Imports point down: the floors of docs/architecture.md, read from the source with ``ast``."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("robench", "corruptions", "baselines", "reports")
FLOORS = {
    "robench.cli": 5,
    "robench.demo": 5,
    "robench.api": 5,
    "robench.order": 5,
    "robench.__main__": 6,
    "reports": 4,
    "robench.comparison": 4,
    "robench.training": 4,
    "robench.doctor": 4,
    "robench.evaluation": 3,
    "robench.detection": 3,
    "robench.evaluation_forecast": 4,
    "robench.scoring": 3,
    "robench.loaded_run": 3,
    "robench.published_results": 3,
    "robench.export": 3,
    "robench.attacks": 3,
    "robench.download": 3,
    "robench.certificate": 3,
    "robench.generation": 3,
    "robench.distributed": 3,
    "robench.inference": 3,
    "robench.reading": 3,
    "robench.forward_pass": 3,
    "robench.batch_size": 3,
    "robench.change_of_error": 3,
    "robench.computation": 3,
    "robench.upload": 3,
    "robench.temperature_scaling": 3,
    "robench.writing": 3,
    "robench.run_info": 3,
    "robench.suites": 2,
    "robench.records": 2,
    "robench.record_file": 2,
    "robench.sequence_records": 2,
    "robench.stored_scores": 2,
    "robench.models": 2,
    "corruptions": 1,
    "baselines": 1,
    "robench.datasets": 1,
    "robench.metrics": 1,
    "robench.arguments": 0,
    "robench.atomic_file": 0,
    "robench.outside_file": 0,
    "robench.complaints": 0,
    "robench.contamination": 0,
    "robench.unfinished_training": 0,
    "robench.errors": 0,
    "robench.hardware": 0,
    "robench.folder_lock": 0,
    "robench.forecast": 0,
    "robench.places": 0,
    "robench.progress": 0,
    "robench.provenance": 0,
    "robench.registry": 0,
    "robench.shard": 0,
    "robench.version": 0,
}
STRANGERS = 1  # the floor whose rooms do not know each other


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield (
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"),
                path,
            )


def room(module: str) -> str | None:
    """Return the longest name in FLOORS that holds the module."""
    inside = [name for name in FLOORS if module == name or module.startswith(f"{name}.")]
    return max(inside, key=len, default=None)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(module: str, path: Path) -> Iterator[str]:
    home = room(module)
    for target in imported(path):
        other = room(target)
        if home is None or other is None or other == home:
            continue
        if FLOORS[other] < FLOORS[home] or FLOORS[other] == FLOORS[home] != STRANGERS:
            continue
        yield f"{module} (floor {FLOORS[home]}) imports {target} (floor {FLOORS[other]})"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_imports_point_down(module: str, path: Path) -> None:
    assert module == "robench" or room(module), f"{module} has no floor in FLOORS"
    assert list(violations(module, path)) == []


@pytest.mark.parametrize("line", ["from robench import scoring", "import robench.datasets.cifar"])
def test_an_import_upwards_or_sideways_is_seen(tmp_path: Path, line: str) -> None:
    file = tmp_path / "fog.py"
    file.write_text(line)
    assert list(violations("corruptions.weather.fog", file))


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import corruptions", "torch"),
        ("import baselines, baselines.published", "torch"),
        ("import robench.cli", "torch"),
        ("import robench.generation, robench.certificate", "torch"),
        ("import robench", "numpy"),
        ("import corruptions", "robench"),
    ],
)
def test_importing_is_light(statement: str, absent: str) -> None:
    check = f"{statement}; import sys; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
