"""docs/reproduction.md: its tables are those of the runs in results/, and every run there can be reported."""

from pathlib import Path

import pytest

from robench.loaded_run import load_run
from tests.documents import ROOT, docs_script

HEADLINES = {"mean_uce", "mean_flip_probability"}
EVALUATIONS = sorted(path.parent for path in (ROOT / "results").rglob("scores.csv"))


def test_the_tables_are_those_of_the_runs() -> None:
    text = (ROOT / "docs/reproduction.md").read_text(encoding="utf-8")
    assert docs_script("reproduce").filled(text) == text
    assert "| `standard` | 0 | 13.86% [13.20, 14.55] |" in text


def test_there_are_runs() -> None:
    assert EVALUATIONS


@pytest.mark.parametrize("folder", EVALUATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_run_is_complete_and_names_no_folder_of_the_machine(folder: Path) -> None:
    run = load_run(folder)
    assert HEADLINES & set(run.scores["metric"])
    assert run.info["finished"]
    assert not any(str(word).startswith("/") for word in run.info["command"])
