"""ImageNet-C from its folder and on the fly, and the score of a run on it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from baselines.published.normaliser import normaliser
from corruptions import corrupt
from robench import datasets, generation, scoring, suites
from robench.datasets.stored_jpeg import read_back
from robench.errors import RobenchError
from robench.evaluation import Evaluation, evaluate
from robench.models import NORMALISATIONS, Model
from robench.suites import CLEAN, Condition
from robench.suites.benchmark import open_benchmark
from tests.datasets.wnid_folders import CLASSES, write_condition, write_val

SUITE = suites.registry()["imagenet-c"]
FOG = Condition("fog", 3)
GROUPS = {"fog": "weather", "contrast": "digital", "gaussian_noise": "noise", "zoom_blur": "blur"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_val(tmp_path / "imagenet/val")
    return tmp_path


def write_c(data_dir: Path, grouped: bool = False, names: tuple[str, ...] = tuple(GROUPS)) -> Path:
    """Write some corruptions of ImageNet-C in one of its layouts."""
    paths = list(datasets.load("imagenet", "test", data_dir).paths)  # type: ignore[attr-defined]
    root = data_dir / "ImageNet-C"
    for name in names:
        for severity in SUITE.severities:
            parent = root / GROUPS[name] if grouped else root
            write_condition(parent / name / str(severity), paths, seed=10 * len(name) + severity)
    return root


def test_a_part_of_the_validation_set_is_told(data_dir: Path) -> None:
    benchmark = open_benchmark(SUITE, data_dir)
    here = len(benchmark.full.labels)
    assert benchmark.incomplete() == (
        f"{here} images are here of the 50,000 of the imagenet test set: published numbers are of all of them"
    )
    digits = open_benchmark(suites.registry()["digits-c"], limit=5)
    assert digits.incomplete() is None


def mean_colour() -> Model:
    """Return a model whose logits depend on the image's colours only."""
    torch.manual_seed(0)
    layers = (torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 1000))
    return Model(torch.nn.Sequential(*layers), "toy", NORMALISATIONS["imagenet"], "test", "abc")


def run_on(data_dir: Path, out: str, names: tuple[str, ...] = tuple(GROUPS)) -> Evaluation:
    conditions = SUITE.conditions(names)
    return evaluate(
        mean_colour(), open_benchmark(SUITE, data_dir), data_dir / out, conditions=conditions
    )


def test_on_the_fly_images_are_framed_corrupted_and_stored_as_jpeg(data_dir: Path) -> None:
    benchmark = open_benchmark(SUITE, data_dir, seed=4)
    clean = benchmark.source(CLEAN).read(0, 6)
    assert clean.shape == (6, 224, 224, 3)
    expected = read_back(corrupt(clean, "fog", 3, preset="imagenet", seed=4))
    assert np.array_equal(benchmark.source(FOG).read(0, 6), expected)
    assert "(preset imagenet, seed 4, as JPEG files)" in benchmark.description()


def test_the_folders_files_reach_the_model_as_they_are(data_dir: Path) -> None:
    root = write_c(data_dir)
    seen = []

    def watching(pixels: torch.Tensor) -> torch.Tensor:
        seen.append((pixels * 255).round().byte().permute(0, 2, 3, 1).numpy())
        return torch.zeros(len(pixels), 1000)

    model = Model(watching, "watching", NORMALISATIONS["none"], "test")
    benchmark = open_benchmark(SUITE, data_dir)
    evaluate(model, benchmark, data_dir / "run", conditions=(FOG,))
    files = [root / "fog/3" / path for path in benchmark.full.paths]  # type: ignore[attr-defined]
    stored = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    assert np.array_equal(np.concatenate(seen), np.stack(stored))


