"""Inside against outside images: shown alike, stored as runs, scored, and every mistake of a person."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from sklearn.metrics import average_precision_score, roc_auc_score

from baselines import architectures
from robench import detection, suites
from robench.cli import main
from robench.datasets.framing import CentreCrop
from robench.datasets.unlabelled import open_pictures
from robench.errors import RobenchError
from robench.records import open_run
from robench.scoring import score
from robench.suites import CLEAN
from robench.suites.benchmark import open_benchmark
from tests.datasets.wnid_folders import write_condition, write_val
from tests.generation.photographs import photograph
from tests.suites.test_imagenet_c import mean_colour


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return a folder of pictures in no layout at all: of several sizes and kinds, at several depths."""
    root = tmp_path / "textures"
    for number, path in enumerate(("a.png", "b.jpg", "deep/down/c.png", "deep/d.webp", "32.png")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        size = (32, 32) if path == "32.png" else (40 + 9 * number, 50)
        photograph(number, *size).save(root / path)
    (root / "readme.txt").write_text("not a picture")
    return root


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = architectures.registry()["digits_cnn"](10)
    content = {"architecture": "digits_cnn", "mean": [0.5] * 3, "std": [0.5] * 3}
    torch.save({**content, "state_dict": network.state_dict()}, tmp_path / "net.pt")
    return tmp_path / "net.pt"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["detect", *map(str, arguments)])


def test_pictures_are_found_at_any_depth_in_order(pictures: Path) -> None:
    source = open_pictures(pictures, CentreCrop(32, 32))
    assert source.paths == ("32.png", "a.png", "b.jpg", "deep/d.webp", "deep/down/c.png")
    assert source.read(0, 5).shape == (5, 32, 32, 3)
    with Image.open(pictures / "32.png") as picture:  # a square of the right size stays as it is
        assert np.array_equal(source.read(0, 1)[0], np.asarray(picture.convert("RGB")))
    with Image.open(pictures / "a.png") as picture:
        expected = CentreCrop(32, 32)(picture.convert("RGB"))
        assert np.array_equal(source.read(1, 2)[0], np.asarray(expected))


def test_photographs_are_framed_as_the_inside_ones(tmp_path: Path, pictures: Path) -> None:
    write_val(tmp_path / "val")
    inside = detection.open_inside("imagenet-o-reference", tmp_path)
    outside = detection.open_outside(str(pictures), inside)
    assert outside.full.framing == inside.full.framing == CentreCrop(256, 224)  # type: ignore[attr-defined]
    assert outside.full.classes == inside.full.classes
    assert outside.suite.classes_used == inside.suite.classes_used
    assert len(inside.suite.classes_used or ()) == 200


def test_a_suite_with_corruptions_stands_for_its_clean_images(cifar_dir: Path) -> None:
    inside = detection.open_inside("cifar-10-c", cifar_dir)
    assert inside.suite == suites.registry()["cifar-10"]
    assert inside.suite.conditions() == (CLEAN,)
    expected = open_benchmark(suites.registry()["cifar-10-c"], cifar_dir).source(CLEAN)
    assert np.array_equal(inside.source(CLEAN).read(0, 40), expected.read(0, 40))


def test_a_folder_of_classes_can_be_inside(tmp_path: Path, checkpoint: Path) -> None:
    names = [f"{label}/{number}.jpg" for label in range(10) for number in range(2)]
    write_condition(tmp_path / "mine", names, side_px=32)
    done = invoke(
        *("--model", checkpoint, "--in", tmp_path / "mine", "--out-data", "digits", "--limit", 20),
        *("--out", tmp_path / "run", "--quiet"),
    )
    assert done.exit_code == 0, done.output
    assert "not given" not in done.output
    assert "digits as anomalies, the positives; 40 images on both sides" in done.output


def test_imagenet_o_is_scored_as_its_authors_do(tmp_path: Path) -> None:
    """The softmax is over 200 classes, the anomalies are the positives, the reference is of the validation images."""
    write_val(tmp_path / "val", per_class=4)
    used = list(suites.registry()["imagenet-o"].classes_used or ())
    names = [f"{'n01443537'}/{number}.jpg" for number in range(9)]
    write_condition(tmp_path / "imagenet-o", names, side_px=300, seed=7)
    inside = detection.open_inside("imagenet-o-reference", tmp_path)
    outside = detection.open_outside("imagenet-o", inside, tmp_path)
    model = mean_colour()
    done = detection.detect(model, inside, [outside], tmp_path / "run")
    table = score(done[0].run).table.set_index("metric")["value"]

    def confidence(images: np.ndarray) -> np.ndarray:
        logits = model.logits(images, torch.device("cpu"))[:, used]
        return logits.softmax(1).amax(1).numpy()

    sides = [each.source(CLEAN) for each in (inside, outside)]
    pair = [confidence(each.read(0, len(each.labels))) for each in sides]
    truth = np.repeat([0, 1], [len(side) for side in pair])
    negated = -np.concatenate(pair)
    assert len(pair[0]) == 4  # of the three classes of the folder, one is ImageNet-O's
    assert table["aupr_max_softmax"] == pytest.approx(average_precision_score(truth, negated))
    assert table["auroc_max_softmax"] == pytest.approx(roc_auc_score(truth, negated))


