"""The starting weights that the CIFAR networks of the AugMix paper share."""

import math

from torch import nn


def he_initialise(network: nn.Module) -> None:
    """Draw the convolutions from a normal distribution of variance 2 / (kernel area x output channels).

    Normalizations start as the identity and biases of linear layers at zero, in place.

    Source: He et al. 2015, "Delving Deep into Rectifiers", equation 14 (variance of the backward signal).
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            height, width = module.kernel_size
            nn.init.normal_(module.weight, 0, math.sqrt(2 / (height * width * module.out_channels)))
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
