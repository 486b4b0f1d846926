"""Every mistake that gives a wrong number and no error, made on purpose; and a healthy model, which has none."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torch import Tensor, nn

from baselines import architectures
from robench.cli import main
from robench.datasets import ArraySource, cifar
from robench.datasets.framing import CentreCrop
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.datasets.tree_c import stored_paths
from robench.doctor import (
    Diagnosis,
    UnmeasurableError,
    complete_model,
    diagnose,
    open_for_examination,
)
from robench.doctor.adapted_network import log_of
from robench.doctor.class_order import check_class_order
from robench.doctor.completion import clear_winner
from robench.doctor.crop_check import check_corrupted_crop
from robench.doctor.data_check import check_corrupted
from robench.doctor.preprocessing_check import check_preprocessing
from robench.doctor.race import race
from robench.doctor.sample import sample_of
from robench.doctor.trial import KNOWN, Preprocessing, Trial, preprocessings
from robench.errors import MissingDataError, RobenchError
from robench.generation import generate, order_for
from robench.models import NORMALISATIONS, Model, Normalisation, ensemble, wrap
from robench.suites.benchmark import Benchmark
from robench.suites.suite import Suite
from tests.datasets.wnid_folders import write_val

CLASSES = 8
IMAGENET = NORMALISATIONS["imagenet"]
SUITE = Suite("colours-c", "", "colours", ("brightness", "contrast"), (1, 2), "cifar", "Colours-C")


def coloured(count: int, side_px: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy images in one of eight mean colours, uint8 (count, side, side, 3), and their labels."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    colours = np.array([[50 + 70 * (label >> bit & 1) for bit in range(3)] for label in range(8)])
    colours += np.array([40, 0, -30])  # so that the channels are told apart
    coarse = random.normal(0, 25, (count, 8, 8, 3)) + colours[labels][:, None, None]
    images = coarse.repeat(side_px // 8, axis=1).repeat(side_px // 8, axis=2)
    return np.clip(images, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    images, labels = coloured(160)
    names = tuple("hgfedcba")
    full = ArraySource("colours", "eight colours", names, images, labels, np.arange(160))
    return Benchmark(SUITE, full, np.arange(160), None, 0)


class NearestColour(nn.Module):
    """Scores a normalised image by the distance of its mean to each class's; a batch norm has seen it all."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, how: Normalisation) -> None:
        super().__init__()
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255)
        mean, std = (torch.tensor(part).view(1, 3, 1, 1) for part in (how.mean, how.std))
        seen = (pixels - mean) / std
        means = seen.mean((2, 3))
        centres = [means[torch.from_numpy(labels == label)].mean(0) for label in range(CLASSES)]
        self.norm = nn.BatchNorm2d(3, momentum=None)
        self.norm(seen)
        self.register_buffer("centres", torch.stack(centres))

    def forward(self, pixels: Tensor) -> Tensor:
        self.norm(pixels)
        distances = (pixels.mean((2, 3))[:, None] - self.centres) ** 2
        return -4 * distances.sum(2)


@pytest.fixture
def network(benchmark: Benchmark) -> NearestColour:
    assert isinstance(benchmark.full, ArraySource)
    return NearestColour(benchmark.full.images, benchmark.full.labels, IMAGENET)


def diagnosed(
    benchmark: Benchmark, network: Callable[[Tensor], Tensor], how: Normalisation = IMAGENET
) -> Diagnosis:
    return diagnose(Model(network, "colours", how, "test"), benchmark, limit=160, device="cpu")


def sentence(diagnosis: Diagnosis, check: str, verdict: str = "wrong") -> str:
    (finding,) = [each for each in diagnosis.findings if each.check == check]
    assert finding.verdict == verdict, diagnosis.as_text()
    return finding.sentence


def test_a_healthy_model_has_nothing_wrong(benchmark: Benchmark, network: nn.Module) -> None:
    found = diagnosed(benchmark, network)
    assert found.is_healthy, found.as_text()
    assert found.as_text().endswith("nothing wrong was found")
    assert "the one used" in sentence(found, "preprocessing", "ok")


@pytest.mark.parametrize("name", ["half", "none", "cifar-10"])
def test_a_wrong_normalisation_is_found(
    benchmark: Benchmark, network: nn.Module, name: str
) -> None:
    found = diagnosed(benchmark, network, replace(NORMALISATIONS[name], origin="a flag"))
    text = sentence(found, "preprocessing")
    assert "imagenet fits and the one used (a flag) does not" in text
    assert "clean error on 160 images: " in text
    assert text.endswith("give normalisation='imagenet'")
    assert not found.is_healthy


