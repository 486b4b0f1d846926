"""Style transfer by adaptive instance normalization (AdaIN): one picture's content, another's statistics.

Source: Huang & Belongie 2017, "Arbitrary Style Transfer in Real-Time with Adaptive Instance
Normalization", equation 8 and section 5. The networks' layers are numbered as in the PyTorch port from
which weights are published, so that those load: a VGG-19 with a first layer that normalizes, up to
relu4_1, and its mirror image as decoder.
"""

import torch
from torch import Tensor, nn

EPSILON = 1e-5
# Of the encoder's 3 x 3 convolutions up to relu4_1; "pool" halves height and width.
ENCODER = (64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool", 512)
DECODER = (256, "double", 256, 256, 256, 128, "double", 128, 64, "double", 64, 3)
MIN_SIDE_PX = 16  # two pixels a side are left at relu4_1, of which a reflected border needs one


def encoder() -> nn.Sequential:
    """Return VGG-19 up to relu4_1 for images in [0, 1], without weights worth having."""
    layers: list[nn.Module] = [nn.Conv2d(3, 3, 1)]
    channels = 3
    for entry in ENCODER:
        if isinstance(entry, str):
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        else:
            layers += _convolution(channels, entry)
            channels = entry
    return nn.Sequential(*layers)


def decoder() -> nn.Sequential:
    """Return the mirror image of the encoder, which makes images of features."""
    layers: list[nn.Module] = []
    channels = 512
    for entry in DECODER:
        if isinstance(entry, str):
            layers.append(nn.Upsample(scale_factor=2))
        else:
            layers += _convolution(channels, entry)
            channels = entry
    return nn.Sequential(*layers[:-1])  # the image itself is not rectified


def adain(content: Tensor, style: Tensor) -> Tensor:
    """Give each channel of ``content`` the mean and standard deviation that it has in ``style``.

    Args:
        content, style: float (N, C, H, W), of any heights and widths with at least two places.

    Returns:
        float, the shape of ``content``.
    """
    (mean, deviation), (other_mean, other_deviation) = _statistics(content), _statistics(style)
    return (content - mean) / deviation * other_deviation + other_mean


@torch.inference_mode()
def stylized(
    networks: tuple[nn.Module, nn.Module], content: Tensor, style: Tensor, alpha: float
) -> Tensor:
    """Draw images in the style of others.

    Args:
        networks: encoder and decoder.
        content, style: float32 (N, 3, H, W) in [0, 1], at least 16 pixels a side.
        alpha: 0 (only decoded again) to 1 (all of the style).

    Returns:
        float32 (N, 3, H, W) in [0, 1]; where H or W is no multiple of 8, the borders are cut off.
    """
    encode, decode = networks
    features = encode(content)
    mixed = alpha * adain(features, encode(style)) + (1 - alpha) * features
    height, width = content.shape[2:]
    result: Tensor = decode(mixed)[:, :, :height, :width].clamp(0, 1)
    return result


def _convolution(channels_in: int, channels_out: int) -> list[nn.Module]:
    return [nn.ReflectionPad2d(1), nn.Conv2d(channels_in, channels_out, 3), nn.ReLU()]


def _statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel of each image, the variance by n - 1."""
    variance = features.var(dim=(2, 3), keepdim=True) + EPSILON
    return features.mean(dim=(2, 3), keepdim=True), variance.sqrt()
