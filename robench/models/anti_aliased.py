"""``anti-aliased:NAME``: the variant of a network that blurs before it subsamples (MaxBlur pooling)."""

from torch import nn

from baselines.architectures.anti_aliased import anti_aliased
from robench.models import architecture


def build(name: str, classes: int) -> nn.Module:
    """Build the variant of a network of ours or, as ``torchvision:NAME``, of a ResNet of torchvision."""
    return anti_aliased(architecture.build(name, classes))


ARCHITECTURE_LIBRARIES = {"anti-aliased": build}
