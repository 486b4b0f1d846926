"""Every network has the size of its paper, the names of its published weights, and the right output."""

import pytest
import torch

from baselines import architectures
from robench.errors import RobenchError

# Counted by hand or printed by the papers; 10 classes.
PARAMETERS = {
    "allconvnet": 1_409_674,
    "densenet": 1_059_298,
    "densenet-bc-100-12": 769_162,
    "digits_cnn": 57_130,
    "resnet18": 11_173_962,
    "resnet20": 269_722,
    "resnet2b": 112_006,
    "resnet32": 464_154,
    "resnet44": 658_586,
    "resnet4b": 123_734,
    "resnet56": 853_018,
    "resnext29": 6_807_882,
    "wrn-28-10": 36_479_194,
    "wrn-40-2": 2_243_546,
    "wrn-40-4": 8_949_210,
    "wrn-40-4-dropout": 8_949_210,
    "wrn-28-10-dropout": 36_479_194,
}
# Published weights are loaded by name: the first, one inner and the last parameter of each.
PUBLISHED_NAMES = {
    "allconvnet": ("features.0.weight", "features.26.running_var", "classifier.bias"),
    "densenet": ("conv1.weight", "dense2.11.bn1.running_mean", "fc.bias"),
    "densenet-bc-100-12": ("conv1.weight", "dense3.15.conv2.weight", "fc.bias"),
    "resnet20": ("conv1.weight", "layer3.2.bn2.running_var", "linear.bias"),
    "resnet18": ("conv1.weight", "layer2.0.shortcut.1.weight", "linear.bias"),
    "resnet2b": ("conv1.weight", "layer1.0.shortcut.0.weight", "linear2.bias"),
    "resnet4b": ("conv1.weight", "layer2.1.conv2.bias", "linear2.bias"),
    "resnext29": ("conv_1_3x3.weight", "stage_2.0.downsample.0.weight", "classifier.bias"),
    "wrn-40-2": ("conv1.weight", "block2.layer.0.conv_shortcut.weight", "fc.bias"),
}
FAST = sorted(set(PARAMETERS) - {"wrn-28-10", "wrn-28-10-dropout"})


@pytest.mark.parametrize("name", sorted(architectures.registry()))
def test_a_network_has_the_published_number_of_parameters(name: str) -> None:
    network = architectures.create(name, 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("size", [(32, 32), (40, 48)])
def test_a_network_gives_logits_for_any_size_from_32_pixels(
    name: str, size: tuple[int, int]
) -> None:
    network = architectures.create(name, 7).eval()
    with torch.inference_mode():
        logits = network(torch.zeros(2, 3, *size))
    assert logits.shape == (2, 7)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", ["resnet20", "allconvnet", "densenet", "digits_cnn"])
def test_an_image_gets_its_own_logits_in_any_batch(name: str) -> None:
    torch.manual_seed(0)
    network = architectures.create(name, 10).eval()
    images = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together, alone = network(images)[1:2], network(images[1:2])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", sorted(PUBLISHED_NAMES))
def test_the_parameters_have_the_names_of_published_weights(name: str) -> None:
    names = list(architectures.create(name, 10).state_dict())
    first, inner, last = PUBLISHED_NAMES[name]
    assert names[0] == first
    assert names[-1] == last
    assert inner in names


def test_option_a_shortcuts_pad_both_sides_of_the_channels() -> None:
    block = architectures.create("resnet20", 10).layer2[0].eval()
    torch.nn.init.zeros_(block.conv2.weight)
    image = torch.rand(1, 16, 8, 8)
    with torch.inference_mode():
        out = block(image)
    torch.testing.assert_close(out[:, 8:24], image[:, :, ::2, ::2])
    assert not out[:, :8].any()
    assert not out[:, 24:].any()


def test_allconvnet_does_not_look_at_the_last_rows_of_its_map() -> None:
    pooling = architectures.create("allconvnet", 10).features[-1]
    feature_map = torch.zeros(1, 1, 10, 10)
    feature_map[:, :, :8, :8] = 1
    assert pooling(feature_map).item() == 1


def test_unknown_names_and_too_few_classes_are_refused() -> None:
    with pytest.raises(RobenchError, match="did you mean 'resnext29'"):
        architectures.create("resnext28", 10)
    with pytest.raises(RobenchError, match="at least 2 classes, got 1"):
        architectures.create("resnet20", 1)


def test_dropout_acts_in_training_only_and_has_no_parameters() -> None:
    torch.manual_seed(0)
    plain, dropping = (architectures.create(f"wrn-40-4{end}", 10) for end in ("", "-dropout"))
    dropping.load_state_dict(plain.state_dict())
    image = torch.rand(2, 16, 8, 8)
    block, same_block = plain.block1.layer[0], dropping.block1.layer[0]
    with torch.inference_mode():
        assert torch.equal(block.eval()(image), same_block.eval()(image))
        plain_out, dropped = block.train()(image), same_block.train()(image)
        assert torch.equal(plain_out, block(image))
        assert not torch.equal(dropped, same_block(image))
