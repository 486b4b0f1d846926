"""Anti-aliased networks: the filter, what is rewritten, that weights fit, and that shifts matter less."""

import pytest
import torch
from torch import Tensor, nn

from baselines import architectures
from baselines.architectures.anti_aliased import BlurPool, BlurredConv2d, anti_aliased
from baselines.architectures.subsample import Subsample
from robench.errors import RobenchError
from robench.models.architecture import build

FAST = sorted(set(architectures.registry()) - {"wrn-28-10"})


def test_the_filter_sums_to_one_and_is_binomial() -> None:
    kernel = BlurPool(2).kernel[0, 0]
    assert kernel.sum().item() == 1
    assert kernel[0, 0].item() == 1 / 64
    assert kernel[1, 2].item() == 9 / 64
    assert torch.equal(kernel, kernel.T)


def test_blurring_follows_hand_arithmetic() -> None:
    row = torch.tensor([8.0, 0, 16, 24, 0, 8])
    image = row.expand(1, 2, 6, 6).clone()
    out = BlurPool(2)(image)
    assert out.shape == (1, 2, 3, 3)
    # Reflected: 0 | 8 0 16 24 0 8 | 0 24. (0 + 24 + 0 + 16) / 8, (0 + 48 + 72 + 0) / 8, (24 + 0 + 24 + 0) / 8
    torch.testing.assert_close(out[0, 1, 0], torch.tensor([5.0, 15, 6]))
    flat = torch.full((1, 3, 7, 5), 0.3)
    torch.testing.assert_close(BlurPool(2)(flat), torch.full((1, 3, 4, 3), 0.3))


def test_rewritten_parts_are_the_old_ones_and_a_blur() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 4, 12, 12)
    convolution = nn.Conv2d(4, 6, 3, padding=1, groups=2)
    blurred = BlurredConv2d(convolution, 2)
    torch.testing.assert_close(blurred(x), convolution(BlurPool(2)(x)))
    pool = architectures.create("allconvnet", 10).features[9]
    assert isinstance(pool, nn.MaxPool2d)
    dense = nn.functional.max_pool2d(x, 2, stride=1)
    rewritten = anti_aliased(architectures.create("allconvnet", 10)).features[9]
    torch.testing.assert_close(rewritten(x), BlurPool(2)(dense))


@pytest.mark.parametrize("name", FAST)
def test_weights_fit_both_variants_and_the_shapes_stay(name: str) -> None:
    plain, blurred = architectures.create(name, 7), build(f"anti-aliased:{name}", 7)
    assert list(blurred.state_dict()) == list(plain.state_dict())
    blurred.load_state_dict(plain.state_dict())
    image = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        logits, others = plain.eval()(image), blurred.eval()(image)
    assert others.shape == logits.shape
    assert not torch.equal(others, logits)


@pytest.mark.parametrize("name", [*FAST, "torchvision:resnet18", "torchvision:resnet50"])
def test_no_stride_is_left_but_that_of_a_first_convolution(name: str) -> None:
    network = build(f"anti-aliased:{name}", 10)
    left = {
        where
        for where, module in network.named_modules()
        if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d | Subsample)
        and module.stride not in (1, (1, 1))
    }
    assert left <= {"conv1"}
    assert any(isinstance(module, BlurPool) for module in network.modules())


def test_a_torchvision_resnet_blurs_where_the_published_code_does() -> None:
    network = build("anti-aliased:torchvision:resnet50", 10)
    assert isinstance(network.layer2[0].conv3, BlurredConv2d)
    assert network.layer2[0].conv2.stride == (1, 1)
    assert isinstance(network.layer2[0].downsample[0], BlurredConv2d)
    assert network.layer2[0].downsample[0].stride == (1, 1)
    assert not isinstance(network.layer2[1].conv3, BlurredConv2d)
    assert network.maxpool[0].stride == 1
    assert isinstance(network.maxpool[1], BlurPool)
    assert sum(p.numel() for p in network.parameters()) == sum(
        p.numel() for p in build("torchvision:resnet50", 10).parameters()
    )


def inconsistency(network: nn.Module) -> float:
    """Return how much features move when the image is shifted by a pixel, relative to their spread."""
    images = torch.randn(16, 3, 40, 40, generator=torch.Generator().manual_seed(0))

    def features(shift: int) -> Tensor:
        return network(images[:, :, shift : 32 + shift, shift : 32 + shift])

    with torch.inference_mode():
        still, moved = features(4), features(5)
    return ((still - moved).pow(2).mean() / still.var(dim=0).mean()).item()


@pytest.mark.parametrize("name", ["resnet20", "allconvnet", "digits_cnn"])
def test_shifts_matter_less(name: str) -> None:
    torch.manual_seed(0)
    plain = architectures.create(name, 10)
    plain(torch.randn(64, 3, 32, 32))  # statistics for the batch norms
    blurred = build(f"anti-aliased:{name}", 10)
    blurred.load_state_dict(plain.state_dict())
    blurred(torch.randn(64, 3, 32, 32))
    assert inconsistency(blurred.eval()) < 0.8 * inconsistency(plain.eval())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torchvision:mobilenet_v2", "torchvision's ResNets, not MobileNetV2"),
        ("anti-aliased:resnet20", "CifarResNet has nothing to anti-alias"),
        ("resnet21", "unknown architecture 'resnet21'; did you mean"),
    ],
)
def test_other_networks_are_refused(name: str, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        build(f"anti-aliased:{name}", 10)