def test_a_small_mistake_shows_in_the_batch_norm_only(
    benchmark: Benchmark, network: nn.Module
) -> None:
    text = sentence(diagnosed(benchmark, network, NORMALISATIONS["cifar-10"]), "preprocessing")
    assert "the errors do not tell them apart, but the network's first batch norm" in text


def test_errors_alone_convict_where_there_is_no_batch_norm(
    benchmark: Benchmark, network: nn.Module
) -> None:
    network.eval()
    found = diagnosed(benchmark, lambda pixels: network(pixels), NORMALISATIONS["none"])
    assert "imagenet fits" in sentence(found, "preprocessing")
    assert "mismatch" not in found.as_text()


@pytest.mark.parametrize(
    ("mean", "name"),
    [((0, 0, 0), "0..255 fits"), ((123, 117, 104), "0..255 minus (123, 117, 104) fits")],
)
def test_images_in_0_to_255_are_found(
    benchmark: Benchmark, mean: tuple[int, int, int], name: str
) -> None:
    assert isinstance(benchmark.full, ArraySource)
    red, green, blue = (value / 255 for value in mean)
    how = Normalisation((red, green, blue), (1 / 255,) * 3, "")
    network = NearestColour(benchmark.full.images, benchmark.full.labels, how)
    text = sentence(diagnosed(benchmark, network), "preprocessing")
    assert name in text
    assert "give normalisation=((" in text
    assert "(0.00392157, 0.00392157, 0.00392157))" in text


def test_bgr_is_found(benchmark: Benchmark, network: nn.Module) -> None:
    network.eval()
    text = sentence(diagnosed(benchmark, lambda pixels: network(pixels.flip(1))), "preprocessing")
    assert "the one used, BGR fits" in text
    assert "expects BGR" in text


def test_constants_are_tried_for_each_order_of_the_channels() -> None:
    """Every way of showing a grey picture that is bright in red, one channel after the other."""
    how = Normalisation((0.1, 0.2, 0.3), (0.25, 0.5, 1), "a flag")
    tried = {each.name: each for each in preprocessings(how)}
    reddish = np.array([[[[200, 100, 50]]]], np.uint8)

    def shown(name: str) -> list[float]:
        each = tried[name]
        pixels = each.prepared(reddish)[0, 0, 0] / 255
        return list((pixels - each.normalisation.mean) / each.normalisation.std)

    red, green, blue = np.array([200, 100, 50]) / 255
    assert shown("the one used") == [(red - 0.1) / 0.25, (green - 0.2) / 0.5, blue - 0.3]
    assert shown("the one used, BGR") == [blue - 0.3, (green - 0.2) / 0.5, (red - 0.1) / 0.25]
    constants = [(blue - 0.1) / 0.25, (green - 0.2) / 0.5, red - 0.3]
    assert shown("the one used with constants for BGR") == constants
    assert (
        len(preprocessings(NORMALISATIONS["half"])) == len(tried) - 3
    )  # half is known, and the same both ways


ORDERS = {
    "first output stands for no class": lambda logits: torch.cat(
        [logits[:, -1:], logits[:, :-1]], 1
    ),
    "labels begin at 1": lambda logits: torch.cat([logits[:, 1:], logits[:, :1]], 1),
    "order of the class names": lambda logits: logits.flip(1),
    "of 8 outputs are exchanged, e.g. output 0 is ": lambda logits: logits[
        :, torch.tensor([3, 6, 0, 1, 7, 2, 5, 4])
    ],
}


@pytest.mark.parametrize("name", ORDERS)
def test_another_class_order_is_found(benchmark: Benchmark, network: nn.Module, name: str) -> None:
    network.eval()
    found = diagnosed(benchmark, lambda pixels: ORDERS[name](network(pixels)))
    assert name in sentence(found, "class order")


def test_a_model_of_something_else_is_not_explained(benchmark: Benchmark) -> None:
    head = torch.randn(48, CLASSES, generator=torch.Generator().manual_seed(0))
    found = diagnosed(
        benchmark,
        lambda x: nn.functional.adaptive_avg_pool2d(x - x.mean((2, 3), True), 4).flatten(1) @ head,
    )
    assert "explains the lowest clean error" in sentence(found, "class order")


