"""Every suite, from its official layout and on the fly, evaluated: the table of docs/suites.md."""

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from corruptions import frame_count
from robench import generation, suites
from robench.evaluation import Evaluation, evaluate
from robench.models import NORMALISATIONS, Model
from robench.suites import CLEAN, Condition, Suite
from robench.suites.benchmark import Benchmark, open_benchmark
from tests.datasets.wnid_folders import write_condition
from tests.suites.official_data import WRITERS, mean_of_cells

ALL = sorted(suites.registry())
MADE = [
    name
    for name in ALL
    if suites.registry()[name].folder and not suites.registry()[name].folder_only
]
ARRAYS = [name for name in MADE if suites.registry()[name].tree_side_px is None]
TREES = [name for name in MADE if name not in ARRAYS]
GROUPED = [name for name in TREES if not suites.registry()[name].sequences]


def chosen(suite: Suite) -> tuple[str, ...]:
    """Return two corruptions, one that draws random numbers and one that does not, and an extra one; or a sequence."""
    if suite.sequences:
        return ("translate",)
    return suite.corruptions[:1] + suite.corruptions[-1:] + suite.extra[:1]


def conditions(suite: Suite) -> tuple[Condition, ...]:
    if not suite.corruptions:
        return (CLEAN,)
    return suite.conditions(chosen(suite), None if suite.sequences else (1, 4))


def evaluated(benchmark: Benchmark, out: Path) -> Evaluation:
    count = len(benchmark.full.classes)
    network = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, count, bias=False)
    )
    network[2].weight.data = torch.from_numpy(mean_of_cells(count))
    model = Model(network, "toy", NORMALISATIONS["half"], "test", "abc")
    done = evaluate(model, benchmark, out, conditions=conditions(benchmark.suite))
    assert done.failed == {}
    return done


