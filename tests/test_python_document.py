"""docs/python.md and its notebook do what they say, and show what comes of it."""

import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from baselines import architectures
from tests.conftest import write_cifar_10
from tests.documents import ROOT, blocks

NOTEBOOK = ROOT / "docs" / "python.ipynb"
TEXT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def outputs(cell: Any) -> list[tuple[str, list[str]]]:
    """Return the kinds of a cell's outputs, with the lines of the text of each but for its numbers."""
    kinds = []
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        lines = [re.sub(r"[\d.%()]+|-+|\s+", "", line) for line in text.splitlines()]
        kinds.append((output.output_type, sorted(filter(None, lines))))
    return kinds


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the notebook as it comes of a new run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = str(tmp_path_factory.mktemp("notebook"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}})
        client.execute()  # raises CellExecutionError where a cell does
    return notebook


@pytest.mark.filterwarnings("default")  # those of Jupyter are not ours
def test_the_notebook_runs_and_shows_what_is_stored_in_it(executed: Any) -> None:
    stored = nbformat.read(NOTEBOOK, as_version=4)
    shown = 0
    for before, after in zip(stored.cells, executed.cells, strict=True):
        if before.cell_type == "code":
            kinds = [kind for kind, _ in outputs(before)]
            assert kinds == [kind for kind, _ in outputs(after)], before.source
            assert "stream" not in kinds or "print(" in before.source, "a warning"
            shown += len(kinds)
    assert shown >= 6


@pytest.mark.filterwarnings("default")
def test_its_result_is_a_table_and_the_loader_s_error_that_of_the_table(executed: Any) -> None:
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    (table,) = [cell.outputs[0].data for cell in code if cell.source.endswith("\nresult")]
    assert "<table" in table["text/html"]
    assert "gaussian_noise" in table["text/html"]
    assert "mean corruption error" in table["text/plain"]
    (loader,) = [place for place, cell in enumerate(code) if "DataLoader(" in cell.source]
    own, evaluated = (
        float(code[place].outputs[0].data["text/plain"]) for place in (loader, loader + 1)
    )
    assert own == pytest.approx(evaluated)


@pytest.mark.filterwarnings("default")
def test_the_document_s_blocks_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cifar_10(tmp_path / "data" / "cifar-10-batches-py", test=500, train=10)
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    torch.save(architectures.create("resnet20", 10).state_dict(), "resnet20.pt")
    names: dict[str, Any] = {}
    for block in blocks(TEXT, "python"):
        exec(compile(block, "docs/python.md", "exec"), names)
    assert set(names["result"].scores["metric"]) >= {"error", "uce"}
    assert names["result"].path.is_dir()
    assert np.array_equal(names["foggy"][4:], names["later"])
    assert len(names["seen"]) == names["batch_size"]
