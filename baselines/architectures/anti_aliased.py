"""Networks that blur before they subsample, so that they depend less on where an image begins.

Source: Zhang 2019, "Making Convolutional Networks Shift-Invariant Again", section 3.2, and its published
code, with that code's default filter (1, 3, 3, 1) / 8 in both directions and reflected borders:

* a maximum over a window with a stride becomes one without, then a blur with the stride ("MaxBlurPool");
* a convolution with a stride and its activation lose the stride, then comes a blur with it;
* an average with a stride, and a shortcut that leaves out pixels, become a blur with the stride.

As there, a first convolution with a stride keeps it, for without it would cost four times as much. Other
than there, a ResNet's maximum keeps its window of 3 pixels, for which the code has 2. No parameter is
added, renamed or reshaped: weights fit a network and its anti-aliased variant alike.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.architectures.subsample import Subsample
from robench.errors import RobenchError

BINOMIAL = (1.0, 3.0, 3.0, 1.0)
BEFORE, AFTER = 1, 2  # pixels of border, for an output of ceil(size / stride)


class BlurPool(nn.Module):
    """Blur with a binomial filter, then keep every ``stride``-th pixel of every ``stride``-th row."""

    kernel: Tensor

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride
        row = torch.tensor(BINOMIAL, device="cpu")
        kernel = torch.outer(row, row)
        # Not in the state dict: it is no parameter, and weights shall fit both variants.
        self.register_buffer("kernel", (kernel / kernel.sum())[None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C, ceil(H / stride), ceil(W / stride)); H and W at least 3."""
        channels = x.shape[1]
        padded = functional.pad(x, (BEFORE, AFTER, BEFORE, AFTER), mode="reflect")
        kernel = self.kernel.to(x.dtype).expand(channels, 1, -1, -1)
        return functional.conv2d(padded, kernel, stride=self.stride, groups=channels)


class BlurredConv2d(nn.Conv2d):
    """A convolution of the blurred and subsampled input; it has the parameters of the one it replaces."""

    def __init__(self, convolution: nn.Conv2d, stride: int) -> None:
        super().__init__(
            convolution.in_channels,
            convolution.out_channels,
            convolution.kernel_size,  # type: ignore[arg-type]
            convolution.stride,  # type: ignore[arg-type]
            convolution.padding,  # type: ignore[arg-type]
            convolution.dilation,  # type: ignore[arg-type]
            convolution.groups,
            convolution.bias is not None,
            device="meta",  # the parameters are replaced at once
        )
        self.weight, self.bias = convolution.weight, convolution.bias
        self.blur = BlurPool(stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the convolution of (N, C, ceil(H / stride), ceil(W / stride))."""
        return super().forward(self.blur(x))


def anti_aliased(network: nn.Module) -> nn.Module:
    """Rewrite a network of this package, or a ResNet of torchvision, in place, and return it.

    Raises RobenchError for another network, and for one that is so already or has no stride.
    """
    from torchvision.models import ResNet

    if not (type(network).__module__.startswith("baselines.") or isinstance(network, ResNet)):
        raise RobenchError(
            f"anti-aliased takes robench's networks and torchvision's ResNets, not {type(network).__name__}"
        )
    rewritten = [_rewrite(module) for module in list(network.modules())]
    if not any(rewritten):
        raise RobenchError(
            f"{type(network).__name__} has nothing to anti-alias: no strides, or blurred already"
        )
    return network


def _rewrite(module: nn.Module) -> bool:
    """Rewrite the direct children of a module; return whether there was anything to do."""
    names, done = [name for name, _ in module.named_children()], False
    for place, name in enumerate(names):
        child = module.get_submodule(name)
        stride = _stride(child)
        if stride == 1:
            continue
        if isinstance(child, nn.MaxPool2d):
            child.stride = 1
            setattr(module, name, nn.Sequential(child, BlurPool(stride)))
        elif isinstance(child, nn.AvgPool2d | Subsample):
            setattr(module, name, BlurPool(stride))
        elif not _move_stride(module, name, names[place + 1 :], stride):
            continue
        done = True
    return done


def _stride(module: nn.Module) -> int:
    """Return the stride of what subsamples, else 1."""
    if not isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d | Subsample):
        return 1
    stride = module.stride
    return stride if isinstance(stride, int) else stride[0]


def _move_stride(module: nn.Module, name: str, later: list[str], stride: int) -> bool:
    """Take the stride of a convolution and blur with it before the next one, after the activation between.

    A convolution of single pixels that no other follows, in a shortcut, gets the blur before itself. A
    larger one that none follows is a network's first, and is left alone.
    """
    convolution = module.get_submodule(name)
    assert isinstance(convolution, nn.Conv2d)
    following = next((n for n in later if isinstance(module.get_submodule(n), nn.Conv2d)), None)
    # A shortcut comes after the main path's convolutions, but does not follow them.
    if (
        following is not None
        and module.get_submodule(following).in_channels != convolution.out_channels
    ):
        following = None
    target = following or (name if convolution.kernel_size == (1, 1) else None)
    if target is None:
        return False
    convolution.stride = (1, 1)
    setattr(module, target, BlurredConv2d(module.get_submodule(target), stride))  # type: ignore[arg-type]
    return True
