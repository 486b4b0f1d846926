"""ImageNet-3DCC from a small tree in its published layout; it cannot be made on the fly."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from robench import generation, scoring, suites
from robench.errors import RobenchError
from robench.evaluation import evaluate
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark
from tests.datasets.wnid_folders import write_condition, write_val
from tests.suites.test_imagenet_c import mean_colour

SUITE = suites.registry()["imagenet-3dcc"]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_val(tmp_path / "imagenet/val", per_class=1)
    names = [
        str(p.relative_to(tmp_path / "imagenet/val")) for p in sorted(tmp_path.rglob("*.JPEG"))
    ]
    for seed, condition in enumerate(SUITE.conditions()[1:]):
        folder = tmp_path / "ImageNet-3DCC" / condition.corruption / str(condition.severity)
        write_condition(folder, names, seed=seed)
    return tmp_path


def test_the_files_are_evaluated_as_they_are_stored(data_dir: Path) -> None:
    benchmark = open_benchmark(SUITE, data_dir)
    source = benchmark.source(Condition("near_focus", 2))
    for path, image in zip(benchmark.full.paths, source.read(0, 3), strict=True):  # type: ignore[attr-defined]
        with Image.open(data_dir / "ImageNet-3DCC/near_focus/2" / path) as picture:
            assert np.array_equal(image, np.asarray(picture.convert("RGB")))


def test_the_mean_is_over_the_twelve_and_unnormalised(data_dir: Path) -> None:
    run = evaluate(mean_colour(), open_benchmark(SUITE, data_dir), data_dir / "run").run
    table = scoring.score(run).table
    errors = table[(table["metric"] == "error") & (table["severity"] > 0)]
    assert len(errors) == 60
    (mean,) = table[table["metric"] == "mean_uce"]["value"]
    assert mean == pytest.approx(errors["value"].mean())
    assert not {"ce", "mce"} & set(table["metric"])


def test_it_is_never_made_on_the_fly(data_dir: Path) -> None:
    with pytest.raises(RobenchError, match="imagenet-3dcc cannot be made on the fly"):
        open_benchmark(SUITE, data_dir, mode="on-the-fly")
    with pytest.raises(RobenchError, match="no corrupted images that can be generated"):
        generation.order_for(suite="imagenet-3dcc", source=data_dir / "imagenet/val")
    (data_dir / "ImageNet-3DCC").rename(data_dir / "elsewhere")
    for mode in ("auto", "folder"):
        with pytest.raises(RobenchError, match=r"no folder .*; `robench download imagenet-3dcc"):
            open_benchmark(SUITE, data_dir, mode=mode)


def test_without_clean_images_the_folder_is_its_own_list(data_dir: Path) -> None:
    (data_dir / "imagenet").rename(data_dir / "elsewhere")
    result = evaluate(
        mean_colour(),
        open_benchmark(SUITE, data_dir),
        data_dir / "run",
        conditions=SUITE.conditions(("h265_crf",), (5,)),
    )
    assert list(result.failed) == [CLEAN]
    assert result.run.read(Condition("h265_crf", 5))["label"].tolist() == [0, 1, 6]
    assert (
        torch.tensor(result.run.read(Condition("h265_crf", 5))["nll"].to_numpy()).isfinite().all()
    )