OUTPUTS = {
    "probabilities, not logits": lambda logits: logits.softmax(1),
    "NaN or infinite logits for 32 of 32": lambda logits: logits * float("nan"),
    "expected 8 logits for each of 32 images, got (32, 9)": lambda logits: nn.functional.pad(
        logits, (0, 1)
    ),
    "depend on the rest of its batch": lambda logits: logits - logits.mean(0),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_that_are_no_logits_are_found(
    benchmark: Benchmark, network: nn.Module, name: str
) -> None:
    network.eval()
    found = diagnosed(benchmark, lambda pixels: OUTPUTS[name](network(pixels)))
    assert name in sentence(found, "outputs")


def test_an_ensemble_is_examined_by_its_members(benchmark: Benchmark, network: nn.Module) -> None:
    one = Model(network, "a", IMAGENET, "test")
    with pytest.raises(RobenchError, match="give its members one by one"):
        diagnose(ensemble([one, one]), benchmark)


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[[tuple[int, int]], Benchmark]:
    def written(size: tuple[int, int]) -> Benchmark:
        images, labels = coloured(16)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            folder = tmp_path / f"class{label}"
            folder.mkdir(exist_ok=True)
            picture = Image.fromarray(image).resize((size[0], size[1] + number % 2 * 3))
            picture.save(folder / f"{number}.png")
        full = open_image_folder(tmp_path, CentreCrop(36, 32), "colours")
        return Benchmark(SUITE, full, np.arange(16), None, 0)

    return written


def test_photographs_of_many_sizes_are_cropped_once(
    photographs: Callable[[tuple[int, int]], Benchmark],
) -> None:
    assert "2 sizes among 16" in sentence(diagnose(None, photographs((40, 50))), "clean crop", "ok")


def test_pictures_that_were_cropped_before_are_found(
    photographs: Callable[[tuple[int, int]], Benchmark], network: nn.Module, tmp_path: Path
) -> None:
    pictures = photographs((32, 32))
    for path in tmp_path.rglob("*.png"):
        Image.open(path).crop((0, 0, 32, 32)).save(path)
    text = sentence(diagnosed(pictures, network), "clean crop")
    assert "all of 16 pictures looked at are 32 x 32" in text
    assert "of the whole pictures" in text


def test_a_photograph_that_was_cut_off_is_named_before_anything_is_made_of_it(
    photographs: Callable[[tuple[int, int]], Benchmark], network: nn.Module, tmp_path: Path
) -> None:
    pictures = photographs((40, 50))
    longer = tmp_path / "class0" / "0.png"
    longer.write_bytes(longer.read_bytes() + b"padding")
    assert "16 images" in sentence(diagnose(None, pictures), "clean data", "ok")
    damaged = tmp_path / pictures.full.paths[-1]  # type: ignore[attr-defined]
    damaged.write_bytes(damaged.read_bytes()[:-200])
    found = diagnosed(pictures, network)
    assert f"1 of 16 files cannot be read: {damaged} is not a" in sentence(found, "clean data")
    assert len(found.findings) == 1


def test_a_cut_off_file_of_a_tree_is_named(
    photographs: Callable[[tuple[int, int]], Benchmark], tmp_path: Path
) -> None:
    clean = photographs((40, 50)).full
    assert isinstance(clean, ImageFolder)
    tree = tmp_path / "C"
    for path in (f"{name}/{severity}" for name in ("brightness", "fog") for severity in (1, 2)):
        for stored, square in zip(stored_paths(clean), clean.read(0, 16), strict=True):
            (tree / path / stored).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(square).save(tree / path / stored)
    suite = replace(SUITE, corruptions=("brightness", "fog"), tree_side_px=32)
    benchmark = Benchmark(suite, clean, np.arange(16), tree, 0)
    assert check_corrupted(benchmark).verdict == "ok"
    damaged = tree / "fog" / "2" / stored_paths(clean)[7]
    damaged.write_bytes(damaged.read_bytes()[:-20])
    found = check_corrupted(benchmark)
    assert found.verdict == "wrong"
    assert "1 corruptions cannot be read (fog): 1 of 16 files" in found.sentence
    assert f"in severity 2: {damaged}" in found.sentence


def with_folder(benchmark: Benchmark, folder: Path, change: Callable) -> Benchmark:
    """Return the benchmark with a folder of slightly brightened images, changed."""
    assert isinstance(benchmark.full, ArraySource)
    folder.mkdir()
    images = np.clip(benchmark.full.images.astype(int) + 10, 0, 255).astype(np.uint8)
    for name in ("brightness", "contrast"):
        np.save(folder / f"{name}.npy", np.tile(change(images), (5, 1, 1, 1)))
    np.save(folder / "labels.npy", np.tile(benchmark.full.labels, 5))
    return replace(benchmark, folder=folder)


def enlarged_middle(images: np.ndarray) -> np.ndarray:
    crop = CentreCrop(37, 32)
    return np.stack([np.asarray(crop(Image.fromarray(image))) for image in images])


@pytest.mark.parametrize(
    ("change", "verdict", "text"),
    [
        (lambda images: images, "ok", "the same scenes, crops and order"),
        (enlarged_middle, "wrong", "a double crop of the corrupted images"),
        (lambda images: np.roll(images, -1, axis=0), "wrong", "another order"),
    ],
    ids=["as it should be", "double crop", "another order"],
)
def test_corrupted_images_are_held_against_the_clean_ones(
    benchmark: Benchmark, tmp_path: Path, change: Callable, verdict: str, text: str
) -> None:
    finding = check_corrupted_crop(with_folder(benchmark, tmp_path / "C", change))
    assert finding.verdict == verdict
    assert text in finding.sentence


def test_missing_and_damaged_corruptions_are_named(benchmark: Benchmark, tmp_path: Path) -> None:
    damaged = with_folder(benchmark, tmp_path / "C", lambda images: images)
    assert check_corrupted(damaged).verdict == "ok"
    (tmp_path / "C" / "contrast.npy").unlink()
    finding = check_corrupted(damaged)
    assert finding.verdict == "wrong"
    assert "1 corruptions cannot be read (contrast)" in finding.sentence
    assert "contrast" in sentence(diagnose(None, damaged), "corrupted data")
    labels = np.load(tmp_path / "C" / "labels.npy")
    np.save(tmp_path / "C" / "labels.npy", labels[::-1])
    found = sentence(diagnose(None, damaged), "corrupted data")
    assert "2 corruptions cannot be read (brightness, contrast)" in found
    assert "labels.npy" in found
    assert "; also no " in found
    assert "contrast.npy" in found


def test_files_that_are_not_the_published_ones_are_named(
    cifar_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (benchmark,), _ = open_for_examination("cifar-10-c", cifar_dir)
    found = diagnose(None, benchmark, data_dir=cifar_dir)
    assert "test_batch is not the official file: md5" in sentence(found, "clean data")
    file = cifar_dir / "cifar-10-batches-py" / "test_batch"
    official = replace(
        cifar.CIFAR_10, test={"test_batch": hashlib.md5(file.read_bytes()).hexdigest()}
    )
    monkeypatch.setattr("robench.doctor.data_check.CIFAR", {"cifar-10": official})
    assert "official" in sentence(diagnose(None, benchmark, data_dir=cifar_dir), "clean data", "ok")
    folder = with_folder(benchmark, cifar_dir / "CIFAR-10-C", lambda images: images)
    only_two = replace(folder, suite=replace(folder.suite, corruptions=("brightness", "contrast")))
    assert "brightness.npy, contrast.npy" in check_corrupted(only_two).sentence.partition(" in ")[0]


def names_found(data_dir: Path) -> list[str]:
    return [benchmark.suite.name for benchmark in open_for_examination(None, data_dir)[0]]


def test_every_suite_is_found_by_its_data(cifar_dir: Path) -> None:
    assert names_found(cifar_dir) == ["cifar-10"]
    (cifar_dir / "CIFAR-10-C").mkdir()
    assert names_found(cifar_dir) == ["cifar-10-c"]
    write_val(cifar_dir / "imagenet/val")
    assert names_found(cifar_dir) == ["cifar-10-c", "imagenet"]
    for folder in ("CIFAR-10-C-Bar", "ImageNet-C"):
        (cifar_dir / folder).mkdir()
    assert set(names_found(cifar_dir)) == {"cifar-10-c", "cifar-10-c-bar", "imagenet-c"}
    with pytest.raises(RobenchError, match="holds the data of no suite; choose one with suite"):
        open_for_examination(None, cifar_dir.parent / "nothing")
    with pytest.raises(RobenchError, match=r"there is no data in .*; give data_dir, or fetch some"):
        open_for_examination(None, None)


def test_data_of_several_suites_is_examined_in_turn(cifar_dir: Path, tmp_path: Path) -> None:
    write_val(cifar_dir / "imagenet/val")
    (cifar_dir / "CIFAR-100-C").mkdir()
    done = CliRunner().invoke(main, ["doctor", "--data-dir", str(cifar_dir)])
    assert done.exit_code == 1
    assert "WRONG  data: cifar-100-c cannot be opened: cifar-100: no " in done.stdout
    assert "data: cifar-10, the CIFAR-10 test set" in done.stdout
    assert "data: imagenet, 6 images of 3 classes in val" in done.stdout
    assert done.stdout.count("clean data: ") == 2
    assert done.stdout.endswith(
        "2 of the checks found something wrong\n"
    )  # and the small test_batch
    torch.save({"state_dict": {}}, tmp_path / "net.pt")
    asked = ["doctor", "--data-dir", str(cifar_dir), "--model", str(tmp_path / "net.pt")]
    refused = CliRunner().invoke(main, asked)
    assert refused.exit_code == 2
    assert "data of cifar-10, imagenet: choose with --suite what the model is for" in refused.stderr


def test_the_command_says_what_is_wrong_and_exits_with_1(cifar_dir: Path) -> None:
    result = CliRunner().invoke(
        main, ["doctor", "--suite", "cifar-10-c", "--data-dir", str(cifar_dir)]
    )
    assert result.exit_code == 1
    assert "WRONG  clean data: test_batch is not the official file" in result.stdout
    assert "1 of the checks found something wrong" in result.stdout


def test_digits_alone_are_healthy() -> None:
    result = CliRunner().invoke(main, ["doctor", "--suite", "digits-c"])
    assert result.exit_code == 0, result.output
    assert "500 images" in result.stdout


def test_a_limit_below_1_is_refused(benchmark: Benchmark) -> None:
    with pytest.raises(RobenchError, match="limit must be at least 1, got 0"):
        diagnose(None, benchmark, limit=0)


def trial(mistakes: int, mismatch: float | None, count: int = 400) -> Trial:
    """Return a trial that errs on the first images."""
    wrong = np.arange(count) < mistakes
    how = Preprocessing(f"{mistakes} mistakes", IMAGENET)
    model = Model(nn.Identity(), "mistakes", IMAGENET, "test")
    return Trial(model, how, torch.zeros(count, 2), wrong, mismatch)


@pytest.mark.parametrize(
    ("used", "others", "verdict"),
    [
        ((100, None), [(60, None)], "wrong"),
        ((100, None), [(95, None)], "ok"),
        ((100, 0.0150), [(99, 0.0003)], "wrong"),
        ((100, 0.0150), [(60, 0.1), (98, 0.0100)], "wrong"),  # only what beats it counts
        ((100, 0.0150), [(101, 0.0090)], "ok"),  # fits better, but not well
        ((100, 0.0010), [(101, 0.0003)], "ok"),  # fits well itself
        ((60, 0.0150), [(100, 0.0003)], "ok"),  # errs more: the batch norm does not overrule that
    ],
)
def test_the_two_witnesses(
    used: tuple[int, float | None], others: list[tuple[int, float | None]], verdict: str
) -> None:
    found = [trial(*used), *(trial(*other) for other in others)]
    assert check_preprocessing(found).verdict == verdict


class Counting(nn.Module):
    """A network that counts the images that it classifies, and may reorder its outputs."""

    def __init__(self, network: nn.Module, order: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.order, self.seen = network.eval(), order, 0

    def forward(self, pixels: Tensor) -> Tensor:
        logits = self.order(self.network(pixels))
        self.seen += len(pixels)  # not those that only the first batch norm was given
        return logits


def with_more_classes(benchmark: Benchmark, count: int = 40) -> Benchmark:
    """Return the benchmark with classes that no image has, so that no order can be fitted to the sample."""
    assert isinstance(benchmark.full, ArraySource)
    images, labels = coloured(640)
    names = tuple(f"{number:03}" for number in range(count))
    full = replace(
        benchmark.full, classes=names, images=images, labels=labels, indices=np.arange(640)
    )
    return Benchmark(SUITE, full, np.arange(640), None, 0)


def padded(logits: Tensor) -> Tensor:
    return nn.functional.pad(logits, (0, 32), value=-99.0)


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (padded, None),
        (
            lambda logits: padded(logits).roll(1, 1),
            "the network's first output stands for no class",
        ),
    ],
    ids=["in order", "shifted"],
)
def test_what_is_clearly_worse_drops_out(
    benchmark: Benchmark, network: nn.Module, order: Callable[[Tensor], Tensor], name: str | None
) -> None:
    """Of 18 preprocessings of 390 images, most are shown a few dozen; an order of the classes does not hide them."""
    network.eval()
    many, counting = with_more_classes(benchmark), Counting(network, order)
    model = Model(counting, "colours", NORMALISATIONS["none"], "test")
    sample = sample_of(many, 390)
    result = race(model, sample, torch.device("cpu"), 100)
    assert (result.order.name if result.order else None) == name
    assert len(result.finished) + len(result.beaten) in (17, 18)  # one may only be less promising
    assert len(result.beaten) >= 5
    assert all(len(each.is_error) < 390 for each in result.beaten)
    assert counting.seen < 18 * 390 * 0.4
    finding = check_preprocessing(result.finished, result.beaten, name is not None)
    assert finding.verdict == "wrong"
    assert ("classes reordered" in finding.sentence) == (name is not None)
    assert f"{len(result.beaten)} others were clearly worse" in finding.sentence


def test_a_settled_race_ends_early(benchmark: Benchmark) -> None:
    """The only preprocessing that is right at all has beaten the others after 32 images; 128 make a figure."""
    many = with_more_classes(benchmark)
    sample = sample_of(many, 390)

    def only_in_0_to_1(pixels: Tensor) -> Tensor:
        truth = {
            image.tobytes(): int(label)
            for image, label in zip(sample.images, sample.labels, strict=True)
        }
        shown = (pixels * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
        right = [truth.get(np.ascontiguousarray(image).tobytes(), 39) for image in shown]
        return nn.functional.one_hot(torch.tensor(right), 40).float()

    model = Model(only_in_0_to_1, "oracle", NORMALISATIONS["none"], "test")
    result = race(model, sample, torch.device("cpu"), 100)
    (finished,) = result.finished
    assert len(finished.is_error) == 128
    assert finished.error == 0
    assert {len(each.is_error) for each in result.beaten} == {32}
    assert check_class_order(result.finished, sample.labels[:128], sample.classes).verdict == "ok"


def test_sequences_are_examined_too(cifar_dir: Path) -> None:
    folder = cifar_dir / "CIFAR-10-P"
    names = ("gaussian_noise", "shot_noise", "tilt")
    generate(order_for(suite="cifar-10-p", data_dir=cifar_dir, names=names), folder)
    (whole,), _ = open_for_examination(None, cifar_dir)
    assert whole.suite.name == "cifar-10-p"
    benchmark = replace(whole, suite=replace(whole.suite, corruptions=names))
    found = diagnose(None, benchmark, data_dir=cifar_dir)
    assert "every corruption is there" in sentence(found, "corrupted data", "ok")
    assert "gaussian_noise 1.00, shot_noise 1.00" in sentence(found, "corrupted crop", "ok")
    np.save(folder / "shot_noise.npy", np.load(folder / "shot_noise.npy")[::-1])
    (folder / "tilt.npy").unlink()
    assert check_corrupted_crop(benchmark).verdict == "wrong"
    assert "1 corruptions cannot be read (tilt)" in check_corrupted(benchmark).sentence


def completed(
    benchmark: Benchmark, network: Callable[[Tensor], Tensor], **options: object
) -> tuple[Model, list[str]]:
    """Complete a model of unknown normalisation; return it and what was said."""
    said: list[str] = []
    model = Model(network, "colours", None, "net.pt", architecture="colours")
    found = complete_model(model, benchmark, device="cpu", say=said.append, **options)  # type: ignore[arg-type]
    return found, said


@pytest.mark.parametrize("name", ["imagenet", "cifar-10", "cifar-100", "half", "none", "0..255"])
def test_an_unknown_normalisation_is_measured(benchmark: Benchmark, name: str) -> None:
    assert isinstance(benchmark.full, ArraySource)
    how = KNOWN[name]
    found, said = completed(
        benchmark, NearestColour(benchmark.full.images, benchmark.full.labels, how)
    )
    assert found.normalisation is not None and found.normalisation.is_measured
    assert (found.normalisation.mean, found.normalisation.std) == (how.mean, how.std)
    assert said[0].startswith(f"normalisation: {name}, measured on ")
    assert found.normalisation.origin.startswith(f"measured on 128 clean images: {name} 0.0% error")
    assert not found.notes


def test_what_is_known_is_left_alone(benchmark: Benchmark, network: nn.Module) -> None:
    network.eval()
    said: list[str] = []
    model = Model(network, "colours", NORMALISATIONS["half"], "net.pt")
    assert complete_model(model, benchmark, device="cpu", say=said.append) == model
    assert not said


def test_without_guessing_nothing_is_measured(benchmark: Benchmark, network: nn.Module) -> None:
    with pytest.raises(RobenchError, match=r"give normalisation .*without guess=False it is meas"):
        completed(benchmark, network, guess=False)


def test_without_a_memory_close_constants_are_refused_with_the_table(
    benchmark: Benchmark, network: nn.Module
) -> None:
    network.eval()
    with pytest.raises(UnmeasurableError) as refused:
        completed(benchmark, lambda pixels: network(pixels))
    lines = str(refused.value).splitlines()
    assert "160 clean images do not tell these apart" in lines[0]
    assert any(line.endswith("% error: normalisation='imagenet'") for line in lines)
    assert any(
        "error: normalisation=((0.481455, 0.457827, 0.408211), (0.26863" in line for line in lines
    )
    assert "clearly worse: " in lines[-1]
    assert "normalisation half" not in str(refused.value)


def test_a_network_at_chance_is_refused(benchmark: Benchmark) -> None:
    head = torch.randn(48, CLASSES, generator=torch.Generator().manual_seed(0))
    with pytest.raises(UnmeasurableError, match="hardly better than guessing on 160 clean images"):
        completed(
            benchmark,
            lambda x: (
                nn.functional.adaptive_avg_pool2d(x - x.mean((2, 3), True), 4).flatten(1) @ head
            ),
        )


class OfBgr(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network(pixels.flip(1))


def test_a_network_of_bgr_is_given_bgr(benchmark: Benchmark, network: nn.Module) -> None:
    assert isinstance(benchmark.full, ArraySource)
    found, said = completed(benchmark, OfBgr(network))
    assert "imagenet, BGR, measured" in said[0]
    assert "the channels are turned round" in said[-1]
    assert said[-1] == f"note: {found.notes[0]}"
    assert found.normalisation is not None and found.normalisation.mean == IMAGENET.mean
    cpu = torch.device("cpu")
    expected = Model(network.eval(), "colours", IMAGENET, "").logits(benchmark.full.images, cpu)
    assert torch.equal(found.logits(benchmark.full.images, cpu), expected)
    assert found.architecture == "colours, given BGR"


def test_the_network_that_fits_is_chosen(benchmark: Benchmark, network: nn.Module) -> None:
    said: list[str] = []
    right = Model(network, "colours", None, "net.pt", architecture="right")
    wrong = replace(right, network=nn.Sequential(network, Reversed()), architecture="wrong")
    model = replace(wrong, alternatives=(right,))
    found = complete_model(model, benchmark, device="cpu", say=said.append)
    assert found.network is network
    assert not found.alternatives
    assert "the network is right, as measured" in found.notes[0]
    with pytest.raises(RobenchError, match="give architecture='wrong' or architecture='right'"):
        complete_model(model, benchmark, guess=False, device="cpu", say=said.append)


class Reversed(nn.Module):
    def forward(self, logits: Tensor) -> Tensor:
        return logits[:, torch.tensor([3, 6, 0, 1, 7, 2, 5, 4])]


def test_probabilities_become_logits_and_sigmoids_are_refused(
    benchmark: Benchmark, network: nn.Module
) -> None:
    network.eval()
    images = benchmark.full.read(0, 160)
    cpu, said = torch.device("cpu"), list[str]()

    def model(change: nn.Module) -> Model:
        return Model(nn.Sequential(network, change), "colours", IMAGENET, "net.pt")

    soft = model(nn.Softmax(1))
    found = complete_model(soft, benchmark, device="cpu", say=said.append)
    assert said == ["note: the outputs are probabilities, not logits: their logarithm is taken"]
    assert found.notes == (said[0].removeprefix("note: "),)
    logits = found.logits(images, cpu)
    assert torch.isfinite(logits).all()
    assert torch.allclose(logits.softmax(1), soft.logits(images, cpu), atol=1e-6)
    with pytest.raises(RobenchError, match="probabilities, not logits; without guess=False"):
        complete_model(soft, benchmark, guess=False, device="cpu", say=said.append)
    with pytest.raises(RobenchError, match=r"values in \[0, 1\] that do not sum to 1"):
        complete_model(model(nn.Sigmoid()), benchmark, device="cpu", say=said.append)


def test_a_probability_that_is_exactly_0_has_a_finite_logit() -> None:
    logits = log_of(torch.tensor([[1.0, 0.0, 0.0]]))
    assert torch.isfinite(logits).all()
    assert torch.allclose(logits.softmax(1), torch.tensor([[1.0, 0.0, 0.0]]))


def test_without_clean_images_the_mildest_condition_serves(
    benchmark: Benchmark, network: nn.Module, tmp_path: Path
) -> None:
    stored = with_folder(benchmark, tmp_path / "C", lambda images: images)
    _, said = completed(replace(stored, clean_missing="they are nowhere"), network)
    assert "imagenet, measured on 128 images of brightness-1: " in said[0]


@pytest.mark.parametrize(
    ("running", "beaten", "winner"),
    [
        ([(60, None)], [(100, None)], 60),
        ([(60, None), (61, None)], [], None),
        ([(60, 0.0003), (59, 0.0138)], [], 60),
        ([(60, 0.0030), (59, 0.0500)], [], None),  # nothing fits
        ([(60, 0.0010), (59, 0.0040)], [], None),  # not five times worse
        ([(60, 0.0300)], [(100, 0.9)], 60),
        ([(60, 0.0900)], [(100, 0.9)], None),  # errors single it out, and it does not fit at all
        ([(60, 0.0300)], [(100, 0.0003)], None),  # the witnesses contradict each other
    ],
)
def test_only_a_clear_winner_is_used(
    running: list[tuple[int, float | None]],
    beaten: list[tuple[int, float | None]],
    winner: int | None,
) -> None:
    found = clear_winner([trial(*each) for each in running], [trial(*each) for each in beaten])
    assert (int(found.is_error.sum()) if found else None) == winner


def test_doctor_examines_a_model_of_unknown_normalisation(tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save(architectures.registry()["digits_cnn"](10).state_dict(), tmp_path / "net.pt")
    asked = ["doctor", "--suite", "digits-c", "--model", str(tmp_path / "net.pt")]
    done = CliRunner().invoke(main, [*asked, "--arch", "digits_cnn"])
    assert done.exit_code == 1
    assert "WRONG  preprocessing: net (" in done.stdout
    assert "hardly better than guessing" in done.stdout
    assert "clean data" in done.stdout


def test_from_python_a_suite_is_a_name_and_a_model_whatever_evaluate_takes(cifar_dir: Path) -> None:
    options = {"data_dir": cifar_dir, "limit": 20, "batch_size": 20, "device": "cpu"}
    alone = diagnose(None, "cifar-10", data_dir=cifar_dir)
    assert {each.check for each in alone.findings} >= {"clean data", "clean crop"}
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    found = diagnose(network, "cifar-10", normalisation="half", **options)
    assert {each.check for each in found.findings} > {each.check for each in alone.findings}
    again = diagnose(wrap(network, normalisation="half"), "cifar-10", **options)
    assert str(again) == found.as_text()
    with pytest.raises(RobenchError, match="unknown suite 'cifar-10c'; did you mean 'cifar-10-c'"):
        diagnose(None, "cifar-10c", data_dir=cifar_dir)
    with pytest.raises(RobenchError, match=r"absent\.pt"):
        diagnose(cifar_dir / "absent.pt", "cifar-10", normalisation="half", **options)


def test_from_python_an_unknown_normalisation_is_measured(
    benchmark: Benchmark, network: nn.Module
) -> None:
    found = diagnose(network, benchmark, limit=160, device="cpu")
    (finding, *_) = found.findings
    assert (finding.verdict, finding.check) == ("note", "preprocessing")
    assert finding.sentence.startswith("normalisation: imagenet, measured on")
    assert found.is_healthy


def test_from_python_missing_data_is_told_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"robench download cifar-10-c --data-dir .*nowhere"):
        diagnose(None, "cifar-10-c", data_dir=tmp_path / "nowhere")
