"""Damaged, missing and foreign data, and models that do not fit, as a person meets them: what is whole is kept."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from robench import datasets
from robench.cli import main
from robench.folder_lock import locked
from tests.datasets.wnid_folders import write_condition, write_val

TWO = ("fog", "brightness")
NETWORK = """
import torch

def network(classes={classes}, scale=1.0):
    layers = (torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, classes))
    torch.manual_seed(0)
    made = torch.nn.Sequential(*layers)
    made[2].weight.data.mul_(scale)
    return made

def not_a_number():
    return network(scale=float("nan"))
"""


@pytest.fixture
def cifar_c(cifar_dir: Path) -> Path:
    """Return the data folder with a CIFAR-10-C of two corruptions beside its CIFAR-10."""
    clean = datasets.load("cifar-10", "test", cifar_dir)
    folder = cifar_dir / "CIFAR-10-C"
    folder.mkdir()
    for place, name in enumerate(TWO):
        np.save(folder / f"{name}.npy", np.tile(clean.read(0, 40) // (place + 1), (5, 1, 1, 1)))
    np.save(folder / "labels.npy", np.tile(clean.labels, 5))
    return cifar_dir


@pytest.fixture
def imagenet_c(tmp_path: Path) -> Path:
    """Return a data folder with three classes of ImageNet, and of ImageNet-C two corruptions in their groups."""
    data_dir = tmp_path / "data"
    write_val(data_dir / "imagenet/val", per_class=1)
    names = list(datasets.load("imagenet", "test", data_dir).paths)  # type: ignore[attr-defined]
    for name, group in zip(TWO, ("weather", "weather"), strict=True):
        for severity in range(1, 6):
            folder = data_dir / "ImageNet-C" / group / name / str(severity)
            write_condition(folder, names, seed=severity)
    return data_dir


def evaluate(
    suite: str, data_dir: Path, *more: object, classes: int = 10, factory: str = "network"
) -> Result:
    source = data_dir.parent / "network.py"
    source.write_text(NETWORK.format(classes=classes))
    arguments = [
        *("eval", "--model", f"{source}:{factory}", "--unsafe-load", "--normalisation", "half"),
        *("--suite", suite, "--data-dir", data_dir, "--out", data_dir.parent / "run", "--quiet"),
    ]
    return CliRunner().invoke(main, list(map(str, [*arguments, *more])))


def scored(data_dir: Path) -> pd.DataFrame:
    """Return the rows of scores.csv that have a value; of the others, check that they have a reason."""
    table = pd.read_csv(data_dir.parent / "run/scores.csv")
    assert table["reason"].notna().equals(table["value"].isna())
    assert table[table["metric"] == "mean_uce"]["reason"].str.contains("conditions missing").all()
    return table[table["value"].notna()]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def shorten(path: Path) -> None:
    np.save(path, np.load(path)[:-40])


# What is wrong -> (what is done to fog.npy or labels.npy, part of the sentence, how many corruptions are left).
ARRAYS: dict[str, tuple[Callable[[Path], object], str, str, int]] = {
    "truncated": (cut, "fog.npy", "fog.npy is truncated", 1),
    "missing": (Path.unlink, "fog.npy", "fog.npy; leave it out with --corruptions", 1),
    "of another length": (shorten, "fog.npy", "got uint8 (160, 32, 32, 3)", 1),
    "labels of another length": (shorten, "labels.npy", "labels.npy", 0),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_damaged_array_costs_its_corruption_and_the_mean(name: str, cifar_c: Path) -> None:
    damage, file, sentence, left = ARRAYS[name]
    damage(cifar_c / "CIFAR-10-C" / file)
    done = evaluate("cifar-10-c", cifar_c, "--corruptions", "fog,brightness")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert f"{10 - 5 * left} conditions not stored (fog-1, fog-2" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "not given: mean_uce" in done.stdout
    table = scored(cifar_c)
    assert set(table["corruption"]) == {"clean", *(["brightness"] * left)}
    assert "mean_uce" not in set(table["metric"])


def test_a_missing_corruption_refuses_mce_by_name(imagenet_c: Path) -> None:
    shutil.rmtree(imagenet_c / "ImageNet-C/weather/fog/3")
    asked = ("--corruptions", "fog,brightness")
    done = evaluate("imagenet-c", imagenet_c, *asked, classes=1000)
    assert done.exit_code == 2
    assert "1 conditions not stored (fog-3): no " in done.stderr
    (refused,) = [line for line in done.stdout.splitlines() if line.startswith("not given: ")][:1]
    assert {"mean_uce", "mce", "relative_mce"} <= set(refused.replace(",", "").split())
    assert "66 of 75 conditions missing" in refused.replace("\n", " ")
    table = scored(imagenet_c)
    assert set(table[table["metric"] == "ce"]["corruption"]) == {"brightness"}
    assert len(table[(table["corruption"] == "fog") & (table["metric"] == "error")]) == 4


def test_a_corrupt_jpeg_costs_its_condition(imagenet_c: Path) -> None:
    broken = next((imagenet_c / "ImageNet-C/weather/fog/2").rglob("*.JPEG"))
    broken.write_bytes(broken.read_bytes()[:500])
    asked = ("--corruptions", "fog", "--severities", "1,2")
    done = evaluate("imagenet-c", imagenet_c, *asked, classes=1000)
    assert done.exit_code == 2
    assert "1 conditions not stored (fog-2)" in done.stderr
    assert f"{broken.name} is not a readable image" in done.stderr
    records = imagenet_c.parent / "run/records/imagenet-c"
    assert sorted(path.stem for path in records.glob("*.parquet")) == ["clean", "fog-1"]


def test_a_few_classes_of_imagenet_keep_their_numbers(imagenet_c: Path) -> None:
    done = evaluate("imagenet-c", imagenet_c, "--corruptions", "fog", classes=1000)
    assert done.exit_code == 0, done.output
    records = pd.read_parquet(imagenet_c.parent / "run/records/imagenet-c/fog-5.parquet")
    assert records["label"].tolist() == [0, 1, 6]
    assert records["prediction"].max() > 6


@pytest.mark.parametrize("classes", [7, 11, 1000])
def test_a_model_of_other_classes_is_named(cifar_c: Path, classes: int) -> None:
    done = evaluate("cifar-10-c", cifar_c, classes=classes)
    assert done.exit_code == 2
    assert f"gives outputs of shape (1, {classes}) for an image; expected 10 logits" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(cifar_c.parent.rglob("*.parquet"))


def test_a_model_of_nan_costs_every_condition(cifar_c: Path) -> None:
    done = evaluate("cifar-10-c", cifar_c, "--corruptions", "fog", factory="not_a_number")
    assert done.exit_code == 2
    assert "6 conditions not stored (clean, fog-1" in done.stderr
    assert "40 of 40 images of a batch have NaN or infinite logits" in done.stderr
    assert not (cifar_c.parent / "run/scores.csv").exists()  # there is nothing to score


def test_a_second_process_is_refused_while_the_first_writes(cifar_c: Path) -> None:
    run = cifar_c.parent / "run"
    with locked(run):
        done = evaluate("cifar-10-c", cifar_c, "--corruptions", "fog")
    assert done.exit_code == 2
    assert f"{run} is being written by another process" in done.stderr
    assert evaluate("cifar-10-c", cifar_c, "--corruptions", "fog").exit_code == 0
