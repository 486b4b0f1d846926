from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchvision.transforms import functional

from robench.errors import RobenchError
from robench.models import NORMALISATIONS, Model, as_normalisation, chosen_normalisation
from robench.models.normalisation import recorded_normalisation

CPU = torch.device("cpu")


def test_preprocessing_is_torchvisions_to_the_bit() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    normalisation = NORMALISATIONS["imagenet"]
    seen = Model(lambda x: x.clone(), "echo", normalisation, "test").logits(images, CPU)
    for image, pixels in zip(images, seen, strict=True):
        tensor = functional.to_tensor(image)
        expected = functional.normalize(tensor, list(normalisation.mean), list(normalisation.std))
        assert torch.equal(pixels, expected)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_every_byte_becomes_the_same_float_by_way_of_the_table(name: str) -> None:
    every = np.tile(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), (3, 1, 1, 3))
    model = Model(lambda x: x.clone(), "echo", NORMALISATIONS[name], "test")
    mean, std = (
        torch.tensor(part).view(3, 1, 1)
        for part in (model.normalisation.mean, model.normalisation.std)
    )
    expected = (torch.from_numpy(every).permute(0, 3, 1, 2).float() / 255 - mean) / std
    every.flags.writeable = False
    for images in (every, every[:, ::-1], torch.from_numpy(every.copy())):
        pixels = model.logits(images, CPU)
        wanted = expected.flip(2) if np.asarray(images).strides[1] < 0 else expected
        assert torch.equal(pixels, wanted)
        assert pixels.is_contiguous(memory_format=torch.channels_last)
    assert model.logits(np.empty((0, 16, 16, 3), np.uint8), CPU).shape == (0, 3, 16, 16)


def test_images_are_not_changed() -> None:
    images = np.full((2, 16, 16, 3), 200, np.uint8)
    Model(lambda x: x.flatten(1), "echo", NORMALISATIONS["none"], "test").logits(images, CPU)
    assert (images == 200).all()


def test_a_flag_wins_and_says_so() -> None:
    by_name = chosen_normalisation("cifar-10")
    assert by_name is not None
    assert by_name.mean == NORMALISATIONS["cifar-10"].mean
    assert by_name.origin == "normalisation='cifar-10'"
    by_numbers = chosen_normalisation(None, (0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    assert by_numbers is not None
    assert by_numbers.mean == (0.1, 0.2, 0.3)
    assert chosen_normalisation() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("imagnet", None, None), "did you mean 'imagenet'"),
        (("half", (0, 0, 0), (1, 1, 1)), "not both"),
        ((None, (0, 0, 0), None), "go together"),
        ((None, (0, 0, 0), (1, 0, 1)), "every std must be positive"),
        ((None, (0, 0, float("nan")), (1, 1, 1)), "finite"),
    ],
)
def test_a_normalisation_that_makes_no_sense_is_refused(arguments: tuple, sentence: str) -> None:
    with pytest.raises(RobenchError, match=sentence):
        chosen_normalisation(*arguments)


def test_a_published_file_is_known_by_its_digest() -> None:
    found = recorded_normalisation("12fca82f" + 56 * "0", {})
    assert found is not None and found.mean == NORMALISATIONS["imagenet"].mean
    assert "akamaster/pytorch_resnet_cifar10 resnet20" in found.origin
    assert recorded_normalisation(64 * "0", {}) is None


PIXELS = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)


def three(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.mean((2, 3))


@pytest.mark.parametrize(
    "network",
    [
        lambda x: SimpleNamespace(logits=three(x), hidden=x),
        lambda x: {"features": x, "logits": three(x), "other": three(x)},
        lambda x: {"out": three(x), "features": x},
        lambda x: (three(x), x),
        lambda x: [x, three(x)],
    ],
)
def test_logits_are_found_in_what_a_network_gives(network: Callable) -> None:
    model = Model(network, "toy", NORMALISATIONS["none"], "test")
    expected = Model(three, "toy", NORMALISATIONS["none"], "test").logits(PIXELS, CPU)
    assert torch.equal(model.logits(PIXELS, CPU), expected)


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        (lambda x: (three(x), three(x)), r"a tuple of tensors of shapes \(4, 3\), \(4, 3\)"),
        (lambda x: {"a": x}, "a dict of tensors of shapes"),
        (lambda x: "cat", "gives a str; expected logits"),
        (lambda x: None, "gives a NoneType; expected logits"),
    ],
)
def test_what_does_not_say_where_its_logits_are_is_refused(
    network: Callable, sentence: str
) -> None:
    with pytest.raises(RobenchError, match=sentence):
        Model(network, "toy", NORMALISATIONS["none"], "test").logits(PIXELS, CPU)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_of_another_type_gets_pixels_of_it(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 3))
    expected = Model(network, "toy", NORMALISATIONS["half"], "test").logits(PIXELS, CPU)
    found = Model(network.to(kind), "toy", NORMALISATIONS["half"], "test").logits(PIXELS, CPU)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)


def test_in_python_a_normalisation_is_given_by_name_or_as_mean_and_std() -> None:
    half = NORMALISATIONS["half"]
    assert as_normalisation(half) is half
    assert as_normalisation(None) is None
    for given in ("half", (half.mean, half.std), (list(half.mean), np.array(half.std))):
        found = as_normalisation(given)
        assert found is not None
        assert (found.mean, found.std) == (half.mean, half.std)
    with pytest.raises(RobenchError, match="did you mean 'imagenet'"):
        as_normalisation("imagnet")
    for wrong in ((0.5, 0.5, 0.5), 0.5):
        with pytest.raises(RobenchError, match=r"expected normalisation=\(MEAN, STD\), got"):
            as_normalisation(wrong)  # type: ignore[arg-type]