def write_official(suite: Suite, data_dir: Path) -> Path:
    """Write the suite's official folder: generated where that can be done, else by hand."""
    folder = data_dir / str(suite.folder)
    if suite.folder_only:
        names = [
            str(path.relative_to(data_dir / "imagenet/val")) for path in data_dir.rglob("*.JPEG")
        ]
        for seed, each in enumerate(conditions(suite)[1:]):
            write_condition(folder / each.corruption / str(each.severity), names, seed=seed)
        return folder
    source = {"imagenet": "imagenet/val", "tiny-imagenet": "tiny-imagenet-200/val"}.get(
        suite.dataset
    )
    order = generation.order_for(
        suite=suite.name,
        names=chosen(suite),
        severities=(1, 4) if suite.tree_side_px and not suite.sequences else None,
        **({"source": data_dir / source} if source else {"data_dir": data_dir}),
    )
    generation.generate(order, folder, lossless=suite.sequences)
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder with the clean data of the suite that the test is about."""
    suite = suites.registry()[request.node.callspec.params["name"]]
    WRITERS[suite.dataset](tmp_path / "data")
    return tmp_path / "data"


def same_records(one: Evaluation, other: Evaluation) -> None:
    assert one.run.conditions() == other.run.conditions()
    for condition in one.run.conditions():
        pair = one.run.read(condition), other.run.read(condition)
        pd.testing.assert_frame_equal(*pair, check_exact=True)


@pytest.mark.parametrize("name", ALL)
def test_it_is_evaluated_from_its_official_data(name: str, data_dir: Path, tmp_path: Path) -> None:
    suite = suites.registry()[name]
    if suite.folder:
        write_official(suite, data_dir)
    benchmark = open_benchmark(suite, data_dir)
    assert (benchmark.folder is not None) == (suite.folder is not None)
    done = evaluated(benchmark, tmp_path / "run")
    for condition in conditions(suite):
        records = done.run.read(condition)
        frames = (
            frame_count(condition.corruption, preset=suite.preset) if condition.is_sequence else 1
        )
        assert len(records) == len(benchmark.full.labels) * frames
        assert set(records["label"]) == set(benchmark.full.labels.tolist())
    assert done.run.info["finished"]


@pytest.mark.parametrize("name", MADE)
def test_the_folder_and_on_the_fly_give_the_same_records(
    name: str, data_dir: Path, tmp_path: Path
) -> None:
    suite = suites.registry()[name]
    write_official(suite, data_dir)
    folder = evaluated(open_benchmark(suite, data_dir, mode="folder"), tmp_path / "folder")
    fly = evaluated(open_benchmark(suite, data_dir, mode="on-the-fly"), tmp_path / "fly")
    same_records(folder, fly)
    other = open_benchmark(suite, data_dir, mode="on-the-fly", seed=1)
    random, *_ = conditions(suite)[1:]
    whole = len(other.full.labels)
    pixels = [
        each.source(random).read(0, whole) for each in (open_benchmark(suite, data_dir), other)
    ]
    assert suite.sequences or not np.array_equal(*pixels)  # translate draws nothing


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_have_the_published_bytes(name: str, data_dir: Path) -> None:
    suite = suites.registry()[name]
    folder = write_official(suite, data_dir)
    labels = open_benchmark(suite, data_dir).full.labels
    shape = (5 * len(labels), 32, 32, 3)
    if suite.sequences:
        shape = (len(labels), frame_count("translate", preset="cifar"), 32, 32, 3)
    for corruption in chosen(suite):
        data = (folder / f"{corruption}.npy").read_bytes()
        assert data[:8] == b"\x93NUMPY\x01\x00"
        header = np.lib.format.read_array_header_1_0(io.BytesIO(data[8:]))
        assert header == (shape, False, np.dtype("uint8"))
        assert len(data) == 128 + np.prod(shape)
    if not suite.sequences:
        stored = np.load(folder / "labels.npy")
        assert stored.tolist() == labels.tolist() * 5


@pytest.mark.parametrize("name", GROUPED)
def test_trees_hold_jpeg_files_of_quality_85_flat_or_grouped(
    name: str, data_dir: Path, tmp_path: Path
) -> None:
    suite = suites.registry()[name]
    folder = write_official(suite, data_dir)
    flat = evaluated(open_benchmark(suite, data_dir, mode="folder"), tmp_path / "flat")
    files = sorted(folder.rglob("*.JPEG"))
    assert len(files) == len(chosen(suite)) * 2 * len(open_benchmark(suite, data_dir).full.labels)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=85)
    tables = Image.open(buffer).quantization  # type: ignore[attr-defined]
    for file in files:
        parts = file.relative_to(folder).parts
        assert len(parts) == 4  # corruption, severity, class, name
        with Image.open(file) as picture:
            assert picture.size == (suite.tree_side_px,) * 2
            assert picture.quantization == tables  # type: ignore[attr-defined]
    for number, corruption in enumerate(chosen(suite)):
        group = ("noise", "digital", "extra")[number]
        (folder / group).mkdir()
        shutil.move(folder / corruption, folder / group / corruption)
    grouped = evaluated(open_benchmark(suite, data_dir, mode="folder"), tmp_path / "grouped")
    same_records(flat, grouped)


def test_the_guide_has_the_table() -> None:
    """Read the table of docs/suites.md: a row per suite, and whether it has a folder and can be made."""
    guide = (Path(__file__).parents[2] / "docs/suites.md").read_text(encoding="utf-8")
    section = guide.split("## Layouts and on the fly")[1].split("\n## ")[0]
    rows = [
        line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")
    ]
    found = {}
    for names, layout, fly, *_ in rows:
        for name in re.findall(r"`([^`]+)`", names):
            found[name] = (layout.strip(), fly.strip())
    assert sorted(found) == ALL
    for name, (layout, fly) in found.items():
        suite = suites.registry()[name]
        assert suite.folder is None or f"`{suite.folder}/" in layout, name
        assert fly == ("yes" if suite.corruptions and not suite.folder_only else "no"), name