def test_the_command_stores_runs_continues_them_and_reports(
    tmp_path: Path, pictures: Path, checkpoint: Path
) -> None:
    run = tmp_path / "run"
    arguments = ["--model", checkpoint, "--in", "digits-c", "--out", run, "--limit", 40, "--quiet"]
    done = invoke(*arguments, "--out-data", pictures)
    assert done.exit_code == 0, done.output
    assert "textures as anomalies, the positives; 45 images on both sides" in done.output
    before = (run / "scores.csv").read_bytes()
    stored = sorted(run.rglob("*.parquet"))
    times = [path.stat().st_mtime_ns for path in stored]
    assert invoke(*arguments, "--out-data", pictures).exit_code == 0
    assert (run / "scores.csv").read_bytes() == before
    assert [path.stat().st_mtime_ns for path in stored] == times

    table = pd.read_csv(run / "scores.csv")
    rows = table[table["suite"] == "textures"].set_index("metric")
    assert len(rows) == 9
    assert set(rows["n"]) == {45}
    pair = [each.read(CLEAN)["max_logit"] for each in (open_run(run), *open_run(run).outside())]
    expected = roc_auc_score(np.repeat([0, 1], [40, 5]), -np.concatenate(pair))
    assert rows["value"]["auroc_max_logit"] == pytest.approx(expected)
    ends = (rows["low"]["auroc_max_logit"], rows["high"]["auroc_max_logit"])
    # Where every resample separates the two, there is no interval.
    assert np.isnan(ends).all() if expected == 1 else ends[0] <= expected <= ends[1]

    two = invoke(run, run / "outside/textures")
    assert two.exit_code == 0
    assert two.stdout.splitlines()[-4:] == done.stdout.splitlines()[-6:-2]
    page = CliRunner().invoke(main, ["report", str(run), "--out", str(tmp_path / "report")])
    assert page.exit_code == 0, page.output
    text = (tmp_path / "report/report.md").read_text()
    assert "textures as anomalies, the positives: 5 pictures in" in text
    assert f"{100 * expected:.1f} (" in text
    assert len(pd.read_csv(tmp_path / "report/report.csv")) == table["value"].notna().sum()


def test_a_broken_picture_is_named_and_the_scores_are_refused(
    tmp_path: Path, pictures: Path, checkpoint: Path
) -> None:
    (pictures / "deep/d.webp").write_bytes(b"RIFF not any more")
    run = tmp_path / "run"
    done = invoke(
        *("--model", checkpoint, "--in", "digits", "--limit", 40, "--quiet", "--out", run),
        *("--out-data", pictures, "--out-data", "digits-c"),
    )
    assert done.exit_code == 2
    assert "d.webp is not a readable image" in done.stderr
    assert "anomaly detection on textures" in done.stdout
    assert set(pd.read_csv(run / "scores.csv")["suite"]) == {"digits"}


MISTAKES = {
    "nothing": ("", "needs --model, --in, --out-data and --out; or two runs"),
    "half": ("--model {net} --in digits --out run", "needs --model, --in, --out-data and --out"),
    "both": ("{tmp} --model {net}", "give two runs, or --model"),
    "one run": ("{tmp}", "alone cannot be compared"),
    "no run": ("{tmp} {tmp}", "is not a run directory"),
    "in": (
        "--in digitz --out-data digits",
        "no folder digitz, and unknown suite 'digitz'; did you",
    ),
    "out": ("--in digits --out-data nowhere", "no folder nowhere, and unknown suite 'nowhere'"),
    "empty": ("--in digits --out-data {tmp}/empty", "holds no pictures"),
    "twice": ("--in digits --out-data digits --out-data digits-c", "are called 'digits'"),
    "classes": ("--in cifar-100 --out-data digits --data-dir {tmp}", "cifar-100"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_writes_nothing(
    name: str, tmp_path: Path, checkpoint: Path
) -> None:
    (tmp_path / "empty").mkdir()
    text, sentence = MISTAKES[name]
    words = text.format(net=checkpoint, tmp=tmp_path).split()
    if words[:1] == ["--in"]:
        words += ["--model", str(checkpoint), "--out", str(tmp_path / "run")]
    done = invoke(*words, "--quiet")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_stored_squares_of_another_size_are_refused(tmp_path: Path) -> None:
    write_val(tmp_path / "val")
    inside = detection.open_inside("imagenet", tmp_path)
    with pytest.raises(RobenchError, match="digits has images of 32 pixels, imagenet of 224"):
        detection.open_outside("digits", inside, tmp_path)