def test_grouped_scores_as_flat(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("grouped")
    write_val(other / "val")
    write_c(data_dir)
    write_c(other, grouped=True)
    flat = scoring.score(run_on(data_dir, "run").run).table
    grouped = scoring.score(run_on(other, "run").run).table
    assert flat.equals(grouped)
    errors = flat[(flat["corruption"] == "fog") & (flat["metric"] == "error")]["value"]
    (ce,) = flat[(flat["corruption"] == "fog") & (flat["metric"] == "ce")]["value"]
    assert ce == pytest.approx(errors.mean() / normaliser("alexnet_imagenet_c")[0]["fog"])


def test_mce_of_a_whole_folder_by_hand(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that mCE's arithmetic sees is which corruptions a suite has; four keep the test small."""
    names = tuple(name for name in SUITE.corruptions if name in GROUPS)
    small = replace(SUITE, name="small-c", corruptions=names)
    monkeypatch.setitem(suites.registry(), "small-c", small)
    write_c(data_dir)
    run = evaluate(mean_colour(), open_benchmark(small, data_dir), data_dir / "run").run
    table = scoring.score(run).table
    errors = table[(table["metric"] == "error") & (table["severity"] > 0)]
    per_corruption = errors.groupby("corruption")["value"].mean()
    baseline = normaliser("alexnet_imagenet_c")[0]
    expected = np.mean([per_corruption[name] / baseline[name] for name in names])
    (mce,) = table[table["metric"] == "mce"]["value"]
    assert mce == pytest.approx(expected)


def test_a_missing_corruption_costs_the_mce_and_itself_only(data_dir: Path) -> None:
    write_c(data_dir, names=("fog", "contrast"))
    result = run_on(data_dir, "run", ("fog", "contrast", "snow"))
    assert {str(condition) for condition in result.failed} == {f"snow-{s}" for s in range(1, 6)}
    assert "ImageNet-C/snow/1, nor below" in result.failure_sentence()
    scores = scoring.score(result.run)
    assert {"fog", "contrast"} == set(scores.table[scores.table["metric"] == "ce"]["corruption"])
    assert "65 of 75 conditions missing" in scores.refused["mce"]


def test_a_corrupt_file_costs_its_condition_only(data_dir: Path) -> None:
    root = write_c(data_dir, names=("fog", "contrast"))
    broken = next((root / "fog/2").rglob("*.JPEG"))
    broken.write_bytes(b"\xff\xd8 not any more")
    result = run_on(data_dir, "run", ("fog", "contrast"))
    assert list(map(str, result.failed)) == ["fog-2"]
    assert broken.name in result.failure_sentence()
    assert len(result.run.conditions()) == 1 + 10 - 1


def test_without_clean_images_the_folder_is_its_own_list(data_dir: Path) -> None:
    write_c(data_dir)
    whole = open_benchmark(SUITE, data_dir)
    digest_with_clean = whole.manifest_sha256()
    (data_dir / "imagenet").rename(data_dir / "elsewhere")
    benchmark = open_benchmark(SUITE, data_dir)
    source = benchmark.source(FOG)
    assert source.labels.tolist() == [label for label in CLASSES for _ in range(2)]
    assert source.indices.tolist() == whole.source(FOG).indices.tolist()
    assert np.array_equal(source.read(0, 6), whole.source(FOG).read(0, 6))
    assert benchmark.size_px == (224, 224)
    assert benchmark.manifest_sha256() != digest_with_clean
    with pytest.raises(RobenchError, match="no clean images: imagenet: no class folders in any of"):
        benchmark.source(CLEAN)
    with pytest.raises(RobenchError, match="imagenet: no class folders"):
        open_benchmark(SUITE, data_dir, mode="on-the-fly")


def test_the_manifest_changes_with_a_files_content(data_dir: Path) -> None:
    root = write_c(data_dir)
    before = open_benchmark(SUITE, data_dir).manifest_sha256()
    (next((root / "fog/2").rglob("*.JPEG"))).write_bytes(b"")
    assert open_benchmark(SUITE, data_dir).manifest_sha256() != before


def test_the_folders_name_may_have_another_case(data_dir: Path) -> None:
    write_c(data_dir).rename(data_dir / "imagenet-c")
    assert open_benchmark(SUITE, data_dir, mode="folder").folder == data_dir / "imagenet-c"


def test_tiny_imagenet_c_keeps_64_pixels(tmp_path: Path) -> None:
    write_condition(tmp_path / "tiny-imagenet-200/val", ["n01443537/val_3.JPEG"], 64)
    suite = suites.registry()["tiny-imagenet-c"]
    assert open_benchmark(suite, tmp_path).source(FOG).read(0, 1).shape == (1, 64, 64, 3)
    stored = tmp_path / "Tiny-ImageNet-C/fog/3"
    write_condition(stored, ["n01443537/val_3.JPEG"], 64, seed=5)
    with Image.open(stored / "n01443537/val_3.JPEG") as picture:
        pixels = np.asarray(picture)
    assert np.array_equal(open_benchmark(suite, tmp_path).source(FOG).read(0, 1)[0], pixels)


def test_c_bar_of_cifar_is_read_as_cifar_c(cifar_dir: Path) -> None:
    clean = datasets.load("cifar-10", "test", cifar_dir)
    folder = cifar_dir / "CIFAR-10-C-Bar"
    folder.mkdir()
    np.save(folder / "ripple.npy", np.concatenate([255 - clean.read(0, 40)] * 5))
    np.save(folder / "labels.npy", np.tile(clean.labels, 5))
    suite = suites.registry()["cifar-10-c-bar"]
    stored = open_benchmark(suite, cifar_dir).source(Condition("ripple", 2))
    assert np.array_equal(stored.read(0, 40), 255 - clean.read(0, 40))
    made = open_benchmark(suite, cifar_dir, mode="on-the-fly").source(Condition("ripple", 2))
    expected = corrupt(clean.read(0, 5), "ripple", 2, preset="cifar", indices=range(5))
    assert np.array_equal(made.read(0, 5), expected)


def test_a_generated_folder_is_what_is_made_on_the_fly(data_dir: Path) -> None:
    order = generation.order_for(
        suite="imagenet-c", source=data_dir / "imagenet/val", names=("fog", "pixelate"), seed=8
    )
    generation.generate(order, data_dir / "ImageNet-C")
    stored = open_benchmark(SUITE, data_dir, mode="folder")
    made = open_benchmark(SUITE, data_dir, mode="on-the-fly", seed=8)
    for condition in (FOG, Condition("pixelate", 5)):
        assert np.array_equal(
            stored.source(condition).read(0, 6), made.source(condition).read(0, 6)
        )
