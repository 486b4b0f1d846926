"""Corruptions in a data loader: the benchmark's own pixels by index, or a draw for each image by its pixels."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Subset
from torchvision.transforms import Compose, PILToTensor, v2

from corruptions import Corrupt, CorruptedDataset, CorruptionError, corrupt
from robench import suites
from robench.suites import Condition
from robench.suites.benchmark import open_benchmark

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), np.uint8)
GREY = np.full((32, 32, 3), 128, np.uint8)
PICTURES = [(Image.fromarray(image), number) for number, image in enumerate(IMAGES)]


def as_arrays(dataset: CorruptedDataset) -> np.ndarray:
    return np.stack([np.asarray(dataset[place][0]) for place in range(len(dataset))])


def noise_of(image: Any) -> np.ndarray:
    return np.asarray(image).astype(float).ravel() - 128


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This DataLoader will create 2 worker processes")
def test_workers_see_the_pixels_of_robench_eval_in_any_order(
    start_method: str, cifar_dir: Path
) -> None:
    benchmark = open_benchmark(suites.registry()["cifar-10-c"], cifar_dir, mode="on-the-fly")
    clean = benchmark.full.read(0, len(benchmark.full.labels))
    numbered = [(Image.fromarray(image), number) for number, image in enumerate(clean)]
    dataset = CorruptedDataset(numbered, "gaussian_noise", 3, transform=PILToTensor())
    loader = DataLoader(
        dataset,
        batch_size=7,
        shuffle=True,
        num_workers=2,
        multiprocessing_context=start_method,
        generator=torch.Generator().manual_seed(1),
    )
    batches = list(loader)
    order = torch.cat([numbers for _, numbers in batches])
    assert not torch.equal(order, torch.arange(len(clean)))
    seen = torch.cat([images for images, _ in batches])[torch.argsort(order)]
    evaluated = benchmark.source(Condition("gaussian_noise", 3)).read(0, len(clean))
    assert np.array_equal(seen.permute(0, 2, 3, 1).numpy(), evaluated)


def test_pil_images_arrays_and_tensors_come_back_as_they_were() -> None:
    expected = corrupt(IMAGES, "fog", 3)
    dataset = CorruptedDataset(PICTURES, "fog", 3)
    image, number = dataset[5]
    assert isinstance(image, Image.Image)
    assert (number, len(dataset)) == (5, 12)
    assert np.array_equal(as_arrays(dataset), expected)
    assert np.array_equal(as_arrays(CorruptedDataset(list(zip(IMAGES)), "fog", 3)), expected)
    tensors = torch.from_numpy(IMAGES).permute(0, 3, 1, 2)
    corrupted = [CorruptedDataset(tensors, "fog", 3)[place] for place in range(12)]  # no labels
    assert np.array_equal(torch.stack(corrupted).permute(0, 2, 3, 1).numpy(), expected)


def test_any_mode_of_pil_becomes_rgb() -> None:
    grey = Image.fromarray(IMAGES[0, ..., 0])
    transparent = PICTURES[0][0].convert("RGBA")
    made = CorruptedDataset([grey], "fog", 3)[0]
    assert made.mode == "RGB"
    assert np.array_equal(np.asarray(made), corrupt(IMAGES[:1, ..., 0], "fog", 3)[0])
    made = CorruptedDataset([transparent], "fog", 3)[0]
    assert np.array_equal(np.asarray(made), corrupt(IMAGES[:1], "fog", 3)[0])


def test_parts_of_a_data_set_keep_its_numbers() -> None:
    chosen = [7, 2, 11]
    whole = CorruptedDataset(PICTURES, "shot_noise", 2, seed=4)
    part = CorruptedDataset(Subset(PICTURES, chosen), "shot_noise", 2, seed=4, indices=chosen)
    assert np.array_equal(as_arrays(part), as_arrays(whole)[chosen])
    assert np.array_equal(as_arrays(whole), corrupt(IMAGES, "shot_noise", 2, seed=4))
    assert whole[-1][1] == 11
    assert np.array_equal(np.asarray(whole[-1][0]), as_arrays(whole)[11])
    with pytest.raises(IndexError):
        whole[12]
    assert len(list(whole)) == 12


def test_equal_images_of_a_data_set_get_noise_of_their_own() -> None:
    dataset = CorruptedDataset([GREY, GREY], "gaussian_noise", 3)
    one, other = noise_of(dataset[0]), noise_of(dataset[1])
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    # What happens without an index: the same noise on every image.
    one, other = (noise_of(corrupt(image, "gaussian_noise", 3)) for image in (GREY, GREY + 1))
    assert np.corrcoef(one, other)[0, 1] > 0.95


def test_a_transform_draws_by_the_pixels() -> None:
    noise = Corrupt("gaussian_noise", 3)
    one = noise(GREY)
    assert np.array_equal(one, noise(GREY))
    assert np.array_equal(one, copy.deepcopy(noise)(GREY.copy()))
    assert abs(np.corrcoef(noise_of(one), noise_of(noise(GREY + 1)))[0, 1]) < 0.1
    other_seed = Corrupt("gaussian_noise", 3, seed=1)(GREY)
    assert abs(np.corrcoef(noise_of(one), noise_of(other_seed))[0, 1]) < 0.1
    assert repr(noise) == "Corrupt('gaussian_noise', severity=3, preset='auto', seed=0)"


def test_a_transform_gives_the_same_pixels_whatever_holds_them() -> None:
    noise = Corrupt("gaussian_noise", 3)
    expected = noise(IMAGES[0])
    picture = noise(PICTURES[0][0])
    assert np.array_equal(np.asarray(picture), expected)
    tensor = torch.from_numpy(IMAGES[0]).permute(2, 0, 1)
    assert np.array_equal(noise(tensor).permute(1, 2, 0).numpy(), expected)


@pytest.mark.parametrize("compose", [Compose, v2.Compose])
def test_a_transform_goes_into_compose(compose: Any) -> None:
    foggy = compose([Corrupt("fog", 3), PILToTensor()])(PICTURES[0][0])
    assert foggy.dtype == torch.uint8
    assert np.array_equal(foggy.permute(1, 2, 0).numpy(), Corrupt("fog", 3)(IMAGES[0]))


@pytest.mark.parametrize(
    "make", [Corrupt, lambda *args, **more: CorruptedDataset([], *args, **more)]
)
@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        (("fogg", 3), {}, "did you mean 'fog'"),
        (("fog", 0), {}, "severity must be 1 to 5, got 0"),
        (("fog", 3), {"preset": "cifar10"}, "did you mean 'cifar'"),
        (("lines", 3), {"preset": "tiny"}, "its presets: cifar"),
        (("fog", 3), {"seed": -1}, "seed must be an integer"),
    ],
)
def test_wrong_arguments_are_refused_at_once(
    make: Any, arguments: tuple[Any, ...], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(CorruptionError, match=message):
        make(*arguments, **more)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.zeros(3, 32, 32), "before ToTensor and Normalize, got float32"),
        (torch.zeros(32, 32, 3, dtype=torch.uint8), r"shape \(3, H, W\), got \(32, 32, 3\)"),
        (np.zeros((2, 32, 32, 3), np.uint8), r"shape \(H, W, 3\), got \(2, 32, 32, 3\)"),
        (np.zeros((8, 32, 3), np.uint8), "at least 16 pixels"),
        (Image.new("I;16", (32, 32)), "8 bits a channel, got mode 'I;16'"),
        ({"image": GREY}, "expected a PIL image, a uint8 array or a uint8 tensor, got dict"),
    ],
)
def test_what_is_no_8_bit_image_is_refused(image: Any, message: str) -> None:
    with pytest.raises(CorruptionError, match=message):
        Corrupt("fog", 3)(image)
    with pytest.raises(CorruptionError, match=message):
        CorruptedDataset([(image, 0)], "fog", 3)[0]


def test_no_torch_is_needed() -> None:
    check = """
import sys
sys.modules["torch"] = None  # importing it fails
import numpy as np
from corruptions import Corrupt, CorruptedDataset
image = np.zeros((32, 32, 3), np.uint8)
assert CorruptedDataset([(image, 1)], "fog", 3)[0][0].shape == Corrupt("fog", 3)(image).shape == image.shape
"""
    subprocess.run([sys.executable, "-c", check], check=True)
