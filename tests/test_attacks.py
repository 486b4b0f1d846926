"""Attacks: right on models whose worst case is known, lawful on all, and faithful to a published model's record."""

import importlib.util
import json
import math
import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from baselines import architectures
from corruptions.keyed_random import KeyedRandom
from robench import datasets, models
from robench.attacks import adversarial_error, autoattack, pgd
from robench.attacks.norm_ball import NORMS, NormBall
from robench.attacks.target import target_of
from robench.cli import main
from robench.errors import RobenchError
from robench.models import NORMALISATIONS, Model, Normalisation

EPSILON = {"linf": 8 / 255, "l2": 0.5}


def random_images(count: int, side: int = 8, margin: int = 40) -> np.ndarray:
    """Return images whose values keep ``margin`` from black and white."""
    random = np.random.default_rng(0)
    return random.integers(margin, 256 - margin, (count, side, side, 3)).astype(np.uint8)


class Linear(nn.Module):
    """Two classes, told apart by w . x - b: its worst case within a ball is known in closed form."""

    def __init__(self, side: int = 8, offset: float = 0.0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(3, side, side, generator=generator))
        self.offset = offset

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        margin = (x * self.weight).sum((1, 2, 3)) - self.offset
        return torch.stack([-margin, margin], 1)


def linear_model(images: np.ndarray, normalisation: str = "none") -> tuple[Model, np.ndarray]:
    """Return a linear model whose boundary runs through the middle of the images, and its predictions."""
    model = Model(Linear(images.shape[1]), "linear", NORMALISATIONS[normalisation], "test")
    margins = model.logits(images, torch.device("cpu"))[:, 1]
    model.network.offset = float(margins.quantile(0.5))  # type: ignore[attr-defined]
    return model, model.logits(images, torch.device("cpu")).argmax(1).numpy()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("normalisation", ["none", "imagenet"])
def test_on_a_linear_model_pgd_finds_the_worst_case(norm: str, normalisation: str) -> None:
    images = random_images(60)
    model, labels = linear_model(images, normalisation)
    std = torch.tensor(NORMALISATIONS[normalisation].std).view(3, 1, 1)
    slope = model.network.weight.detach() / std  # type: ignore[attr-defined]
    steepness = float(slope.abs().sum() if norm == "linf" else slope.norm())
    margins = np.abs(model.logits(images, torch.device("cpu"))[:, 1].numpy())
    # Between two images near the middle, so that half of them fall and rounding decides none.
    reach = np.sort(margins)[29:31].mean()
    epsilon = float(reach / steepness)
    assert epsilon < 40 / 255  # no pixel is clipped, which would make it nonlinear
    expected = margins < reach
    # Steps as long as the radius halve the angle to the steepest direction each; the usual ones leave 5 degrees.
    found = pgd(model, images, labels, norm=norm, epsilon=epsilon, step_size=epsilon, steps=20)
    np.testing.assert_array_equal(found.wrong, expected)
    assert not found.clean_wrong.any()


@pytest.fixture(scope="module")
def small_model() -> Model:
    torch.manual_seed(0)
    network = architectures.create("digits_cnn", 10)
    return Model(network, "small", NORMALISATIONS["half"], "test")


@pytest.fixture(scope="module")
def images_and_labels(small_model: Model) -> tuple[np.ndarray, np.ndarray]:
    images = random_images(12, side=32, margin=0)
    labels = small_model.to(torch.device("cpu")).logits(images, torch.device("cpu")).argmax(1)
    return images, labels.numpy()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("restarts", [1, 3])
def test_an_adversarial_image_is_an_image_within_the_ball(
    norm: str, restarts: int, small_model: Model, images_and_labels: tuple
) -> None:
    images, labels = images_and_labels
    before = images.copy()
    found = pgd(
        small_model, images, labels, norm=norm, epsilon=EPSILON[norm], steps=5, restarts=restarts
    )
    assert (images == before).all()
    assert found.images.dtype == torch.float32
    assert found.images.shape == (12, 3, 32, 32)
    assert found.images.min() >= 0
    assert found.images.max() <= 1
    change = (found.images - torch.from_numpy(images).permute(0, 3, 1, 2) / 255).flatten(1)
    size = change.abs().amax(1) if norm == "linf" else change.norm(dim=1)
    assert size.max() <= EPSILON[norm] * (1 + 1e-5)
    assert size.max() > EPSILON[norm] / 2
    seen = target_of(small_model, None).predictions(found.images)
    np.testing.assert_array_equal(found.wrong, seen.numpy() != labels)


