"""``import robench``: what it offers, to whom it says so, and what it does not import for it."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api

import robench
from tests.documents import ROOT

HEAVY = (
    "torch",
    "pandas",
    "numpy",
    "scipy",
    "numba",
    "cv2",
    "matplotlib",
    "sklearn",
    "torchvision",
)
USER = """
import numpy as np
import robench
from torch import nn

images = np.zeros((8, 32, 32, 3), np.uint8)
reveal_type(robench.corrupt(images, "fog", 3))
reveal_type(robench.perturb(images, "tilt"))
reveal_type(robench.corruption_names())
reveal_type(robench.load_run("runs/mine").scores)
reveal_type(robench.published_scores())
reveal_type(robench.load_published("alexnet", "imagenet-c"))
reveal_type(robench.load_model("a.pt", classes=10))
reveal_type(robench.Corrupt("fog", 3)(images))
reveal_type(robench.CorruptedDataset([(images[0], 0)], "fog", 3))
reveal_type(robench.__version__)
robench.corupt(images, "fog", 3)
robench.corrupt(images, "fog", "3")
"""
TYPES = [
    "numpy.ndarray",
    "numpy.ndarray",
    "tuple[str, ...]",
    "pandas.core.frame.DataFrame",
    "pandas.core.frame.DataFrame",
    "pandas.core.frame.DataFrame",
    "robench.models.model.Model",
    "numpy.ndarray",
    "corruptions.data_loading.CorruptedDataset",
    "str",
]


def test_nothing_is_imported_before_it_is_used() -> None:
    code = f"import sys, robench; print([n for n in {HEAVY} if n in sys.modules], dir(robench))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"[] {sorted(robench.__all__)}\n"


def test_corrupting_imports_no_torch() -> None:
    code = """
import sys, robench, numpy as np
images = np.zeros((2, 32, 32, 3), np.uint8)
assert robench.corrupt(images, "fog", 3).shape == images.shape
assert robench.perturb(images, "tilt").shape[2:] == images.shape[1:]
assert robench.Corrupt("fog", 3)(images[0]).shape == (32, 32, 3)
sys.exit("torch" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", robench.__all__)
def test_a_public_name_is_there_and_explained(name: str) -> None:
    thing = getattr(robench, name)
    if name != "__version__":
        assert inspect.getdoc(thing)
        assert getattr(robench, name) is thing


def test_no_other_name_is_there() -> None:
    assert dir(robench) == sorted(robench.__all__)
    with pytest.raises(AttributeError, match="module 'robench' has no attribute 'evalute'"):
        _ = robench.evalute  # type: ignore[attr-defined]


def test_what_mypy_reads_is_what_python_imports() -> None:
    tree = ast.parse(Path(robench.__file__).read_text(encoding="utf-8"))
    (branch,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == robench.LAZY  # type: ignore[attr-defined]
    assert {*typed, "RobenchError", "__version__"} == set(robench.__all__)


def test_a_user_s_script_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "script.py"
    script.write_text(USER)
    # With our own options and cache, so that what `mypy` has read is not read again.
    monkeypatch.chdir(ROOT)
    said, trouble, _ = api.run([str(script)])
    assert not trouble
    lines = said.splitlines()
    revealed = [line.partition('Revealed type is "')[2] for line in lines if "Revealed" in line]
    for expected, line in zip(TYPES, revealed, strict=True):
        assert line.replace("builtins.", "").startswith(expected), f"{expected}: {line}"
    errors = "\n".join(line for line in lines if "error:" in line)
    assert 'Module has no attribute "corupt"' in errors
    assert 'incompatible type "str"; expected "int"' in errors
    assert errors.count("error:") == 2, said
