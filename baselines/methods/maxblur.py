"""MaxBlur pooling: ordinary training of the network's anti-aliased variant.

Source: Zhang 2019, "Making Convolutional Networks Shift-Invariant Again"; a row of the AugMix paper's
table on ImageNet. See ``baselines.architectures.anti_aliased`` for what becomes of the network. Any other
method trains the same network as ``anti-aliased:NAME``.
"""

from dataclasses import dataclass

from baselines.methods.method import Method

PREFIX = "anti-aliased:"


@dataclass(frozen=True)
class MaxBlur(Method):
    """Cross-entropy on flipped and cropped images, by the network that blurs before it subsamples."""

    summary = (
        "ordinary training of the network's anti-aliased variant, which blurs, then subsamples"
    )

    def architecture(self, name: str) -> str:
        """Return the name of the anti-aliased variant."""
        return name if name.startswith(PREFIX) else PREFIX + name


METHODS = {"maxblur": MaxBlur}