@pytest.mark.parametrize("norm", NORMS)
def test_the_start_is_uniform_in_the_ball(norm: str) -> None:
    ball = NormBall(norm, 0.5)
    random = KeyedRandom(0, "test", 0, np.arange(4000))
    start = ball.start(random, torch.zeros(4000, 1, 1, 2)).flatten(1)
    assert start.dtype == torch.float32
    assert start.mean(0).abs().max() < 0.02
    if norm == "linf":
        assert start.abs().max() <= 0.5
        assert start.var() == pytest.approx(1 / 12, rel=0.03)
    else:
        radius = start.norm(dim=1)
        assert radius.max() <= 0.5 * (1 + 1e-6)
        # In two dimensions the share within half the radius is a quarter.
        assert (radius < 0.25).float().mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("norm", NORMS)
def test_projection_is_the_nearest_point_and_steps_have_size_one(norm: str) -> None:
    ball = NormBall(norm, 0.5)
    outside = torch.tensor([[3.0, 4.0], [0.1, -0.2]]).view(2, 1, 1, 2)
    projected = ball.project(outside).flatten(1)
    expected = [[0.5, 0.5], [0.1, -0.2]] if norm == "linf" else [[0.3, 0.4], [0.1, -0.2]]
    torch.testing.assert_close(projected, torch.tensor(expected))
    step = ball.ascent(outside).flatten(1)
    size = step.abs().amax(1) if norm == "linf" else step.norm(dim=1)
    torch.testing.assert_close(size, torch.ones(2))
    assert not ball.ascent(torch.zeros(1, 3, 2, 2)).any()


@pytest.mark.parametrize("norm", NORMS)
def test_an_image_meets_the_same_attack_in_any_batch(norm: str) -> None:
    images = random_images(30)
    model, labels = linear_model(images)
    epsilon = EPSILON[norm] / 8
    # Small steps, so that the end still tells where the attack began.
    attack = partial(pgd, model, norm=norm, epsilon=epsilon, step_size=epsilon / 9, steps=3, seed=5)
    numbers = np.arange(100, 130)
    together = attack(images, labels, indices=numbers)
    for part in (slice(0, 1), slice(7, 19)):
        alone = attack(images[part], labels[part], indices=numbers[part])
        torch.testing.assert_close(alone.images, together.images[part], rtol=0, atol=1e-6)
        np.testing.assert_array_equal(alone.wrong, together.wrong[part])
    other_seed = attack(images, labels, indices=numbers, seed=6)
    assert not torch.equal(other_seed.images, together.images)
    assert not torch.equal(attack(images, labels).images, together.images)


def test_an_image_has_its_own_gradient_in_any_batch(
    small_model: Model, images_and_labels: tuple
) -> None:
    target = target_of(small_model, None)
    pixels, labels = target.pixels(images_and_labels[0]), torch.from_numpy(images_and_labels[1])
    together = target.loss_gradient(pixels, labels)
    alone = target.loss_gradient(pixels[3:4], labels[3:4])
    torch.testing.assert_close(alone, together[3:4])


def test_a_restart_starts_elsewhere() -> None:
    images = random_images(6)
    model, labels = linear_model(images)
    attack = partial(pgd, model, images, labels, epsilon=1e-4, step_size=1e-6, steps=1)
    once, twice = attack(restarts=1), attack(restarts=2)
    assert not once.wrong.any()
    assert ((once.images - twice.images).abs().flatten(1).amax(1) > 1e-5).all()


def test_the_random_state_of_the_process_is_not_touched(
    small_model: Model, images_and_labels: tuple
) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    pgd(small_model, *images_and_labels, steps=1)
    assert torch.equal(torch.get_rng_state(), before)


