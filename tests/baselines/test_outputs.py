"""What the networks compute: each against a plain forward of its own, written from the papers with functions alone.

The plain forwards read the state dict and share no module, block or stage with the networks: a rectifier too few, a
residual of the wrong sign, another stride, padding or shortcut changes the logits. Weights are random, and so are the
statistics and shifts of the batch normalisations, which start out as the identity and would hide their order.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as f

from baselines import architectures


@dataclass
class Plain:
    """A state dict, and the few operations that networks are made of, by the names of their parameters."""

    state: dict[str, Tensor]
    training: bool

    def conv(
        self, x: Tensor, name: str, stride: int = 1, padding: int = 0, groups: int = 1
    ) -> Tensor:
        bias = self.state.get(f"{name}.bias")
        return f.conv2d(x, self.state[f"{name}.weight"], bias, stride, padding, groups=groups)

    def norm(self, x: Tensor, name: str) -> Tensor:
        """Normalise by the batch in training, which moves the running statistics by a tenth; else by those."""
        mean, var, weight, bias = (
            self.state[f"{name}.{part}"]
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        return f.batch_norm(x, mean, var, weight, bias, self.training, 0.1, 1e-5)

    def norm_relu(self, x: Tensor, name: str) -> Tensor:
        return self.norm(x, name).clamp(min=0)

    def linear(self, x: Tensor, name: str) -> Tensor:
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]


Forward = Callable[[Plain, Tensor], Tensor]


def resnet(depth: int) -> Forward:
    """He et al. 2016, section 4.2: 6 n + 2 layers, identity shortcuts that drop pixels and pad channels with zeros."""

    def forward(net: Plain, x: Tensor) -> Tensor:
        x = net.norm_relu(net.conv(x, "conv1", padding=1), "bn1")
        for stage in (1, 2, 3):
            for number in range((depth - 2) // 6):
                at, stride = f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1
                y = net.norm_relu(net.conv(x, f"{at}.conv1", stride, 1), f"{at}.bn1")
                y = net.norm(net.conv(y, f"{at}.conv2", 1, 1), f"{at}.bn2")
                if stride == 2:
                    zeros = torch.zeros(len(x), x.shape[1] // 2, *y.shape[2:], dtype=x.dtype)
                    x = torch.cat([zeros, x[:, :, ::2, ::2], zeros], 1)
                x = (x + y).clamp(min=0)
        return net.linear(x.mean((2, 3)), "linear")

    return forward


def resnet18(net: Plain, x: Tensor) -> Tensor:
    """He et al. 2016, table 1, with the stem for small images; shortcuts are projections where the shape changes."""
    x = net.norm_relu(net.conv(x, "conv1", padding=1), "bn1")
    for stage in (1, 2, 3, 4):
        for number in (0, 1):
            at, stride = f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1
            y = net.norm_relu(net.conv(x, f"{at}.conv1", stride, 1), f"{at}.bn1")
            y = net.norm(net.conv(y, f"{at}.conv2", 1, 1), f"{at}.bn2")
            if stride == 2:
                x = net.norm(net.conv(x, f"{at}.shortcut.0", 2), f"{at}.shortcut.1")
            x = (x + y).clamp(min=0)
    return net.linear(x.mean((2, 3)), "linear")


def resnext29(net: Plain, x: Tensor) -> Tensor:
    """Xie et al. 2017, figure 3c: 1 x 1, 3 x 3 in four groups with the stride, 1 x 1; three blocks a stage."""
    x = net.norm_relu(net.conv(x, "conv_1_3x3", padding=1), "bn_1")
    for stage in (1, 2, 3):
        for number in (0, 1, 2):
            at, stride = f"stage_{stage}.{number}", 2 if stage > 1 and number == 0 else 1
            y = net.norm_relu(net.conv(x, f"{at}.conv_reduce"), f"{at}.bn_reduce")
            y = net.norm_relu(net.conv(y, f"{at}.conv_conv", stride, 1, groups=4), f"{at}.bn")
            y = net.norm(net.conv(y, f"{at}.conv_expand"), f"{at}.bn_expand")
            if number == 0:
                x = net.norm(net.conv(x, f"{at}.downsample.0", stride), f"{at}.downsample.1")
            x = (x + y).clamp(min=0)
    return net.linear(x.mean((2, 3)), "classifier")


def wide_resnet(depth: int, dropout: float = 0.0) -> Forward:
    """Zagoruyko & Komodakis 2016, figure 1: normalise, rectify, convolve, twice; projections start after the first."""

    def forward(net: Plain, x: Tensor) -> Tensor:
        x = net.conv(x, "conv1", padding=1)
        for stage in (1, 2, 3):
            for number in range((depth - 4) // 6):
                at, stride = f"block{stage}.layer.{number}", 2 if stage > 1 and number == 0 else 1
                active = net.norm_relu(x, f"{at}.bn1")
                y = net.norm_relu(net.conv(active, f"{at}.conv1", stride, 1), f"{at}.bn2")
                if dropout:
                    y = f.dropout(y, dropout, net.training)
                y = net.conv(y, f"{at}.conv2", 1, 1)
                x = y + (net.conv(active, f"{at}.conv_shortcut", stride) if number == 0 else x)
        return net.linear(net.norm_relu(x, "bn1").mean((2, 3)), "fc")

    return forward


def densenet(layers: int, bottleneck: bool) -> Forward:
    """Huang et al. 2017, section 3: every layer appends to what it read; transitions average 2 x 2 places."""

    def forward(net: Plain, x: Tensor) -> Tensor:
        x = net.conv(x, "conv1", padding=1)
        for block in (1, 2, 3):
            for number in range(layers):
                at = f"dense{block}.{number}"
                y = net.norm_relu(x, f"{at}.bn1")
                if bottleneck:
                    y = net.conv(
                        net.norm_relu(net.conv(y, f"{at}.conv1"), f"{at}.bn2"), f"{at}.conv2", 1, 1
                    )
                else:
                    y = net.conv(y, f"{at}.conv1", 1, 1)
                x = torch.cat([x, y], 1)
            if block < 3:
                x = net.conv(net.norm_relu(x, f"trans{block}.bn1"), f"trans{block}.conv1")
                height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
                x = sum(x[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)) / 4
        return net.linear(net.norm_relu(x, "bn1").mean((2, 3)), "fc")

    return forward


def allconvnet(net: Plain, x: Tensor) -> Tensor:
    """Springenberg et al. 2015 as AugMix's code has it: x sigmoid(1.702 x), and its padded 1 x 1 convolutions."""
    numbers = {0: 1, 3: 1, 6: 1, 11: 1, 14: 1, 17: 1, 22: 0, 25: 1, 28: 1}  # convolution -> padding
    for number, padding in numbers.items():
        if number in (11, 22):  # of an odd map the last row and column are left out
            height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
            parts = [x[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]
            x = f.dropout(torch.stack(parts).amax(0), 0.5, net.training)
        x = net.norm(net.conv(x, f"features.{number}", padding=padding), f"features.{number + 1}")
        x = x / (1 + torch.exp(-1.702 * x))
    return net.linear(x[:, :, :-2, :-2].mean((2, 3)), "classifier")


def digits_cnn(net: Plain, x: Tensor) -> Tensor:
    """Three convolutions, the first two with a stride of two."""
    for number, stride in ((0, 2), (3, 2), (6, 1)):
        x = net.norm_relu(net.conv(x, f"features.{number}", stride, 1), f"features.{number + 1}")
    return net.linear(x.mean((2, 3)), "classifier")


def verified(stages: int, side: int) -> Forward:
    """Wang et al. 2021, resnet2b and resnet4b: no normalisation, two linear layers."""

    def forward(net: Plain, x: Tensor) -> Tensor:
        x = net.conv(x, "conv1", 2, 1).clamp(min=0)
        for stage in range(1, stages + 1):
            for number in (0, 1):
                at, stride = f"layer{stage}.{number}", 2 - number
                y = net.conv(x, f"{at}.conv1", stride, 1).clamp(min=0)
                y = net.conv(y, f"{at}.conv2", 1, 1)
                x = (y + (net.conv(x, f"{at}.shortcut.0", 2) if number == 0 else x)).clamp(min=0)
        x = f.adaptive_avg_pool2d(x, side)
        return net.linear(net.linear(x.flatten(1), "linear1").clamp(min=0), "linear2")

    return forward


PLAIN: dict[str, Forward] = {
    **{f"resnet{depth}": resnet(depth) for depth in (20, 32, 44, 56)},
    "resnet18": resnet18,
    "resnext29": resnext29,
    **{f"wrn-{depth}-{wide}": wide_resnet(depth) for depth, wide in ((40, 2), (40, 4), (28, 10))},
    **{
        f"wrn-{depth}-{wide}-dropout": wide_resnet(depth, 0.3)
        for depth, wide in ((40, 4), (28, 10))
    },
    "densenet": densenet(12, bottleneck=False),
    "densenet-bc-100-12": densenet(16, bottleneck=True),
    "allconvnet": allconvnet,
    "digits_cnn": digits_cnn,
    "resnet2b": verified(1, 8),
    "resnet4b": verified(2, 4),
}
SIZES = {"resnet2b": (36, 40), "resnet4b": (36, 40)}  # the others pool whatever map is left


def drawn(name: str) -> nn.Module:
    """Return a network in float64 whose weights, shifts and statistics are all random."""
    with torch.device("meta"):  # starting weights take longer than the rest
        network = architectures.create(name, 7)
    network = network.double().to_empty(device="cpu")
    random = torch.Generator().manual_seed(sum(map(ord, name)))

    def normal(like: Tensor, std: float) -> Tensor:
        return std * torch.randn(like.shape, generator=random, dtype=like.dtype)

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                for each in (module.weight, module.running_var):
                    each.copy_(0.6 + torch.rand(each.shape, generator=random))
                for each in (module.bias, module.running_mean):
                    each.copy_(normal(each, 0.3))
            elif isinstance(module, nn.Conv2d | nn.Linear):
                fan_in = module.weight[0].numel()
                module.weight.copy_(normal(module.weight, (2 / fan_in) ** 0.5))
                if module.bias is not None:
                    module.bias.copy_(normal(module.bias, 0.3))
    return network


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", sorted(architectures.registry()))
def test_a_network_computes_what_its_paper_says(name: str, training: bool) -> None:
    network = drawn(name).train(training)
    size = SIZES.get(name, (13, 16))
    images = torch.randn(
        3, 3, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    plain = Plain({key: value.clone() for key, value in network.state_dict().items()}, training)
    with torch.inference_mode():
        torch.manual_seed(0)  # of dropout
        logits = network(images)
        torch.manual_seed(0)
        expected = PLAIN[name](plain, images)
    assert logits.shape == (3, 7)
    torch.testing.assert_close(logits, expected, rtol=1e-9, atol=1e-9 * expected.abs().max().item())
    for key, value in network.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            torch.testing.assert_close(value, plain.state[key], rtol=1e-9, atol=1e-9)


# Logits of published weights for a picture whose value is 0 at the top left and 1 at the bottom right of every channel.
PUBLISHED = {
    "resnet20-12fca82f.th": (
        "resnet20",
        (3.1300, -2.0119, 1.4284, 3.3031, -0.8458, -0.8171, -0.1617, -1.2299, 0.4561, -3.2792),
    ),
    "resnet2b.pth": (
        "resnet2b",
        (2.4881, -3.6545, 2.0721, 0.9281, 0.9485, 0.7362, -0.3402, -1.8333, 1.2779, -2.6230),
    ),
    "resnet4b.pth": (
        "resnet4b",
        (2.3419, -3.3399, 1.3655, 1.3913, 0.9866, 0.7844, 0.3503, -2.7502, 2.0217, -3.0536),
    ),
}


@pytest.mark.parametrize("file", sorted(PUBLISHED))
def test_published_weights_give_the_logits_that_they_gave(file: str) -> None:
    path = Path(os.environ.get("ROBENCH_DATA", "")) / "weights" / file
    if not path.is_file():
        pytest.skip(f"ROBENCH_DATA does not name a folder that holds weights/{file}")
    content = torch.load(path, map_location="cpu", weights_only=True)
    state = content.get("state_dict", content)
    name, expected = PUBLISHED[file]
    network = architectures.create(name, 10).eval()
    network.load_state_dict({key.removeprefix("module."): value for key, value in state.items()})
    ramp = (torch.arange(32)[:, None] + torch.arange(32)) / 62
    with torch.inference_mode():
        logits = network(ramp.expand(1, 3, 32, 32))[0]
    torch.testing.assert_close(logits, torch.tensor(expected), rtol=0, atol=2e-4)
