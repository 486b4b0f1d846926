import numpy as np
import pytest
import torch
from torchvision.transforms import functional

from robench.errors import RobenchError
from robench.models import NORMALIZATIONS, Model, chosen_normalization
from robench.models.normalization import recorded_normalization

CPU = torch.device("cpu")


def test_preprocessing_is_torchvisions_to_the_bit() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    normalization = NORMALIZATIONS["imagenet"]
    seen = Model(lambda x: x.clone(), "echo", normalization, "test").logits(images, CPU)
    for image, pixels in zip(images, seen, strict=True):
        tensor = functional.to_tensor(image)
        expected = functional.normalize(tensor, list(normalization.mean), list(normalization.std))
        assert torch.equal(pixels, expected)


def test_images_are_not_changed() -> None:
    images = np.full((2, 16, 16, 3), 200, np.uint8)
    Model(lambda x: x.flatten(1), "echo", NORMALIZATIONS["none"], "test").logits(images, CPU)
    assert (images == 200).all()


def test_a_flag_wins_and_says_so() -> None:
    by_name = chosen_normalization("cifar-10")
    assert by_name is not None
    assert by_name.mean == NORMALIZATIONS["cifar-10"].mean
    assert by_name.origin == "--normalization cifar-10"
    by_numbers = chosen_normalization(None, (0.1, 0.2, 0.3), (1, 2, 3))
    assert by_numbers is not None
    assert by_numbers.mean == (0.1, 0.2, 0.3)
    assert chosen_normalization() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("imagnet", None, None), "did you mean 'imagenet'"),
        (("half", (0, 0, 0), (1, 1, 1)), "not both"),
        ((None, (0, 0, 0), None), "go together"),
        ((None, (0, 0, 0), (1, 0, 1)), "std positive"),
        ((None, (0, 0, float("nan")), (1, 1, 1)), "finite"),
    ],
)
def test_a_normalization_that_makes_no_sense_is_refused(arguments: tuple, sentence: str) -> None:
    with pytest.raises(RobenchError, match=sentence):
        chosen_normalization(*arguments)


def test_a_published_file_is_known_by_its_digest() -> None:
    found = recorded_normalization("resnet20.th", "12fca82f" + 56 * "0", {})
    assert found.mean == NORMALIZATIONS["imagenet"].mean
    assert "akamaster/pytorch_resnet_cifar10 resnet20" in found.origin
    with pytest.raises(RobenchError, match="does not record how its images were normalized"):
        recorded_normalization("other.th", 64 * "0", {})