class Blind(nn.Module):
    """One class whatever the image, with gradients that are exactly zero, as a saturated softmax gives."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tensor([200.0, 0.0]) + 0 * x.sum((1, 2, 3)).unsqueeze(1)


def test_images_without_gradient_are_counted() -> None:
    model = Model(Blind(), "blind", NORMALISATIONS["none"], "test")
    found = pgd(model, random_images(4), [0, 0, 1, 0], steps=2, restarts=2)
    assert found.wrong.tolist() == found.clean_wrong.tolist() == [False, False, True, False]
    assert found.without_gradient.tolist() == [True, True, False, True]
    images = random_images(5)
    linear, labels = linear_model(images)
    assert not pgd(linear, images, labels, steps=2).without_gradient.any()


def test_what_is_wrong_without_an_attack_stays_as_it_is() -> None:
    images = random_images(10)
    model, labels = linear_model(images)
    found = pgd(model, images, 1 - labels, steps=2)
    assert found.wrong.all()
    assert found.clean_wrong.all()
    torch.testing.assert_close(
        found.images, torch.from_numpy(images).permute(0, 3, 1, 2) / 255, rtol=0, atol=0
    )


def test_a_model_without_gradients_is_refused() -> None:
    frozen = Model(lambda x: torch.ones(len(x), 2).detach(), "frozen", NORMALISATIONS["none"], "-")
    with pytest.raises(RobenchError, match="frozen gives no gradients, which gradient attacks"):
        pgd(frozen, random_images(2), [0, 0])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"norm": "l1"}, "norm must be one of linf, l2, got 'l1'"),
        ({"epsilon": 0}, "epsilon must be a positive number"),
        ({"epsilon": math.nan}, "epsilon must be a positive number"),
        ({"epsilon": 8}, "8 of 255 grey levels are 8/255"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"steps": 0, "step_size": 0.1}, "steps and restarts must be at least 1"),
        ({"restarts": 0}, "steps and restarts must be at least 1"),
        ({"step_size": -0.1}, "step size must be a positive number, got -0.1"),
        ({"seed": -1}, "seed must be 0 to"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict, sentence: str) -> None:
    images = random_images(1)
    with pytest.raises(RobenchError, match=sentence.replace("*", r"\*")):
        pgd(linear_model(images)[0], images, [0], **settings)


def test_the_error_of_a_dataset_is_that_of_its_images(small_model: Model) -> None:
    source = datasets.load("digits").select(np.arange(0, 500, 25))
    attack = partial(pgd, small_model, steps=2, epsilon=0.02)
    result = adversarial_error(attack, source, batch_size=7)
    whole = attack(source.read(0, 20), source.labels, indices=source.indices)
    assert result.records["index"].tolist() == source.indices.tolist()
    assert result.records["adversarial_wrong"].tolist() == whole.wrong.tolist()
    assert result.error == whole.wrong.mean()
    assert result.clean_error == whole.clean_wrong.mean() <= result.error
    table = result.table().set_index("metric")
    assert table.value["adversarial_error"] == result.error
    assert (table.low <= table.value).all()
    assert (table.value <= table.high).all()


@pytest.fixture
def checkpoint(small_model: Model, tmp_path: Path) -> Path:
    path = tmp_path / "net.pt"
    content = {
        "architecture": "digits_cnn",
        "mean": [0.5] * 3,
        "std": [0.5] * 3,
        "state_dict": small_model.network.state_dict(),  # type: ignore[attr-defined]
    }
    torch.save(content, path)
    return path


def invoke(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["attack", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_prints_both_errors_and_writes_the_records(
    checkpoint: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, stdout, stderr = invoke(
        *("--model", checkpoint, "--dataset", "digits", "--limit", 20, "--epsilon", "2/255"),
        *("--steps", 4, "--out", out, "--quiet", "--device", "cpu"),
    )
    assert (code, stderr) == (0, "")
    assert "attack: pgd, norm linf, epsilon 2/255, seed 0, steps 4, step size 1.25/255" in stdout
    records = pd.read_parquet(out / "records.parquet")
    info = json.loads((out / "attack.json").read_text())
    scores = {row["metric"]: row["value"] for row in info["scores"]}
    assert scores["adversarial_error"] == records["adversarial_wrong"].mean()
    assert f"adversarial error  {100 * scores['adversarial_error']:5.1f} %" in stdout
    assert info["settings"]["step_size"] == pytest.approx(1.25 / 255)
    assert info["data"]["images"] == len(records) == 20
    assert info["model"]["architecture"] == "digits_cnn"


def test_a_dry_run_tells_what_it_takes_and_writes_nothing(checkpoint: Path, tmp_path: Path) -> None:
    code, stdout, _ = invoke(
        *("--model", checkpoint, "--dataset", "digits", "--limit", 20, "--steps", 2, "--dry-run"),
        *("--out", tmp_path / "out", "--device", "cpu"),
    )
    assert code == 0
    assert "work: 20 images x 1 attack = 20\n" in stdout
    assert "time: about" in stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("epsilon", ["8", "x", "1/0", "inf"])
def test_an_epsilon_that_makes_no_sense_is_explained(epsilon: str, checkpoint: Path) -> None:
    code, _, stderr = invoke(
        "--model", checkpoint, "--dataset", "digits", "--limit", 2, "--epsilon", epsilon
    )
    assert code == 2
    assert "8/255" in stderr or "a number like 2/255 or 0.5" in stderr


def test_autoattack_that_is_not_installed_is_one_line(
    monkeypatch: pytest.MonkeyPatch, checkpoint: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    images = random_images(1)
    with pytest.raises(RobenchError, match=r"pip install 'robench\[attacks\]'"):
        autoattack(linear_model(images)[0], images, [0])


needs_autoattack = pytest.mark.skipif(
    importlib.util.find_spec("pyautoattack") is None, reason="pyautoattack is not installed"
)


@needs_autoattack
def test_autoattack_stays_in_the_ball_and_leaves_the_random_state() -> None:
    images, cpu = random_images(3), torch.device("cpu")
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 5))
    model = Model(network, "linear", NORMALISATIONS["half"], "test")
    labels = model.logits(images, cpu).argmax(1).numpy()
    labels[1] = (labels[1] + 1) % 5  # wrong from the start
    state = torch.get_rng_state()
    # A wide ball, where the first of the four attacks succeeds: the others take long.
    found = autoattack(model, images, labels, epsilon=0.4)
    assert torch.equal(torch.get_rng_state(), state)
    assert found.wrong.all()
    assert found.clean_wrong.tolist() == [False, True, False]
    clean = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    change = (found.images - clean).abs().amax((1, 2, 3))
    assert change.max() <= 0.4 * (1 + 1e-5)
    assert change[1] == 0


@needs_autoattack
def test_autoattack_refuses_too_few_classes() -> None:
    images = random_images(2)
    model, labels = linear_model(images)
    with pytest.raises(RobenchError, match="at least 4 classes, got 2"):
        autoattack(model, images, labels)


# What the files record of their own training: clean and PGD accuracy at l_inf 2/255 on the 10,000 test images.
RECORDED = {"resnet2b": (0.6925, 0.5674), "resnet4b": (0.7720, 0.6291)}


@pytest.mark.fidelity
@pytest.mark.parametrize("name", RECORDED)
def test_pgd_measures_what_a_published_model_records(name: str) -> None:
    folder = Path(os.environ.get("ROBENCH_DATA", ""))
    weights = folder / "weights" / f"{name}.pth"
    if not weights.is_file():
        pytest.skip(f"ROBENCH_DATA does not name a folder that holds weights/{name}.pth")
    normalisation = Normalisation(
        (0.4914, 0.4822, 0.4465), (0.2471, 0.2435, 0.2616), "its publisher's"
    )
    model = models.load_checkpoint(
        weights, classes=10, architecture=name, normalisation=normalisation
    )
    attack = partial(pgd, model, epsilon=2 / 255, steps=20)
    result = adversarial_error(attack, datasets.load("cifar-10", "test", folder))
    clean, under_attack = RECORDED[name]
    assert 1 - result.clean_error == pytest.approx(clean, abs=1e-9)
    assert 1 - result.error == pytest.approx(under_attack, abs=0.002)
    assert result.without_gradient == 0
